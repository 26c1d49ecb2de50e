// Networks as ONNX models, run by onnxruntime-web. `npm run test:exchange` has them checked by onnx and run by
// onnxruntime in Python, too.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Architect } from 'engram';
import { toOnnx } from 'engram/exchange';

import { SEED } from '../support/random.mjs';
import { graphs, stacks } from './networks.mjs';
import { assertClose, stepsOf } from './support.mjs';

const ort = createRequire(import.meta.url)('onnxruntime-web');
ort.env.wasm.numThreads = 1;

/** Outputs of a model for sequences of any lengths, which it gets side by side. */
async function run(model, sequences, size) {
  const session = await ort.InferenceSession.create(model);
  const longest = Math.max(...sequences.map(({ length }) => length));
  const symbols = session.inputNames.includes('symbols');
  const padded = sequences.flatMap((steps) => [
    ...steps.flat(),
    ...new Array((longest - steps.length) * (symbols ? 1 : size)).fill(0),
  ]);
  const feeds = {
    lengths: new ort.Tensor(
      'int32',
      Int32Array.from(sequences, ({ length }) => length),
    ),
  };
  if (symbols) feeds.symbols = new ort.Tensor('int64', BigInt64Array.from(padded, BigInt), [sequences.length, longest]);
  else feeds.input = new ort.Tensor('float32', Float32Array.from(padded), [sequences.length, longest, size]);
  const { output, last } = await session.run(feeds);
  const outputs = last.dims.at(-1);
  const row = (data, at) => Array.from(data.slice(at * outputs, (at + 1) * outputs));
  return sequences.map((steps, index) => ({
    // With a read-out there is one answer.
    output: output ? steps.map((_, step) => row(output.data, index * longest + step)) : [row(last.data, index)],
    last: row(last.data, index),
  }));
}

async function compare(network, options, sequences) {
  const symbols = typeof sequences[0][0] === 'number';
  const given =
    symbols && options?.input === 'vectors' ? sequences.map((steps) => stepsOf(network.inputs(), steps)) : sequences;
  const said = await run(toOnnx(network, options), given, network.inputs());
  sequences.forEach((steps, index) => {
    const expected = network.activateSequence(stepsOf(network.inputs(), steps));
    assertClose(said[index].output, expected, 1e-5);
    assertClose(said[index].last, expected.at(-1), 1e-5);
  });
}

const wave = (length, size) =>
  Array.from({ length }, (_, step) => Array.from({ length: size }, (_, at) => Math.sin(step * 2 + at)));

for (const { name, network } of stacks(SEED)) {
  test(`${name} answers alike in onnxruntime-web`, async () => {
    const size = network.inputs();
    if (network.layout.layers[1].name === 'embedding') {
      const sequences = [5, 1, 3].map((length) => Array.from({ length }, (_, step) => (step * 3 + length) % size));
      await compare(network, undefined, sequences);
      await compare(network, { input: 'vectors' }, sequences);
    } else await compare(network, undefined, [wave(5, size), wave(1, size), wave(8, size)]);
  });
}

for (const [name, network] of Object.entries(graphs())) {
  test(`${name} answers alike in onnxruntime-web, by a Scan`, async () => {
    await compare(network, undefined, [wave(5, 2), wave(1, 2), wave(8, 2)]);
  });
}

test('what ONNX cannot tell, and wrong options, are refused', () => {
  const both = new Architect.LSTM(1, 2, 1, { variant: 'standard', bidirectional: true });
  both.layers.input.project(both.layers.output);
  assert.throws(() => toOnnx(both), /^TypeError: toOnnx: a bidirectional network/);
  assert.throws(
    () => toOnnx(new Architect.Perceptron(1, 1, 1), { input: 'symbols' }),
    /^RangeError: toOnnx: options.input/,
  );
  assert.throws(
    () => toOnnx(new Architect.Perceptron(1, 1, 1), { opset: 9 }),
    /^TypeError: toOnnx: options.opset is not known/,
  );
});
