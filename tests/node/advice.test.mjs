// What a run says of itself where it went wrong without failing, and that one that went right says nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, SequencePredictor, Trainer } from 'engram';

import { firstBit, XOR } from '../support/sets.mjs';

const WORSE = /is no better than that of always answering with/;
const SWINGS = /the error went up and down/;

/** Prices in hundreds, which a linear output reaches slowly or, at a high rate, never settles on. */
const prices = Array.from({ length: 100 }, (_, index) => {
  return { input: [index / 100, (index % 7) / 7], output: [400 + 50 * Math.sin(index / 9)] };
});
const mean = prices.reduce((sum, { output }) => sum + output[0], 0) / prices.length;
const variance = prices.reduce((sum, { output }) => sum + (output[0] - mean) ** 2, 0) / prices.length;
const linear = () => new Architect.Perceptron(2, 6, 1, { output: 'linear', seed: 1 });

test('a regression that is worse than the mean of its targets says so, with both errors', async () => {
  for (const how of ['train', 'trainAsync']) {
    const { error, advice } = await new Trainer(linear())[how](prices, { rate: 1e-4, iterations: 5 });
    assert.ok(error > variance);
    assert.match(advice, WORSE);
    assert.ok(advice.includes(`${error.toPrecision(3)}, is`), advice);
    assert.ok(advice.includes(`the mean of the targets, ${variance.toPrecision(3)}. `), advice);
    assert.match(advice, /Scale the targets .*lower the rate, or train for more iterations/);
  }
  const scaled = prices.map(({ input, output }) => ({ input, output: [(output[0] - mean) / Math.sqrt(variance)] }));
  const better = new Trainer(linear()).train(scaled, { rate: 0.05, iterations: 200, error: 0 });
  assert.ok(better.error < 0.9, `error ${better.error}`);
  assert.equal(better.advice, undefined);
});

test('a run that reached its error goal before it was better than the mean is told of the goal', () => {
  const small = prices.map(({ input, output }) => ({ input, output: [output[0] / 1e5] }));
  const { stopped, advice } = new Trainer(linear()).train(small, { rate: 0.1 });
  assert.equal(stopped, 'error');
  assert.match(advice, WORSE);
  assert.match(advice, /with a lower error goal/);
});

test('a classification that is worse than the shares of its classes says so', () => {
  // Three of four are of the first class.
  const set = firstBit(24, 6).map(({ input }, index) => ({ input, output: index % 4 === 0 ? [0, 1] : [1, 0] }));
  const network = new Architect.LSTM(1, 4, 2, { variant: 'standard', output: 'softmax', seed: 2 });
  const { advice, error } = new Trainer(network).train(set, { iterations: 1, rate: 1e-6, error: 0, seed: 1 });
  const entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
  assert.ok(error > entropy);
  assert.ok(advice.includes(`the targets' shares, ${entropy.toPrecision(3)}. Lower the rate`), advice);
});

test('weighted classes are judged by weighted shares', async () => {
  const samples = ['a', 'b', 'ab', 'ba', 'aab', 'bba'].map((input) => ({ input, label: input[0] }));
  const fit = (options) => {
    const classifier = new SequenceClassifier({
      labels: ['a', 'b'],
      encoder: Encoder.oneHot('ab'),
      hidden: [6],
      seed: 1,
    });
    return classifier.fit(samples, { classWeights: { a: 10, b: 30 }, ...options });
  };
  const { advice, error } = await fit({ epochs: 80, rate: 0.03 });
  assert.ok(error < 5, `error ${error}`);
  assert.equal(advice, undefined);
  // As much of both, at a mean weight of 20: shares of 1/4 and 3/4.
  const entropy = 20 * (-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75));
  const short = await fit({ epochs: 1, rate: 1e-6 });
  assert.ok(short.advice.includes(entropy.toPrecision(3)), short.advice);
});

test('a rate that makes the error go up and down is named', async () => {
  const words = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night'];
  const samples = words.map((input, index) => ({ input, label: index < 4 ? 'mine' : 'yours' }));
  const fit = (rate) => {
    const classifier = new SequenceClassifier({ labels: ['mine', 'yours'], encoder: Encoder.bits(), seed: 1 });
    return classifier.fit(samples, { epochs: 100, rate });
  };
  const { advice } = await fit(1);
  assert.match(advice, SWINGS);
  assert.match(advice, /A lower rate helps/);
  const calm = await fit(undefined);
  assert.equal(calm.accuracy, 1);
  assert.equal(calm.advice, undefined);
});

test('runs that learn have no advice', async () => {
  let learnt = 0;
  for (const rate of [0.2, 0.5, 1, 2]) {
    for (let seed = 1; seed <= 8; seed++) {
      for (const shuffle of [false, true]) {
        const network = new Architect.Perceptron(2, 3, 1, { seed });
        const { stopped, advice } = new Trainer(network).train(XOR, { rate, shuffle, seed, iterations: 100_000 });
        if (stopped !== 'error') continue;
        learnt++;
        assert.equal(advice, undefined, `XOR, rate ${rate}, seed ${seed}`);
      }
    }
  }
  assert.ok(learnt >= 40, `${learnt} learnt`);
  for (const [output, seed] of [
    ['softmax', 1],
    ['softmax', 2],
    ['logistic', 3],
  ]) {
    const network = new Architect.LSTM(1, 8, 2, { variant: 'standard', output, seed });
    const { advice } = new Trainer(network).train(firstBit(48, 8), { iterations: 100, error: 0, seed });
    assert.equal(advice, undefined, `first bit, ${output}`);
  }
  const wave = Array.from({ length: 200 }, (_, step) => Math.sin(step / 4));
  const fitted = await new SequencePredictor({ seed: 1, hidden: [8] }).fit([wave], { epochs: 60 });
  assert.equal(fitted.advice, undefined);
});

test('nothing is said where there is nothing to say it by', async () => {
  const network = () => new Architect.Perceptron(2, 3, 1, { seed: 1 });
  const short = { iterations: 30, rate: 1e-6, error: 0 };
  // The best constant answer to targets that are all the same is right.
  const same = XOR.map(({ input }) => ({ input, output: [0.25] }));
  assert.equal(new Trainer(network()).train(same, short).advice, undefined);
  assert.match(new Trainer(network()).train(XOR, { ...short, iterations: 1 }).advice, WORSE);
  // A user's own cost, or a run that the user ended.
  const cost = (target, output) => Math.abs(target[0] - output[0]) * 1000;
  assert.equal(new Trainer(network()).train(XOR, { ...short, cost }).advice, undefined);
  const run = new Trainer(network()).trainAsync(XOR, { ...short, iterations: 4e9 });
  run.abort();
  assert.deepEqual([(await run).stopped, (await run).advice], ['aborted', undefined]);
});
