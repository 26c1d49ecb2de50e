// Windows of series: several rows a step.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequencePredictor, SequenceTagger } from 'engram';

const plain = { normalize: false };

test('a step is a window of rows, and the last one ends with the series', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7];
  const steps = (options) => Encoder.numeric({ ...plain, ...options }).encode(rows);
  assert.deepEqual(steps({ window: 3 }), [
    [1, 2, 3],
    [4, 5, 6],
    [5, 6, 7],
  ]);
  assert.deepEqual(steps({ window: 7 }), [rows]);
  assert.deepEqual(steps({ window: 3, stride: 2 }), [
    [1, 2, 3],
    [3, 4, 5],
    [5, 6, 7],
  ]);
  assert.deepEqual(steps({ window: 4, stride: 2 }), [
    [1, 2, 3, 4],
    [3, 4, 5, 6],
    [4, 5, 6, 7],
  ]);
  assert.deepEqual(
    steps({ window: 1 }),
    rows.map((row) => [row]),
  );
});

test('every row stands in a step, whatever the lengths', () => {
  for (let count = 0; count < 30; count++) {
    for (let window = 1; window < 9; window++) {
      for (let stride = 1; stride <= window; stride++) {
        const rows = Array.from({ length: count }, (_, index) => index);
        const encoder = Encoder.numeric({ ...plain, window, stride });
        const steps = encoder.encode(rows);
        const seen = new Set(steps.flat());
        assert.equal(seen.size, count, `${count} rows, window ${window}, stride ${stride}`);
        assert.ok(
          steps.every((step) => step.length === window && step.every((row, at) => at === 0 || row >= step[at - 1])),
        );
        assert.equal(encoder.parts(rows).length, steps.length);
      }
    }
  }
});

test('1,460 rows are 146 steps', () => {
  const encoder = Encoder.numeric({ window: 10 });
  const series = Array.from({ length: 1460 }, (_, row) => Math.sin(row));
  encoder.fit([series]);
  assert.equal(encoder.encode(series).length, 146);
  assert.equal(encoder.size, 10);
});

test('a series that is shorter than a window begins with copies of its first row', () => {
  const encoder = Encoder.numeric({ ...plain, window: 4 });
  assert.deepEqual(encoder.encode([3, 5]), [[3, 3, 3, 5]]);
  assert.deepEqual(encoder.parts([3, 5]), ['1 to 2']);
  assert.deepEqual(encoder.encode([]), []);
  assert.deepEqual(Encoder.numeric({ ...plain, window: 2 }).parts([1, 2, 3]), ['1 to 2', '2 to 3']);
});

test('channels and gaps go with the window; scales are those of the rows', () => {
  const encoder = Encoder.numeric({ channels: ['x', 'y'], missing: 'mask', window: 2, normalize: false });
  assert.equal(encoder.size, 8);
  assert.deepEqual(
    encoder.encode([
      { x: 1, y: 2 },
      { x: null, y: 4 },
      { x: 5, y: 6 },
    ]),
    [
      [1, 2, 0, 4, 1, 1, 0, 1],
      [0, 4, 5, 6, 0, 1, 1, 1],
    ],
  );
  const scaled = Encoder.numeric({ window: 3, stride: 1 });
  scaled.fit([[1, 2, 3, 4]]);
  const { mean, deviation } = scaled.toJSON();
  const single = Encoder.numeric();
  single.fit([[1, 2, 3, 4]]);
  assert.deepEqual([mean, deviation], [single.toJSON().mean, single.toJSON().deviation]);
});

test('an encoder with a window is stored', () => {
  const encoder = Encoder.numeric({ window: 4, stride: 3 });
  encoder.fit([[1, 5, 2, 8, 3, 9]]);
  const json = JSON.parse(JSON.stringify(encoder));
  assert.deepEqual([json.window, json.stride], [4, 3]);
  const copy = Encoder.fromJSON(json);
  assert.deepEqual(copy.encode([1, 2, 3, 4, 5, 6]), encoder.encode([1, 2, 3, 4, 5, 6]));
  const without = Encoder.numeric().toJSON();
  assert.ok(!('window' in without) && !('stride' in without));
});

test('windows that can not be are refused', () => {
  const refused = (options, message) => assert.throws(() => Encoder.numeric(options), { name: 'RangeError', message });
  refused({ window: 0 }, /Encoder.numeric: options.window/);
  refused({ window: 2.5 }, /options.window/);
  refused({ window: 3, stride: 4 }, /options.stride/);
  refused({ stride: 2 }, /options.stride/);
  refused({ channels: 65_536, window: 2 }, /options.window/);
  assert.throws(
    () => Encoder.fromJSON({ type: 'numeric', channels: 1, normalize: false, window: -1, mean: null, deviation: null }),
    /json.window/,
  );
  assert.throws(() => new SequencePredictor({ encoder: Encoder.numeric({ window: 2 }) }), {
    name: 'RangeError',
    message: /new SequencePredictor: options.encoder.*without a window/,
  });
});

test('classifiers learn from windows, taggers have a label for each', async () => {
  const series = (label, shift) => ({
    label,
    input: Array.from({ length: 100 + shift }, (_, row) => Math.sin((row + shift) / (label === 'slow' ? 9 : 4))),
  });
  const samples = Array.from({ length: 40 }, (_, index) => series(index % 2 ? 'slow' : 'fast', index));
  const classifier = new SequenceClassifier({
    labels: ['slow', 'fast'],
    encoder: Encoder.numeric({ window: 10 }),
    hidden: [8],
    readout: 'mean',
    seed: 1,
  });
  await classifier.fit(samples, { epochs: 30, rate: 0.02 });
  assert.ok(classifier.evaluate(samples).accuracy > 0.95);
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.classify(samples[0].input), classifier.classify(samples[0].input));

  const tagger = new SequenceTagger({ labels: ['low', 'high'], encoder: Encoder.numeric({ window: 2 }), hidden: [4] });
  await tagger.fit([{ input: [0, 0, 1, 1, 0], labels: ['low', 'high', 'low'] }], { epochs: 1 });
  assert.equal(tagger.tag([0, 0, 1, 1]).length, 2);
  await assert.rejects(tagger.fit([{ input: [0, 0, 1, 1], labels: ['low'] }]), /2 steps for 1 labels/);
});
