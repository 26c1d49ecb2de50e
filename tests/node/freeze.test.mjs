// Layers that are held while the rest learns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, Trainer } from 'engram';

const set = Array.from({ length: 20 }, (_, index) => ({
  input: Array.from({ length: 2 + (index % 4) }, (_, step) => [Math.sin(index + step), Math.cos(index * step)]),
  output: index % 2 === 0 ? [1, 0] : [0, 1],
}));
const make = () =>
  new Architect.LSTM(2, 4, 3, 2, {
    variant: 'standard',
    bidirectional: true,
    embedding: 3,
    output: 'softmax',
    seed: 7,
  });

/** Weights and biases into each layer, by its name, `layer 0` and so on for those of recurrent ones. */
function parameters(network) {
  const { layers, blocks } = network.layout;
  const found = {};
  let [unit, block] = [-1, 0];
  for (const { name, first, size } of layers.slice(1)) {
    if (name === 'inputGate' || name === 'resetGate') unit++;
    const key = name === 'embedding' || name === 'output' ? name : `layer ${unit}`;
    found[key] ??= [];
    for (; blocks[block]?.to === name; block++) {
      const { offset, length } = blocks[block];
      found[key].push(...network.weights.slice(offset, offset + length));
    }
    found[key].push(...network.biases.slice(first, first + size));
  }
  return found;
}

test('what is frozen keeps its bits, and all else learns the bits that it would have learnt', async () => {
  // In double precision: a run in single precision rounds all that it has to it.
  const settings = { precision: 'f64', iterations: 1, batchSize: 20, optimizer: 'sgd', rate: 0.5, error: 0, seed: 1 };
  const start = parameters(make());
  const free = make();
  await new Trainer(free).trainAsync(set, settings);
  const names = ['embedding', 'layer 0', 'layer 1', 'output'];
  const learnt = parameters(free);
  for (const freeze of [['embedding'], ['layer 0'], ['layer 1', 'output'], ['embedding', 'layer 0', 'layer 1']]) {
    for (const train of ['train', 'trainAsync']) {
      const network = make();
      await new Trainer(network)[train](set, { ...settings, freeze });
      const now = parameters(network);
      for (const name of names) assert.deepEqual(now[name], freeze.includes(name) ? start[name] : learnt[name], name);
    }
  }
});

test('the next run thaws what the last one froze', () => {
  const network = make();
  new Trainer(network).train(set, { iterations: 1, error: 0, seed: 1, freeze: ['layer 0'] });
  const before = parameters(network);
  new Trainer(network).train(set, { iterations: 1, error: 0, seed: 1 });
  assert.notDeepEqual(parameters(network)['layer 0'], before['layer 0']);
});

test('the online rule leaves what is frozen, too', () => {
  const network = new Architect.LSTM(2, 3, 2, { seed: 3 });
  const pairs = set.map(({ input, output }) => ({ input: input[0], output }));
  const before = parameters(network);
  new Trainer(network).train(pairs, { iterations: 20, error: 0, freeze: ['layer 0'] });
  const now = parameters(network);
  assert.deepEqual(now['layer 0'], before['layer 0']);
  assert.notDeepEqual(now.output, before.output);
});

test('a classifier is fine-tuned with its first layers frozen', async () => {
  const samples = ['ab', 'abb', 'ba', 'baa'].map((input) => ({ input, label: input[0] }));
  const options = { labels: ['a', 'b'], encoder: Encoder.tokens({ embedding: 3, split: 'characters' }), hidden: [5] };
  const classifier = new SequenceClassifier({ ...options, seed: 1 });
  await classifier.fit(samples, { epochs: 2, precision: 'f32' });
  const before = parameters(classifier.network);
  await classifier.fit(samples, { epochs: 40, rate: 0.05, freeze: ['embedding', 'layer 0'] });
  const now = parameters(classifier.network);
  for (const name of ['embedding', 'layer 0']) assert.deepEqual(now[name], before[name]);
  assert.notDeepEqual(now.output, before.output);
});

test('wrong names are refused, and so is to freeze everything', () => {
  const train = (freeze) => () => new Trainer(make()).train(set, { freeze });
  assert.throws(train('output'), /^TypeError: Trainer.train: options.freeze is "output", expected an array/);
  assert.throws(train([3]), /^TypeError: Trainer.train: options.freeze\[0\] is 3/);
  assert.throws(
    train(['layer 2']),
    /options.freeze\[0\] is "layer 2", expected one of 'embedding', 'layer 0', 'layer 1', 'output'/,
  );
  assert.throws(train(['input']), /options.freeze\[0\] is "input"/);
  assert.throws(train(['embedding', 'layer 0', 'layer 1', 'output']), /^RangeError: .*names every layer/);
});
