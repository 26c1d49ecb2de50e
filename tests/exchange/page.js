// A page that makes a network by engram, writes it, and has onnxruntime-web answer in its place.

import { Architect } from '/pkg/dist/engram.js';
import { fromBrain, fromKeras, fromNeataptic, fromPyTorch, fromTfjs, toOnnx, toPyTorch } from '/pkg/dist/exchange.js';
import * as ort from '/tests/exchange/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';

ort.env.wasm.numThreads = 1;

const readers = { fromBrain, fromKeras, fromNeataptic, fromPyTorch, fromTfjs };

/** What a network answers to a sequence in the end, and what its ONNX model does. */
async function compare(network) {
  const size = network.inputs();
  const steps = Array.from({ length: 7 }, (_, step) =>
    Array.from({ length: size }, (_, at) => Math.sin(step + 2 * at)),
  );
  const session = await ort.InferenceSession.create(toOnnx(network, { input: 'vectors' }));
  const input = new ort.Tensor('float32', Float32Array.from(steps.flat()), [1, steps.length, size]);
  const lengths = new ort.Tensor('int32', Int32Array.of(steps.length), [1]);
  const { last } = await session.run({ input, lengths });
  return { engram: network.activateSequence(steps).at(-1), onnx: Array.from(last.data) };
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

globalThis.engramTests = {
  /** A network that is made in the page; of standard layers, the network that its PyTorch file gives. */
  compareMade(architect, options) {
    const made = new Architect[architect](2, 5, 3, options);
    return compare(options.output === undefined ? made : fromPyTorch(toPyTorch(made), { output: options.output }));
  },
  /** A network of another library's model as JSON, as a file in base64, or as both. */
  compareRead(reader, given, file) {
    return compare(readers[reader](...(file === undefined ? [given] : [...(given ? [given] : []), bytes(file)])));
  },
};
