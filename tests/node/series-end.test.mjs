// A predictor with a single series: a share to judge by is the end of it, with the steps before as context.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequencePredictor } from 'engram';

const wave = Array.from({ length: 100 }, (_, step) => 5 + 3 * Math.sin(step / 4));
const predictorOf = (channels = 1) =>
  new SequencePredictor({ encoder: Encoder.numeric({ channels }), hidden: [8], seed: 1 });
const options = { epochs: 5 };

test('the end is held out, and judged as predict would be', async () => {
  const predictor = predictorOf();
  const { validation, training } = await predictor.fit([wave], { epochs: 20, validation: 0.2, precision: 'f64' });
  // Steps 80 to 99, each predicted from all before it; in the encoder's units.
  const { deviation } = predictor.encoder.toJSON();
  const squares = Array.from({ length: 20 }, (_, index) => {
    const [value] = predictor.predict(wave.slice(0, 80 + index));
    return ((value - wave[80 + index]) / deviation[0]) ** 2;
  });
  const expected = squares.reduce((sum, square) => sum + square) / 20;
  assert.ok(Math.abs(validation.error - expected) < 1e-9, `${validation.error}, expected ${expected}`);
  assert.notEqual(training.error, validation.error);
});

test('what is learnt, and normalised by, is the begin alone', async () => {
  const [split, alone] = [predictorOf(), predictorOf()];
  await split.fit([wave], { epochs: 10, validation: 0.2 });
  await alone.fit([wave.slice(0, 80)], { epochs: 10 });
  assert.deepEqual(split.encoder.toJSON(), alone.encoder.toJSON());
  assert.deepEqual([...split.network.memory], [...alone.network.memory]);
  const other = predictorOf();
  await other.fit([[...wave.slice(0, 80), ...new Array(20).fill(900)]], { epochs: 10, validation: 0.2 });
  assert.deepEqual([...other.network.weights], [...alone.network.weights]);
});

test('typed arrays and vectors are split alike', async () => {
  const results = [];
  for (const series of [wave, Float64Array.from(wave), wave.map((value) => [value])]) {
    const { validation } = await predictorOf().fit([series], { ...options, validation: 0.25 });
    results.push(validation);
  }
  assert.deepEqual(results, [results[0], results[0], results[0]]);
  const pairs = wave.map((value, step) => [value, step % 2]);
  const { validation } = await predictorOf(2).fit([pairs], { epochs: 2, validation: 0.25 });
  assert.ok(validation.error > 0);
});

test('several series are held out whole, and a share must leave something', async () => {
  const several = [wave, wave.slice(10), wave.slice(20), wave.slice(30)];
  const { validation } = await predictorOf().fit(several, { epochs: 2, validation: 0.25 });
  assert.ok(validation.error > 0);
  for (const [series, share] of [
    [[1, 2, 3], 0.1],
    [[1, 2, 3], 0.6],
    [wave, 0.001],
    [wave, 1],
    [wave, 0.99],
  ]) {
    await assert.rejects(predictorOf().fit([series], { validation: share }), {
      name: 'RangeError',
      message: new RegExp(`options\\.validation is ${share}, expected a share that .* steps of ${series.length} and`),
    });
  }
  await assert.rejects(predictorOf().fit(['wave'], { validation: 0.2 }), {
    name: 'TypeError',
    message: /^SequencePredictor\.fit: series\[0\] is "wave", expected an array of steps/,
  });
  for (const share of [-0.1, 1.5, NaN]) {
    await assert.rejects(predictorOf().fit([wave], { validation: share }), {
      name: 'RangeError',
      message: /^SequencePredictor\.fit: options\.validation is /,
    });
  }
});
