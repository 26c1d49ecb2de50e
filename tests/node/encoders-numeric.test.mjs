// Series of numbers: what normalises them, channels with names, and gaps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequencePredictor, SequenceTagger } from 'engram';

const plain = (value) => JSON.parse(JSON.stringify(value));
const fitted = (options, ...series) => {
  const encoder = Encoder.numeric(options);
  encoder.fit(series);
  return encoder;
};
const { MAX_VALUE } = Number;

test('a channel has mean 0 and deviation 1 over the training set', () => {
  const encoder = fitted(
    { channels: 2 },
    [[1, -20]],
    [
      [3, 60],
      [2, 20],
    ],
  );
  const { mean, deviation } = encoder.toJSON();
  assert.deepEqual(mean, [2, 20]);
  assert.deepEqual(deviation, [Math.sqrt(2 / 3), Math.sqrt(3200 / 3)]);
  assert.deepEqual(encoder.encode([[2, 20]]), [[0, 0]]);
  assert.deepEqual(Encoder.fromJSON(plain(encoder)).encode([[7, 7]]), encoder.encode([[7, 7]]));
});

test('a channel that stands still is 0 always', async () => {
  for (const still of [0, 5, 0.11, -0.1, 1e300, 1e-300, MAX_VALUE, 5e-324, 1e17]) {
    // Rounding gives means of many values that are none of them.
    const encoder = fitted(
      { channels: 2 },
      Array.from({ length: 1000 }, (_, step) => [step, still]),
    );
    for (const value of [still, still + 0.1, 0, -1, 1e300, -MAX_VALUE]) {
      assert.equal(encoder.encode([[1, value]])[0][1], 0, `${value} where all were ${still}`);
    }
    assert.equal(encoder.toJSON().deviation[1], 0);
    assert.equal(Encoder.fromJSON(plain(encoder)).encode([[1, 7]])[0][1], 0);
  }
  const nearly = fitted({}, [1e6, 1e6 + 1e-7, 1e6 - 1e-7]);
  assert.deepEqual(nearly.encode([1e6 + 1]), [[0]]);
  const clock = fitted({}, [1.7e12, 1.7e12 + 50, 1.7e12 + 100]);
  assert.ok(Math.abs(clock.encode([1.7e12])[0][0] + Math.sqrt(1.5)) < 1e-3);
  const moves = fitted({}, [1e6, 1e6 + 1, 1e6 - 1]);
  assert.ok(Math.abs(moves.encode([1e6 + 1])[0][0] - Math.sqrt(1.5)) < 1e-9);
  const around = fitted({}, [1e-20, -1e-20]);
  assert.deepEqual(around.encode([1e-20]), [[1]]);

  const predictor = new SequencePredictor({ hidden: [2], seed: 1 });
  await predictor.fit([new Array(20).fill(0.11)], { epochs: 2 });
  const [next] = predictor.predict([0.11, 0.11]);
  assert.ok(Math.abs(next - 0.11) < 1e-15, String(next));
});

test('the largest and the smallest numbers are values as others are', () => {
  const unit = fitted({}, [-1, 3, 0.5, 2]);
  const expected = unit.encode([-1, 3, 0.5, 2, 1]);
  for (const factor of [2 ** 1000, 2 ** -1000, 2 ** 400, 2 ** -400]) {
    const encoder = fitted({}, [-1 * factor, 3 * factor, 0.5 * factor, 2 * factor]);
    const { mean, deviation } = encoder.toJSON();
    assert.equal(mean[0] / factor, unit.toJSON().mean[0]);
    assert.equal(deviation[0] / factor, unit.toJSON().deviation[0]);
    assert.deepEqual(encoder.encode([-1, 3, 0.5, 2, 1].map((value) => value * factor)), expected);
  }
  const widest = fitted({}, [-MAX_VALUE, MAX_VALUE]);
  assert.deepEqual(widest.encode([-MAX_VALUE, 0, MAX_VALUE]), [[-1], [0], [1]]);
  const sets = [
    [1e300, -1e300],
    [1e300, 1],
    [MAX_VALUE, MAX_VALUE, 0],
    [5e-324, 0],
    [-5e-324, 1],
    [1, 2],
    [1e154, 1e160],
  ];
  for (const set of sets) {
    const encoder = fitted({}, set);
    for (const value of [...set, 1e300, -1e300, MAX_VALUE, -MAX_VALUE, 0, 5e-324]) {
      const [[scaled]] = encoder.encode([value]);
      assert.ok(Math.abs(scaled) <= 1e30, `${value} in ${set} is ${scaled}`);
    }
    assert.ok(JSON.stringify(encoder).search('null') < 0, JSON.stringify(encoder));
  }
});

test('a predictor of large numbers gives finite ones', async () => {
  const series = [1e300, -1e300, MAX_VALUE, -MAX_VALUE, 3, 1e300];
  const predictor = new SequencePredictor({ hidden: [3], seed: 1 });
  const { stopped, error } = await predictor.fit([series], { epochs: 5 });
  assert.equal(stopped, 'iterations');
  assert.ok(Number.isFinite(error));
  for (const made of [predictor.predict(series), ...predictor.generate([MAX_VALUE], 5)]) {
    assert.ok(made.every(Number.isFinite), String(made));
  }
  const small = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [3], seed: 1 });
  await small.fit(
    [
      { input: [1, 2], label: 'a' },
      { input: [2, 1], label: 'b' },
    ],
    { epochs: 2, validation: [{ input: [1e300, -1e300], label: 'a' }] },
  );
  const { a, b } = small.classify([MAX_VALUE, -MAX_VALUE]).probabilities;
  assert.ok(Math.abs(a + b - 1) < 1e-12);
});

test('stored encoders load as they were, and hostile ones are refused', () => {
  const json = { type: 'numeric', channels: 2, normalize: true, mean: [5, 1], deviation: [1, 8e-16] };
  const encoder = Encoder.fromJSON(json);
  assert.deepEqual(plain(encoder), json);
  // What stood still was shifted only, then.
  assert.deepEqual(encoder.encode([[6, 1]]), [[1, 0]]);
  for (const [wrong, name, message] of [
    [{ deviation: [-1, 1] }, 'RangeError', /json\.deviation/],
    [{ deviation: [1] }, 'RangeError', /json\.deviation has 1 values/],
    [{ mean: [1, null] }, 'TypeError', /json\.mean\[1\]/],
    [{ channels: ['x', 'x'] }, 'RangeError', /json\.channels\[1\]/],
    [{ channels: [] }, 'RangeError', /json\.channels/],
    [{ missing: 'zero' }, 'RangeError', /json\.missing/],
    [{ normalize: 1 }, 'TypeError', /json\.normalize/],
  ]) {
    assert.throws(() => Encoder.fromJSON({ ...json, ...wrong }), { name, message });
  }
});

test('rows are objects where channels have names, or arrays in their order', async () => {
  const encoder = Encoder.numeric({ channels: ['x', 'y'], normalize: false });
  assert.equal(encoder.size, 2);
  const rows = [
    { y: 2, x: 1, time: 'noon' },
    { x: 3, y: 4 },
  ];
  const steps = [
    [1, 2],
    [3, 4],
  ];
  assert.deepEqual(encoder.encode(rows), steps);
  assert.deepEqual(encoder.encode([[1, 2], Float32Array.of(3, 4)]), steps);
  assert.deepEqual(plain(encoder).channels, ['x', 'y']);
  assert.deepEqual(Encoder.fromJSON(plain(encoder)).encode(rows), steps);
  assert.deepEqual(Encoder.numeric({ channels: ['x'], normalize: false }).encode([{ x: 1 }, 2, [3]]), [[1], [2], [3]]);

  const labels = ['a', 'b'];
  const samples = labels.map((label, index) => ({ input: rows.map(({ x, y }) => ({ x: x + index, y })), label }));
  const make = (channels) =>
    new SequenceClassifier({ labels, encoder: Encoder.numeric({ channels }), hidden: [3], seed: 1 });
  const [named, counted] = [make(['x', 'y']), make(2)];
  await named.fit(samples, { epochs: 3 });
  await counted.fit(
    samples.map(({ input, label }) => ({ input: input.map(({ x, y }) => [x, y]), label })),
    { epochs: 3 },
  );
  assert.deepEqual(named.classify(rows), counted.classify(steps));
  assert.deepEqual(SequenceClassifier.fromJSON(plain(named)).classify(rows), named.classify(rows));
});

test('rows that do not fit are refused with what helps', () => {
  const counted = Encoder.numeric({ channels: 3, normalize: false });
  const named = Encoder.numeric({ channels: ['x', 'y'], normalize: false });
  const single = Encoder.numeric({ normalize: false });
  const gaps = Encoder.numeric({ missing: 'mask' });
  for (const [encode, name, message] of [
    [
      () => counted.encode([{ ax: 1, ay: 2, az: 3 }]),
      'TypeError',
      /input\[0\] is an object .*numeric\(\{ channels: \['ax', 'ay', 'az'\] \}\) takes objects/,
    ],
    [() => single.encode([1, { ax: 1 }]), 'TypeError', /input\[1\] .*channels: \['ax'\]/],
    [() => counted.encode([[1, 2]]), 'RangeError', /input\[0\] has 2 values, the encoder takes 3/],
    [() => named.encode([{ x: 1 }]), 'TypeError', /input\[0\]\.y is undefined/],
    [() => named.encode([[1]]), 'RangeError', /input\[0\] has 1 values/],
    [() => named.encode([7]), 'TypeError', /input\[0\] is 7, expected an array of 2 numbers, or an object of x, y/],
    [() => single.encode([1, null]), 'TypeError', /input\[1\] is null.*missing: 'mask'/],
    [() => single.encode([1, undefined]), 'TypeError', /input\[1\] is undefined.*missing: 'mask'/],
    [() => single.encode([NaN]), 'RangeError', /input\[0\] is NaN.*missing: 'mask'/],
    [() => counted.encode([[1, 2, NaN]]), 'RangeError', /input\[0\]\[2\] is NaN.*missing: 'mask'/],
    [() => single.encode(['1']), 'TypeError', /input\[0\] is "1"/],
    [() => single.encode([Infinity]), 'RangeError', /input\[0\] is Infinity, expected a finite number$/],
    [() => Encoder.numeric({ missing: 'mask', normalize: false }).encode([-Infinity]), 'RangeError', /input\[0\]/],
    [() => single.encode(7), 'TypeError', /input is 7, expected an array of steps/],
    [() => gaps.fit([[null, NaN]]), 'RangeError', /Encoder\.fit: channel 0 has no value in any step/],
    [() => Encoder.numeric().fit([]), 'RangeError', /no value/],
    [() => Encoder.numeric().encode([1]), 'TypeError', /fit it first/],
    [() => Encoder.numeric({ channels: [] }), 'RangeError', /options\.channels/],
    [() => Encoder.numeric({ channels: ['x', 7] }), 'TypeError', /options\.channels\[1\] is 7/],
    [() => Encoder.numeric({ channels: ['x', 'x'] }), 'RangeError', /options\.channels\[1\] is "x"/],
    [() => Encoder.numeric({ channels: 'xyz' }), 'TypeError', /options\.channels is "xyz"/],
    [() => Encoder.numeric({ missing: true }), 'TypeError', /options\.missing is true/],
  ]) {
    assert.throws(encode, { name, message }, String(encode));
  }
  assert.equal(gaps.toJSON().mean, null);
});

test('a name that no row has is found at fit', () => {
  const encoder = Encoder.numeric({ channels: ['x', 'speed'], missing: 'mask' });
  const rows = [{ x: 1, sped: 2 }];
  assert.throws(() => encoder.fit([rows]), { name: 'RangeError', message: /channel speed has no value in any step/ });
});

test('gaps are 0, with a value beside them that says so', () => {
  const encoder = Encoder.numeric({ channels: ['x', 'y'], missing: 'mask' });
  assert.equal(encoder.size, 4);
  encoder.fit([
    [
      { x: 1, y: 10 },
      { x: null, y: 30 },
    ],
    [{ x: 3 }, null, [NaN, undefined]],
  ]);
  const { mean, deviation } = encoder.toJSON();
  assert.deepEqual(
    [mean, deviation],
    [
      [2, 20],
      [1, 10],
    ],
  );
  const rows = [{ x: 3, y: 10 }, { y: 40 }, undefined, [null, 20]];
  const steps = [
    [1, -1, 1, 1],
    [0, 2, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ];
  assert.deepEqual(encoder.encode(rows), steps);
  assert.deepEqual(Encoder.fromJSON(plain(encoder)).encode(rows), steps);
  assert.equal(plain(encoder).missing, 'mask');
  const one = Encoder.numeric({ missing: 'mask', normalize: false });
  // biome-ignore lint/suspicious/noSparseArray: a hole is a gap.
  assert.deepEqual(one.encode([5, , [null], Float64Array.of(NaN)]), [
    [5, 1],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test('a classifier and a tagger learn what gaps say', async () => {
  // The values say nothing, and where they are missing everything.
  const encoder = Encoder.numeric({ missing: 'mask' });
  const samples = Array.from({ length: 40 }, (_, index) => {
    const input = [1, 2, 3, 4].map((value) => ((value + index) % 3) + 1);
    const gap = index % 2 === 0;
    return { input: gap ? input.with(2, null) : input, label: gap ? 'gap' : 'whole' };
  });
  const classifier = new SequenceClassifier({ labels: ['gap', 'whole'], encoder, hidden: [6], seed: 1 });
  await classifier.fit(samples, { epochs: 60 });
  assert.equal(classifier.evaluate(samples).accuracy, 1);
  const tagged = samples.map(({ input }) => ({
    input,
    labels: input.map((value) => (value === null ? 'gap' : 'whole')),
  }));
  const tagger = new SequenceTagger({ labels: ['gap', 'whole'], encoder, hidden: [6], seed: 1 });
  await tagger.fit(tagged, { epochs: 60 });
  assert.equal(tagger.evaluate(tagged).accuracy, 1);
});

test('a predictor predicts values only, and learns where they are all there', async () => {
  const encoder = Encoder.numeric({ channels: ['sine', 'ramp'], missing: 'mask' });
  const row = (step) => ({ sine: Math.sin(step / 3), ramp: step % 7 === 3 ? null : (step % 5) - 2 });
  const series = Array.from({ length: 120 }, (_, step) => row(step));
  const predictor = new SequencePredictor({ encoder, hidden: [16], seed: 1 });
  await predictor.fit([series.slice(0, 100)], { epochs: 300 });
  assert.deepEqual([predictor.network.inputs(), predictor.network.outputs()], [4, 2]);
  const [sine, ramp] = predictor.predict(series.slice(0, 100));
  assert.ok(Math.abs(sine - Math.sin(100 / 3)) < 0.3, `${sine}, not ${Math.sin(100 / 3)}`);
  assert.ok(Math.abs(ramp + 2) < 0.6, `${ramp}, not -2`);
  const made = predictor.generate(series.slice(0, 100), 5);
  assert.ok(made.length === 5 && made.every((step) => step.length === 2));
  assert.deepEqual(made[0], [sine, ramp]);
  // A predicted step is fed back as one whose values are all there.
  const again = predictor.predict([...series.slice(0, 100), made[0]]);
  again.forEach((value, channel) => assert.ok(Math.abs(value - made[1][channel]) < 1e-9));
  const copy = SequencePredictor.fromJSON(plain(predictor));
  assert.deepEqual(copy.generate(series.slice(0, 100), 5), made);
  await assert.rejects(async () => new SequencePredictor({ encoder }).fit([[{ sine: 1, ramp: 2 }, { sine: 1 }]]), {
    name: 'RangeError',
    message: /SequencePredictor\.fit: series\[0\] .*at least one step, after the first/,
  });
});

test('names that every object has are names as others are', async () => {
  const encoder = Encoder.numeric({ channels: ['toString', 'x'], missing: 'mask', normalize: false });
  assert.deepEqual(encoder.encode([{ x: 1 }, { toString: 2, x: 3 }]), [
    [0, 1, 0, 1],
    [2, 3, 1, 1],
  ]);
  // Rows may have their values from their class.
  class Point {
    get x() {
      return 7;
    }
  }
  assert.deepEqual(Encoder.numeric({ channels: ['x'], normalize: false }).encode([new Point()]), [[7]]);
  const classifier = new SequenceClassifier({
    labels: ['__proto__', 'constructor'],
    encoder: Encoder.numeric(),
    seed: 1,
  });
  const samples = classifier.labels.map((label, index) => ({ input: [index], label }));
  const classWeights = JSON.parse('{ "__proto__": 2, "constructor": 3 }');
  assert.equal((await classifier.fit(samples, { epochs: 1, classWeights })).stopped, 'iterations');
  await assert.rejects(
    classifier.fit(samples, { epochs: 1, classWeights: JSON.parse('{ "__proto__": 2 }') }),
    /options\.classWeights\.constructor is undefined, expected a number above 0/,
  );
});
