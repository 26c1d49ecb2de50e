// crossValidate: each part of the samples is held out once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  crossValidate,
  Encoder,
  SequenceClassifier,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
} from 'engram';

const samples = Array.from({ length: 30 }, (_, index) => {
  const high = index % 3 === 0;
  return {
    input: Array.from({ length: 4 }, (_, step) => (high ? 5 : 1) + Math.sin(index * step)),
    label: high ? 'high' : 'low',
  };
});
const make = () =>
  new SequenceClassifier({ labels: ['low', 'high'], encoder: Encoder.numeric(), hidden: [4], seed: 1 });

test('every sample is held out once, every label alike, and the numbers are those of the parts', async () => {
  const seen = [];
  const held = [];
  const spied = () => {
    const model = make();
    return {
      fit: (set, options) => {
        seen.push(set);
        return model.fit(set, options);
      },
      evaluate: (set) => {
        held.push(set);
        return model.evaluate(set);
      },
      free: () => model.free(),
    };
  };
  const options = { folds: 5, seed: 3, fit: { epochs: 20 }, parallel: 1 };
  const { folds, mean, deviation } = await crossValidate(spied, samples, options);
  assert.equal(folds.length, 5);
  assert.deepEqual(new Set(held.flat()), new Set(samples));
  held.forEach((part, fold) => {
    assert.equal(part.length, 6);
    assert.equal(part.filter(({ label }) => label === 'high').length, 2);
    assert.equal(seen[fold].length, 24);
    assert.ok(seen[fold].every((sample) => !part.includes(sample)));
  });
  for (const name of ['accuracy', 'loss']) {
    const values = folds.map((evaluation) => evaluation[name]);
    const average = values.reduce((sum, value) => sum + value) / 5;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 4;
    assert.ok(Math.abs(mean[name] - average) < 1e-12);
    assert.ok(Math.abs(deviation[name] - Math.sqrt(variance)) < 1e-12);
  }
  assert.deepEqual(Object.keys(mean), ['accuracy', 'loss']);
  assert.ok(mean.accuracy > 0.9);
  // One fold is what a model says that was fitted by hand.
  const byHand = make();
  await byHand.fit(seen[2], { epochs: 20 });
  assert.deepEqual(byHand.evaluate(held[2]), folds[2]);
});

test('one seed gives one result, however many runs go at a time; another seed another', async () => {
  const by = (change) => crossValidate(make, samples, { folds: 3, seed: 1, fit: { epochs: 2 }, ...change });
  const first = await by({ parallel: 1 });
  assert.deepEqual(await by({ parallel: 3 }), first);
  assert.notDeepEqual((await by({ seed: 2 })).folds, first.folds);
});

test('regressors, taggers and predictors are judged likewise', async () => {
  const fit = { epochs: 1 };
  const numbers = samples.map(({ input }) => ({ input, output: input[0] }));
  const regression = await crossValidate(() => new SequenceRegressor({ hidden: [2], seed: 1 }), numbers, {
    folds: 2,
    fit,
  });
  assert.deepEqual(Object.keys(regression.mean), ['mae', 'rmse', 'r2']);
  const tags = ['ab', 'ba', 'aa'].map((input) => ({ input, labels: [...input] }));
  const encoder = Encoder.oneHot('ab');
  const tagging = await crossValidate(() => new SequenceTagger({ labels: ['a', 'b'], encoder, hidden: [2] }), tags, {
    folds: 3,
    fit,
  });
  assert.deepEqual(Object.keys(tagging.mean), ['accuracy', 'loss']);
  const waves = [1, 2, 3, 4].map((phase) => Array.from({ length: 12 }, (_, step) => Math.sin(step + phase)));
  const forecasts = await crossValidate(() => new SequencePredictor({ hidden: [2] }), waves, { folds: 4, fit });
  assert.ok(forecasts.mean.rmse > 0 && forecasts.folds[3].ahead.length === 1);
});

test('what goes wrong in a fold rejects, models are freed, and no other begins', async () => {
  let [made, freed] = [0, 0];
  const counted = () => {
    const model = make();
    made++;
    const free = () => {
      freed++;
      model.free();
    };
    return { fit: (...given) => model.fit(...given), evaluate: (set) => model.evaluate(set), free };
  };
  const refused = crossValidate(counted, samples, { parallel: 2, fit: { epochs: -1 } });
  await assert.rejects(refused, { name: 'RangeError', message: /^SequenceClassifier\.fit: options\.epochs is -1/ });
  assert.equal(made, freed);
  assert.ok(made <= 2);
  const controller = new AbortController();
  const fit = { epochs: 1e6, signal: controller.signal, onProgress: () => controller.abort() };
  await assert.rejects(crossValidate(counted, samples, { fit }), { name: 'AbortError' });
  assert.equal(made, freed);
});

test('what is wrong is refused by name', async () => {
  const model = make();
  for (const [given, name, message] of [
    [[null, samples], 'TypeError', /^crossValidate: make is null, expected a function/],
    [[make, 'samples'], 'TypeError', /^crossValidate: samples is "samples", expected an array/],
    [[make, []], 'RangeError', /samples is an array of 0/],
    [[make, samples.slice(0, 1)], 'RangeError', /samples is an array of 1, expected at least two/],
    [[make, samples, { folds: 1 }], 'RangeError', /options\.folds is 1/],
    [[make, samples, { folds: 31 }], 'RangeError', /options\.folds is 31/],
    [[make, samples, { seed: 0.5 }], 'RangeError', /options\.seed is 0\.5/],
    [[make, samples, { parallel: 0 }], 'RangeError', /options\.parallel is 0/],
    [[make, samples, { fit: 3 }], 'TypeError', /options\.fit is 3, expected an object/],
    [
      [make, samples, { fit: { resume: new Uint8Array(3) } }],
      'RangeError',
      /options\.fit\.resume .* expected left out/,
    ],
    [[make, samples, { fold: 3 }], 'TypeError', /options\.fold is not known; did you mean 'folds'/],
    [[() => ({}), samples], 'TypeError', /make\(0\) is .*, expected a model that has fit, evaluate and free/],
    [[() => model, samples, { fit: { epochs: 1 }, parallel: 1 }], 'RangeError', /make\(1\) .* it has not given before/],
  ]) {
    await assert.rejects(crossValidate(...given), { name, message });
  }
});

test('what is wrong with a sample is told by its place among those given', async () => {
  const regressor = () => new SequenceRegressor({ hidden: [2], seed: 1 });
  const pairs = Array.from({ length: 9 }, (_, index) => ({ input: [index, 1], output: index }));
  const predictor = () => new SequencePredictor({ hidden: [2], seed: 1 });
  const series = Array.from({ length: 9 }, (_, index) => [index, 1, 2, 3]);
  for (const [make, samples, message] of [
    [regressor, [...pairs, { input: [1], output: Number.NaN }], /^crossValidate: samples\[9\]\.output is NaN/],
    [regressor, [...pairs, { input: [], output: 1 }], /^crossValidate: samples\[9\]\.input/],
    [predictor, [...series, [1, 'x']], /^crossValidate: samples\[9\]\[1\]/],
    [predictor, [...series, Number.NaN], /^crossValidate: samples\[9\]/],
  ]) {
    for (const seed of [1, 2, 3]) {
      const run = crossValidate(make, samples, { folds: 3, seed, fit: { epochs: 1 } });
      await assert.rejects(run, { message });
    }
  }
});

test('what becomes of samples and options while models learn changes nothing', async () => {
  const made = () => ({
    samples: Array.from({ length: 20 }, (_, index) => ({
      input: [[index % 3, [1, 2][index % 2]], Float64Array.of(index % 3, 1), Buffer.of(index, 3)][index % 3],
      output: index % 2,
    })),
    fit: { epochs: 5, threads: 1, patience: 2, validation: [{ input: [1, 2], output: 1 }] },
  });
  const make = () => new SequenceRegressor({ hidden: [3], seed: 1 });
  const judge = ({ samples, fit }) => crossValidate(make, samples, { folds: 4, seed: 1, parallel: 1, fit });
  const expected = await judge(made());
  const given = made();
  const run = judge(given);
  for (const sample of given.samples) {
    sample.input.fill(7);
    sample.output = 1;
  }
  given.fit.epochs = 50;
  given.fit.validation[0].input.fill(7);
  given.samples.length = 3;
  assert.deepEqual(await run, expected);
});
