// A page that makes a network by engram, writes it, and has onnxruntime-web answer in its place.

import { Architect } from '/pkg/dist/engram.js';
import { fromPyTorch, toOnnx, toPyTorch } from '/pkg/dist/exchange.js';
import * as ort from '/tests/exchange/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';

ort.env.wasm.numThreads = 1;
const steps = Array.from({ length: 7 }, (_, step) => [Math.sin(step), Math.cos(step)]);

globalThis.engramTests = {
  /** Outputs of a network, of the network that its PyTorch file gives, and of its ONNX model. */
  async compare(architect, options) {
    const made = new Architect[architect](2, 5, 3, options);
    const network = options.output === undefined ? made : fromPyTorch(toPyTorch(made));
    const session = await ort.InferenceSession.create(toOnnx(network));
    const input = new ort.Tensor('float32', Float32Array.from(steps.flat()), [1, steps.length, 2]);
    const lengths = new ort.Tensor('int32', Int32Array.of(steps.length), [1]);
    const { last } = await session.run({ input, lengths });
    return { engram: network.activateSequence(steps).at(-1), onnx: Array.from(last.data) };
  },
};
