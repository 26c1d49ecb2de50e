// compare: which of a few models does best, under cross-validation and within a time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossValidate, Encoder, SequenceClassifier } from 'engram';
import { compare } from 'engram/compare';
import { RocketClassifier } from 'engram/rocket';
import { randomFrom, SEED } from '../support/random.mjs';

/** Gestures drawn by a shaky hand: circles and eights of 20 to 30 points, from any point on. */
function gestures(count, random) {
  return Array.from({ length: count }, (_, index) => {
    const label = index % 2 === 0 ? 'circle' : 'eight';
    const start = 2 * Math.PI * random();
    const points = 20 + Math.floor(11 * random());
    const input = Array.from({ length: points }, (_, step) => {
      const angle = start + (2 * Math.PI * step) / points;
      return [Math.cos(angle) + 0.4 * random(), Math.sin(label === 'circle' ? angle : 2 * angle) + 0.4 * random()];
    });
    return { input, label };
  });
}
const samples = gestures(40, randomFrom(SEED));
const made = (code) =>
  new Function('Encoder', 'RocketClassifier', 'SequenceClassifier', `return ${code}`)(
    Encoder,
    RocketClassifier,
    SequenceClassifier,
  );
const withoutTimes = (table) => table.map(({ seconds, ...row }) => row);

test(`series are tried by LSTMs, a convolution and rocket, best first, to the same bits, seed ${SEED}`, {
  timeout: 120_000,
}, async () => {
  const progress = [];
  const options = { seconds: 600, folds: 3, seed: 2 };
  const table = await compare(samples, { ...options, onProgress: (told) => progress.push(told) });
  assert.deepEqual(table.map(({ name }) => name).sort(), ['LSTM', 'LSTM, both ways', 'convolution', 'rocket']);
  assert.deepEqual(
    table.map(({ accuracy }) => accuracy),
    table.map(({ accuracy }) => accuracy).sort((a, b) => b - a),
  );
  assert.ok(table[0].accuracy > 0.9, JSON.stringify(table));
  for (const { folds, cut, deviation, seconds } of table) {
    assert.ok(folds === 3 && !cut && deviation >= 0 && seconds > 0);
  }
  assert.deepEqual(
    progress.map(({ done, of }) => `${done} of ${of}`),
    Array.from({ length: 12 }, (_, index) => `${index + 1} of 12`),
  );
  assert.deepEqual(progress.at(-1).table, table);
  assert.ok(progress[0].time > 0 && progress[0].table.some(({ accuracy }) => accuracy === null));
  assert.deepEqual(withoutTimes(await compare(samples, { ...options, parallel: 1 })), withoutTimes(table));
  // The line of code makes the model that was judged.
  for (const { code, accuracy, deviation } of table) {
    const again = await crossValidate(() => Object.assign(made(code), { free() {} }), samples, { folds: 3, seed: 2 });
    assert.equal(again.mean.accuracy, accuracy, code);
    assert.equal(again.deviation.accuracy, deviation, code);
  }
});

test('few samples, of which a part is one to learn from, are tried without rocket', async () => {
  for (const [count, hasRocket] of [
    [2, false],
    [3, true],
  ]) {
    const few = Array.from({ length: count }, (_, index) => ({ input: [index], label: index % 2 }));
    const table = await compare(few, { seconds: 60, seed: 1 });
    assert.equal(
      table.some(({ name }) => name === 'rocket'),
      hasRocket,
    );
    assert.ok(
      table.every(({ folds }) => folds === count),
      JSON.stringify(table),
    );
  }
});

test('long series come in windows, texts by characters and words, symbols as they are, gaps without rocket', async () => {
  const looked = async (inputs) => {
    const all = inputs.map((input, index) => ({ input, label: index % 2 === 1 }));
    const table = await compare(all, { seconds: 0.05, folds: 2, seed: 1 });
    for (const { code } of table) assert.equal(typeof made(code).fit, 'function');
    return Object.fromEntries(table.map(({ name, code }) => [name, code]));
  };
  const wave = (count) => Array.from({ length: count }, (_, step) => Math.sin(step));
  const series = await looked([wave(500), wave(500), wave(480), wave(520)]);
  assert.equal(
    series.LSTM,
    'new SequenceClassifier({ labels: [false, true], encoder: Encoder.numeric({ window: 10 }), seed: 1 })',
  );
  assert.equal(series.rocket, 'new RocketClassifier({ labels: [false, true], seed: 1 })');
  const texts = await looked(['one two', "it's", '"three"', 'four\\']);
  assert.deepEqual(Object.keys(texts).sort(), [
    'LSTM on characters',
    'LSTM on characters, both ways',
    'LSTM on words',
    'LSTM on words, both ways',
  ]);
  assert.match(texts['LSTM on words, both ways'], /Encoder\.tokens\(\), bidirectional: true/);
  const symbols = await looked([['C4', 3], ['D4'], ['C4'], [5]]);
  assert.match(symbols['LSTM on vectors of symbols'], /Encoder\.symbols\(\{ embedding: 16 \}\)/);
  const gaps = await looked([[[1, null]], [[2, 3]], [[null, 4]], [[1, 1]]]);
  assert.match(gaps.LSTM, /Encoder\.numeric\(\{ channels: 2, missing: "mask" \}\)/);
  assert.equal(gaps.rocket, undefined);
  const named = await looked([[{ x: 1, 'y-axis': 2 }], [{ x: 2, 'y-axis': 3 }], [{ x: 1, 'y-axis': 0 }]]);
  assert.match(named.LSTM, /channels: \["x", "y-axis"\]/);
});

test('the time holds: what it cuts are later parts, and a first fit is judged by what it has learnt', async () => {
  const many = gestures(200, randomFrom(SEED));
  const start = performance.now();
  const table = await compare(many, { seconds: 2, seed: 1 });
  const took = (performance.now() - start) / 1000;
  assert.ok(took < 6, `${took} s`);
  assert.ok(
    table.some(({ folds, cut }) => cut || folds < 5),
    JSON.stringify(table),
  );
  for (const { folds, deviation } of table) assert.equal(deviation === null, folds < 2);
});

test('a signal ends it soon, with what is known', async () => {
  const many = gestures(200, randomFrom(SEED));
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 300);
  const start = performance.now();
  const table = await compare(many, { seconds: 600, seed: 1, signal: ending.signal });
  assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
  assert.equal(table.length, 4);
  const before = await compare(many, { seed: 1, signal: AbortSignal.abort() });
  assert.ok(before.every(({ accuracy, folds }) => accuracy === null && folds === 0));
});

test("a user's candidates are tried in their place, and what fails in them is heard of", async () => {
  const answering = (accuracy) => ({
    name: `always ${accuracy}`,
    make: () => ({
      fit: async () => ({ stopped: 'finished' }),
      evaluate: (part) => ({ accuracy: part.length > 0 ? accuracy : 0 }),
    }),
  });
  const table = await compare(samples, { candidates: [answering(0.25), answering(0.75)], folds: 4 });
  assert.deepEqual(
    table.map(({ name, accuracy, deviation, folds, code }) => [name, accuracy, deviation, folds, code]),
    [
      ['always 0.75', 0.75, 0, 4, ''],
      ['always 0.25', 0.25, 0, 4, ''],
    ],
  );
  const broken = { name: 'broken', make: () => ({ fit: () => Promise.reject(new RangeError('no')), evaluate() {} }) };
  await assert.rejects(compare(samples, { candidates: [broken] }), /no/);
});

test('wrong arguments of compare are named', async () => {
  const refused = [
    [[1], TypeError, /compare: samples is 1, expected an array/],
    [[[samples[0]]], RangeError, /samples .*at least two/],
    [[[{ input: [1], label: 'a' }, 3]], TypeError, /samples\[1\]/],
    [[[{ input: [1], label: 'a' }, { input: [1] }]], TypeError, /samples\[1\]\.label/],
    [[[samples[0], samples[2]]], RangeError, /two labels/],
    [[[samples[0], { input: 'text', label: 'x' }]], TypeError, /samples\[1\]\.input/],
    [[[samples[0], { input: [], label: 'x' }]], TypeError, /samples\[1\]\.input/],
    [[samples, { seconds: 0 }], RangeError, /options\.seconds/],
    [[samples, { folds: 41 }], RangeError, /options\.folds/],
    [[samples, { seed: -1 }], RangeError, /options\.seed/],
    [[samples, { parallel: 0 }], RangeError, /options\.parallel/],
    [[samples, { signal: 1 }], TypeError, /options\.signal/],
    [[samples, { onProgress: 1 }], TypeError, /options\.onProgress/],
    [[samples, { candidates: [] }], RangeError, /options\.candidates/],
    [[samples, { candidates: [{ name: 'a' }] }], TypeError, /options\.candidates\[0\]\.make/],
    [[samples, { progress: 1 }], TypeError, /options\.progress is not known/],
  ];
  for (const [args, type, message] of refused) {
    await assert.rejects(compare(...args), (error) => {
      assert.ok(error instanceof type && message.test(error.message), `${error}`);
      return true;
    });
  }
});

test('what is wrong with a sample is told by its place among those given', async () => {
  const series = Array.from({ length: 12 }, (_, index) => ({
    input: Array.from({ length: 12 }, (_, step) => Math.sin(index + step)),
    label: index % 2,
  }));
  const options = { seconds: 1, seed: 1 };
  for (const [more, message] of [
    [[{ input: [1, Number.POSITIVE_INFINITY], label: 0 }], /^compare: samples\[12\]\.input\[1\] is Infinity/],
    [[{ input: [[1, 2]], label: 0 }], /^compare: samples\[12\]\.input\[0\] has 2 values/],
    [
      [{ input: [1], label: '1' }],
      /^compare: samples\[12\]\.label is "1", expected another text than that of the label 1/,
    ],
    [[{ input: [1], label: Number.NaN }], /^compare: samples\[12\]\.label is NaN/],
  ]) {
    await assert.rejects(compare([...series, ...more], options), { message });
  }
  const texts = ['one two', 'two', 'three', 'one'].map((input, index) => ({ input, label: index % 2 }));
  await assert.rejects(compare([...texts, { input: '', label: 0 }], options), {
    message: /^compare: samples\[4\]\.input/,
  });

  const candidate = (make) => compare(series, { ...options, candidates: [{ name: 'x', make }] });
  await assert.rejects(
    candidate(() => ({})),
    /^TypeError: compare: options\.candidates\[0\]\.make\(\) is .*, expected a model that has fit and evaluate/,
  );
  for (const accuracy of [Number.NaN, 2, undefined, '1']) {
    const model = { fit: async () => ({ stopped: 'iterations' }), evaluate: () => ({ accuracy }) };
    await assert.rejects(
      candidate(() => model),
      /options\.candidates\[0\]\.make\(\)\.evaluate\(\)\.accuracy/,
    );
  }
});

test('a candidate that fails ends the fits of the others', async () => {
  const series = Array.from({ length: 8 }, (_, index) => ({ input: [index, 1], label: index % 2 }));
  let aborted = false;
  const slow = {
    fit: (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        });
      }),
    evaluate: () => ({ accuracy: 1 }),
  };
  const broken = { ...slow, fit: () => Promise.reject(new Error('broken')) };
  const candidates = [slow, broken].map((model, index) => ({ name: `${index}`, make: () => model }));
  await assert.rejects(compare(series, { candidates, parallel: 2, seconds: 86_400 }), /broken/);
  assert.ok(aborted);
});
