// explain: how much each piece of an input moved an answer, against differences of the answers themselves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequencePredictor, SequenceRegressor, SequenceTagger } from 'engram';
import { below, randomFrom, SEED, vector } from '../support/random.mjs';

const random = randomFrom(SEED);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const near = (actual, expected, tolerance, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual}, expected ${expected}, seed ${SEED}`);

/** Attributions sum to what the answer changes, to the tolerance that is documented. */
function assertComplete(explanation, share = 1e-3) {
  const { answer, baseline, parts } = explanation;
  const change = answer - baseline;
  near(sum(parts.map(({ attribution }) => attribution)), change, Math.max(share * Math.abs(change), 1e-4), 'sum');
  for (const { attribution, channels } of parts) {
    if (channels !== undefined) near(sum(channels), attribution, 1e-12 * Math.max(1, Math.abs(attribution)));
  }
}

const peaks = Array.from({ length: 120 }, (_, index) => {
  const input = vector(random, 12, -0.3, 0.3);
  const high = index % 2 === 0;
  const at = below(random, 12);
  if (high) input[at] = 3;
  return { input, label: high ? 'peak' : 'flat', at };
});
const classify = async (options = {}) => {
  const encoder = options.encoder ?? Encoder.numeric();
  const model = new SequenceClassifier({ labels: ['flat', 'peak'], hidden: [8], seed: 1, ...options, encoder });
  const samples = peaks.map(({ input, label }) => ({ input, label }));
  await model.fit(samples, { epochs: 30, rate: 0.02 });
  return model;
};

test('what decides a label is found where it is, by both methods and every read-out', async () => {
  for (const options of [
    {},
    { readout: 'mean' },
    { readout: 'attention' },
    { readout: 'max' },
    { bidirectional: true },
  ]) {
    const model = await classify(options);
    for (const method of ['integrated', 'gradient']) {
      const found = peaks.slice(0, 40).filter(({ label, input, at }) => {
        const { parts, label: told, answer } = model.explain(input, { label, method });
        assert.equal(told, label);
        assert.equal(answer, model.classify(input).probabilities[label]);
        assert.deepEqual(
          parts.map(({ part }) => part),
          input.map((_, row) => String(row + 1)),
        );
        if (label === 'flat') return true;
        const most = Math.max(...parts.map(({ attribution }) => attribution));
        return parts[at].attribution === most;
      });
      assert.ok(
        found.length >= (method === 'integrated' ? 38 : 28),
        `${JSON.stringify(options)} ${method}: ${found.length}, seed ${SEED}`,
      );
    }

    for (const { input } of peaks.slice(0, 10)) assertComplete(model.explain(input));
    const { label } = model.explain(peaks[0].input);
    assert.equal(label, model.classify(peaks[0].input).label);
    model.free();
  }
});

test('a gradient is the slope of the answer, by row and channel, in the units of both sides', async () => {
  const samples = Array.from({ length: 60 }, () => {
    const input = Array.from({ length: 7 }, () => [100 + 20 * random(), 0.01 * random()]);
    return { input, output: [5e4 * input[2][1] + input[5][0], input[6][0]] };
  });
  for (const numeric of [{}, { window: 3, stride: 2 }, { window: 10 }, { difference: { 0: true } }]) {
    const encoder = Encoder.numeric({ channels: 2, ...numeric });
    const model = new SequenceRegressor({ encoder, outputs: 2, hidden: [6], seed: 3 });
    await model.fit(samples, { epochs: 10 });
    const { input } = samples[1];
    const { mean, deviation } = model.encoder.toJSON();
    for (const output of [0, 1]) {
      const { answer, parts } = model.explain(input, { method: 'gradient', output });
      assert.equal(answer, model.predict(input)[output]);
      assert.equal(parts.length, input.length);
      for (const row of [0, 2, 6]) {
        for (const channel of [0, 1]) {
          const step = 1e-5 * deviation[channel];
          const at = (moved) => {
            const changed = input.map((values) => [...values]);
            // A change moves all later values along.
            const last = channel === 0 && numeric.difference ? input.length - 1 : row;
            for (let other = row; other <= last; other++) changed[other][channel] += moved;
            return model.predict(changed)[output];
          };
          const slope = (at(step) - at(-step)) / (2 * step);
          const before = numeric.difference && channel === 0 ? (row === 0 ? Number.NaN : input[row - 1][0]) : 0;
          if (Number.isNaN(before)) continue;
          const expected = slope * (input[row][channel] - before - mean[channel]);
          near(parts[row].channels[channel], expected, 1e-5 * Math.max(1, Math.abs(expected)), `${row} ${channel}`);
        }
      }
      assertComplete(model.explain(input, { output }));
      const from = samples[2].input;
      const between = model.explain(input, { output, baseline: from });
      assert.equal(between.baseline, model.predict(from)[output]);
      assertComplete(between);
    }
    model.free();
  }
});

test('texts are explained by their words, symbols and characters, also by those of several bytes', async () => {
  const texts = ['good day', 'a good one', 'good good', 'bad day', 'a bad one', 'bad bad'];
  const samples = texts.map((input) => ({ input, label: input.includes('good') }));
  for (const encoder of [Encoder.tokens(), Encoder.oneHot('abdegnoy '), Encoder.bytes(), Encoder.bits()]) {
    const model = new SequenceClassifier({ labels: [true, false], encoder, hidden: [8], seed: 2 });
    await model.fit(samples, { epochs: 60, rate: 0.02 });
    const words = encoder.toJSON().type === 'tokens';
    const text = words ? 'A good, é 😀 day' : 'a é😀 good';
    const parts = words ? ['a', 'good', 'é', '😀', 'day'] : Array.from(text);
    const { answer, ...explanation } = model.explain(text, { label: true });
    assert.equal(answer, model.classify(text).probabilities.true);
    assert.deepEqual(
      explanation.parts.map(({ part }) => part),
      parts,
    );
    assertComplete({ answer, ...explanation });
    assertComplete(model.explain(text, { label: false, baseline: words ? 'a bad, é 😀 day' : 'a é😀 baad' }));
    if (words) {
      const most = Math.max(...explanation.parts.map(({ attribution }) => attribution));
      assert.equal(explanation.parts[1].attribution, most);
    }
    assert.equal(sum(model.explain('a bad day', { baseline: 'a bad day' }).parts.map((part) => part.attribution)), 0);
    model.free();
  }
});

test('a label of a step is explained by the steps up to it, in both directions by all', async () => {
  const tags = Array.from({ length: 40 }, () => {
    const input = Array.from({ length: 8 }, () => 'ab'[below(random, 2)]).join('');
    return { input, labels: Array.from(input, (_, step) => (input[step - 1] === 'a' ? 'after' : 'other')) };
  });
  for (const bidirectional of [false, true]) {
    const labels = ['after', 'other'];
    const tagger = new SequenceTagger({ labels, encoder: Encoder.oneHot('ab'), hidden: [8], bidirectional, seed: 4 });
    await tagger.fit(tags, { epochs: 60, rate: 0.02 });
    const { parts, label, answer } = tagger.explain('bbabbbbb', { at: 3 });
    assert.equal(label, 'after');
    assert.equal(answer, tagger.tag('bbabbbbb')[3].probabilities.after);
    assert.equal(parts[2].attribution, Math.max(...parts.map(({ attribution }) => attribution)));
    assert.equal(
      parts.slice(4).every(({ attribution }) => attribution === 0),
      !bidirectional,
    );
    assertComplete(tagger.explain('bbabbbbb', { label: 'other' }));
    tagger.free();
  }
});

test('a forecast is explained by rows and channels, and by covariates of the rows to come', async () => {
  const series = Array.from({ length: 80 }, (_, day) => {
    const holiday = Number(day % 9 === 0);
    return { sales: 50 + 10 * (day % 2) + 40 * holiday, holiday };
  });
  const encoder = Encoder.numeric({ channels: ['sales', 'holiday'], missing: 'mask' });
  const predictor = new SequencePredictor({ encoder, covariates: ['holiday'], horizon: 3, hidden: [8], seed: 5 });
  await predictor.fit([series], { epochs: 60, rate: 0.02 });
  const past = [...series.slice(0, 24), { sales: null, holiday: 0 }, ...series.slice(25, 26)];
  const covariates = [0, 1, 0];
  const { answer, baseline, parts } = predictor.explain(past, { covariates, ahead: 2, channel: 'sales' });
  assert.equal(answer, predictor.forecast(past, { covariates })[1][0]);
  assert.equal(parts.length, past.length + 3);
  assertComplete({ answer, baseline, parts });
  assert.equal(parts[27].channels[1], Math.max(...parts.flatMap(({ channels }) => channels)));
  assert.ok(parts[27].channels[1] > 10, `${parts[27].channels[1]}`);
  assertComplete(predictor.explain(past, { covariates, baseline: series.slice(30, 56) }));
  predictor.free();

  const rising = new SequencePredictor({ encoder: Encoder.numeric({ difference: true }), hidden: [6], seed: 5 });
  await rising.fit([Array.from({ length: 60 }, (_, step) => 3 * step + (step % 2))], { epochs: 40 });
  const row = [100, 103, 107, 109, 113];
  const change = rising.explain(row);
  near(change.answer, rising.predict(row)[0] - 113, 1e-9);
  assertComplete(change);
  rising.free();
});

test('explaining changes nothing, gives the same bits again, and works while fit runs', async () => {
  const model = await classify();
  const { input } = peaks[0];
  const before = JSON.stringify(model);
  const first = model.explain(input);
  assert.deepEqual(model.explain(input), first);
  assert.equal(JSON.stringify(model), before);
  assert.deepEqual(SequenceClassifier.fromJSON(JSON.parse(before)).explain(input), first);
  const run = model.fit(
    peaks.slice(0, 50).map(({ input, label }) => ({ input, label })),
    { epochs: 200 },
  );
  assert.equal(model.explain(input).parts.length, input.length);
  run.abort();
  await run;
  model.free();
});

test('wrong arguments of explain are named', async () => {
  const model = await classify({ hidden: [2] });
  const input = [1, 2, 3];
  const refused = [
    [[[]], RangeError, /explain: input .*at least one step/],
    [[['a']], TypeError, /explain: input\[0\]/],
    [[input, { label: 'no' }], RangeError, /options\.label/],
    [[input, { at: 0 }], TypeError, /options\.at is not known/],
    [[input, { method: 'lime' }], RangeError, /options\.method .*'gradient', 'integrated'/],
    [[input, { steps: 0 }], RangeError, /options\.steps/],
    [[input, { steps: 1001 }], RangeError, /options\.steps/],
    [[input, { baseline: [1, 2] }], RangeError, /options\.baseline is 2, .*\(3\)/],
    [[input, { baseline: 'a' }], TypeError, /options\.baseline/],
  ];
  for (const [args, type, message] of refused) {
    assert.throws(
      () => model.explain(...args),
      (error) => {
        assert.ok(error instanceof type && message.test(error.message), `${error}`);
        return true;
      },
    );
  }
  assert.throws(() => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric() }).explain([1]), {
    name: 'TypeError',
    message: /has not been fitted yet/,
  });
  const regressor = new SequenceRegressor({ hidden: [2], targetsAt: 'each', seed: 1 });
  await regressor.fit([{ input: [1, 2], output: [3, 4] }], { epochs: 1 });
  assert.throws(() => regressor.explain([1, 2], { at: 2 }), /options\.at/);
  assert.throws(() => regressor.explain([1, 2], { output: 1 }), /options\.output/);
  assertComplete(regressor.explain([1, 2], { at: 1 }));
  const predictor = new SequencePredictor({ hidden: [2], seed: 1 });
  await predictor.fit([[1, 2, 3]], { epochs: 1 });
  assert.throws(() => predictor.explain([1, 2], { ahead: 2 }), /options\.ahead/);
  assert.throws(() => predictor.explain([1, 2], { channel: 1 }), /options\.channel/);
  assert.throws(() => predictor.explain([1, 2], { baseline: [] }), /options\.baseline/);

  // Weights that are too large to compute with are said so.
  const stored = JSON.parse(JSON.stringify(model));
  const text = JSON.stringify(stored.network).replace(/-?0\.\d+/g, (number) => `${Number(number) * 1e308}`);
  const broken = SequenceClassifier.fromJSON({ ...stored, network: JSON.parse(text) });
  let said;
  try {
    const { answer, parts } = broken.explain(input);
    said = [answer, ...parts.map(({ attribution }) => attribution)].every(Number.isFinite);
  } catch (error) {
    said = error instanceof RangeError;
  }
  assert.ok(said);
});
