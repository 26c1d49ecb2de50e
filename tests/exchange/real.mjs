// Writes networks as files, and what they answer, into a folder for real.py, which has the real libraries judge them:
//   node tests/exchange/real.mjs <folder>

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encoder, SequenceClassifier } from 'engram';
import { fromPyTorch, toOnnx, toPyTorch } from 'engram/exchange';

import { SEED } from '../support/random.mjs';
import { graphs, stacks } from './networks.mjs';
import { bytes, stepsOf, vectors } from './support.mjs';

const folder = process.argv[2];
const wave = (length, size, shift) =>
  Array.from({ length }, (_, step) => Array.from({ length: size }, (_, at) => Math.sin(step * 2 + at + shift)));
const cases = [];

function add(name, network, sequences, { pytorch }) {
  const symbols = typeof sequences[0][0] === 'number';
  const file = `${cases.length}`;
  writeFileSync(join(folder, `${file}.onnx`), toOnnx(network));
  if (pytorch) writeFileSync(join(folder, `${file}.safetensors`), toPyTorch(network));
  const outputs = sequences.map((steps) => network.activateSequence(stepsOf(network.inputs(), steps)));
  cases.push({ name, file, pytorch, symbols, sequences, outputs });
}

for (const { name, network } of stacks(SEED, 20)) {
  const size = network.inputs();
  const embedded = network.layout.layers[1].name === 'embedding';
  const sequences = [6, 1, 9].map((length) =>
    embedded ? Array.from({ length }, (_, step) => (step * 3 + length) % size) : wave(length, size, length),
  );
  add(name, network, sequences, { pytorch: !/"before"|hard gates/.test(name) });
}
for (const [name, network] of Object.entries(graphs())) {
  add(name, network, [wave(6, 2, 0), wave(1, 2, 1), wave(9, 2, 2)], { pytorch: false });
}

// A model of PyTorch's, learning on here, in a worker, and going back.
const { file } = vectors('pytorch').cases.find(({ shape }) => shape.embedding === 0 && shape.outputs === 3);
const network = fromPyTorch(bytes(file), { output: 'softmax' });
const channels = network.inputs();
const classifier = SequenceClassifier.fromNetwork(network, {
  labels: ['a', 'b', 'c'],
  encoder: Encoder.numeric({ channels, normalize: false }),
  seed: 1,
});
const samples = Array.from({ length: 60 }, (_, index) => ({
  input: wave(3 + (index % 5), channels, index),
  label: ['a', 'b', 'c'][index % 3],
}));
await classifier.fit(samples, { epochs: 30, rate: 0.02 });
add(
  'fine-tuned',
  classifier.network,
  samples.map(({ input }) => input),
  { pytorch: true },
);
Object.assign(cases.at(-1), {
  labels: samples.map(({ label }) => 'abc'.indexOf(label)),
  accuracy: classifier.evaluate(samples).accuracy,
});
writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
