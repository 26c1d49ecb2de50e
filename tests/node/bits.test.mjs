// One seed gives the same bits, from one version of the source to the next: six trained networks with the
// hashes they had when this test was first written. A change that is meant to alter numbers says so in the
// changelog, and prints the new hashes here.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import {
  Architect,
  Encoder,
  Layer,
  Network,
  Neuron,
  SequenceClassifier,
  SequencePredictor,
  SequenceTagger,
  Trainer,
} from 'engram';

import { firstBit, XOR } from '../support/sets.mjs';

const hashOf = ({ memory, weights, biases }) =>
  createHash('sha256')
    .update(Float64Array.from(memory.subarray(0, weights.length + biases.length)))
    .digest('hex')
    .slice(0, 16);

const texts = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night', 'plum', 'sea'];
const waves = [1, 2, 3].map((speed) => Array.from({ length: 40 }, (_, step) => Math.sin(step / (2 + speed))));

/** How first weights were drawn by default when the hashes were made. */
const initializer = 'scaled';

/** Each gives a trained network. */
const networks = {
  'pairs by the online rule': async () => {
    const network = new Architect.LSTM(2, 3, 1, { seed: 6 });
    await new Trainer(network).trainAsync(XOR, { iterations: 200, error: -1, rate: 0.3, shuffle: true, seed: 7 });
    return network;
  },
  'a reservoir, on this thread': () => {
    const network = new Architect.Liquid(2, 12, 1, 30, 8, { seed: 5 });
    new Trainer(network).train(XOR, { iterations: 50, error: -1, rate: [0.2, 0.1], seed: 1 });
    return network;
  },
  'sequences in single precision, with what is held out': async () => {
    const network = new Architect.LSTM(1, 9, 2, { variant: 'standard', output: 'softmax', initializer, seed: 6 });
    const options = { iterations: 8, error: 0, seed: 7, validation: firstBit(11, 5), patience: 3, batchSize: 24 };
    await new Trainer(network).trainAsync(firstBit(90, 8), { ...options, warmUp: 2, decay: { type: 'cosine' } });
    return network;
  },
  'a bidirectional classifier of bits, with dropout, in double precision': async () => {
    const options = { labels: ['a', 'b'], encoder: Encoder.bits(), hidden: [7, 5], bidirectional: true, dropout: 0.2 };
    const classifier = new SequenceClassifier({ ...options, readout: 'last', initializer, seed: 3 });
    const samples = texts.map((input, index) => ({ input, label: index < 5 ? 'a' : 'b' }));
    await classifier.fit(samples, { epochs: 6, validation: 0.2, precision: 'f64', labelSmoothing: 0.1, threads: 2 });
    return classifier.network;
  },
  'a tagger of words, truncated': async () => {
    const tagger = new SequenceTagger({
      labels: ['x', 'y'],
      encoder: Encoder.tokens({ embedding: 4 }),
      initializer,
      seed: 4,
    });
    const samples = [
      { input: 'one two three four', labels: ['x', 'y', null, 'x'] },
      { input: 'four two', labels: ['y', 'x'] },
    ];
    await tagger.fit(samples, { epochs: 9, truncate: 2, optimizer: 'adamw', shuffle: false });
    return tagger.network;
  },
  'a predictor of series, by momentum and lengths': async () => {
    const predictor = new SequencePredictor({ hidden: [6], initializer, seed: 8 });
    const options = { epochs: 7, optimizer: 'momentum', rate: 0.01, groupByLength: true, validation: 0.34 };
    await predictor.fit([...waves, waves[0].slice(0, 21)], options);
    return predictor.network;
  },
};

const hashes = {
  'pairs by the online rule': '859d5aacb44eb6db',
  'a reservoir, on this thread': '5d9abdea7209b210',
  'sequences in single precision, with what is held out': '48ed5be618912b29',
  'a bidirectional classifier of bits, with dropout, in double precision': 'bea499361425f416',
  'a tagger of words, truncated': '34f18b22570917a3',
  'a predictor of series, by momentum and lengths': 'a0f827f2561c9c1a',
};

for (const [name, train] of Object.entries(networks)) {
  test(`the same bits: ${name}`, async (t) => {
    const hash = hashOf(await train());
    t.diagnostic(hash);
    assert.equal(hash, hashes[name]);
  });
}

test('the hyperbolic tangent has the bits that it has natively', () => {
  const [input, output] = [new Layer(1), new Layer(1)];
  output.set({ squash: Neuron.squash.TANH, bias: 0 });
  input.project(output, undefined, 1);
  const network = new Network({ input, output });
  // FNV-1a over the words; src/kernels/elementary.rs has the same sum of the native engine.
  const word = new DataView(new ArrayBuffer(8));
  let sum = 0xcbf29ce484222325n;
  for (let index = -4000; index <= 4000; index++) {
    word.setFloat64(0, network.activate([index / 777])[0]);
    sum = BigInt.asUintN(64, (sum ^ word.getBigUint64(0)) * 0x100000001b3n);
  }
  assert.equal(sum.toString(16), '8b7f0893eda7533f');
});
