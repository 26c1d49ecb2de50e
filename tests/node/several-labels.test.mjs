// Several labels at once; and classifiers that decide at every step.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crossValidate, Encoder, SequenceClassifier, unpack } from 'engram';
import { randomFrom, SEED } from '../support/random.mjs';

const labels = ['rises', 'shakes', 'peaks'];

/** Series that rise, shake or have a peak, or several of it, or nothing. */
function series(count, random) {
  return Array.from({ length: count }, () => {
    const own = labels.filter(() => random() < 0.5);
    const [start, peak] = [random() * 2 - 1, 4 + Math.floor(random() * 12)];
    const input = Array.from({ length: 20 }, (_, step) => {
      const slope = own.includes('rises') ? step / 8 : 0;
      const shake = own.includes('shakes') ? (step % 2 ? 0.6 : -0.6) : 0;
      return start + slope + shake + (own.includes('peaks') && step === peak ? 3 : 0) + random() * 0.2;
    });
    return { input, labels: own };
  });
}

const make = (options) =>
  new SequenceClassifier({ labels, encoder: Encoder.numeric(), multiLabel: true, hidden: [16], seed: 1, ...options });

test(`three labels at once: 95 % of all decisions, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const classifier = make({ readout: 'max' });
  await classifier.fit(series(200, random), { epochs: 60, rate: 0.02 });
  const judged = series(100, random);
  const { accuracy, exact, loss, averagePrecision, classes } = classifier.evaluate(judged);
  assert.ok(accuracy >= 0.95, `${accuracy}`);
  assert.ok(exact > 0.85 && exact <= accuracy, `${exact}`);
  assert.ok(loss < 0.5 && averagePrecision > 0.95, `${loss} ${averagePrecision}`);
  for (const label of labels) {
    const { precision, recall, count } = classes[label];
    assert.ok(precision > 0.85 && recall > 0.85, `${label}: ${precision} ${recall}`);
    assert.equal(count, judged.filter((sample) => sample.labels.includes(label)).length);
  }
  // Counted again by hand, from what classify says.
  const answers = classifier.classifyAll(judged.map(({ input }) => input));
  const same = answers.filter((answer, index) => answer.labels.join() === judged[index].labels.join()).length;
  assert.equal(exact, same / judged.length);
  assert.deepEqual(classifier.classify(judged[0].input), answers[0]);
  for (const { labels: own, probabilities } of answers) {
    assert.deepEqual(
      own,
      labels.filter((label) => probabilities[label] >= 0.5),
    );
  }
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.evaluate(judged), classifier.evaluate(judged));
  assert.deepEqual(copy.toJSON(), classifier.toJSON());
  const stream = classifier.stream();
  judged[0].input.forEach((value, step) => {
    const said = stream.push(value);
    assert.deepEqual(said, classifier.classify(judged[0].input.slice(0, step + 1)));
  });
});

test('average precision is the mean precision where one more is found, of equals at once', async () => {
  const classifier = make();
  await classifier.fit(series(12, randomFrom(3)), { epochs: 1 });
  const samples = series(9, randomFrom(4));
  // One input twice, with and without the label: equal probabilities.
  samples.push({ ...samples[0], labels: labels.filter((label) => !samples[0].labels.includes(label)) });
  const answers = classifier.classifyAll(samples.map(({ input }) => input));
  const { classes, averagePrecision } = classifier.evaluate(samples);
  let sum = 0;
  for (const label of labels) {
    const thresholds = [...new Set(answers.map(({ probabilities }) => probabilities[label]))].sort((a, b) => b - a);
    const has = samples.map((sample) => sample.labels.includes(label));
    const count = has.filter(Boolean).length;
    let [expected, before] = [0, 0];
    for (const threshold of thresholds) {
      const got = answers.map(({ probabilities }) => probabilities[label] >= threshold);
      const right = got.filter((given, index) => given && has[index]).length;
      expected += ((right - before) / count) * (right / got.filter(Boolean).length);
      before = right;
    }
    assert.ok(Math.abs(classes[label].averagePrecision - expected) < 1e-12, label);
    sum += expected / labels.length;
  }
  assert.ok(Math.abs(averagePrecision - sum) < 1e-12);
});

test('thresholds are of all labels or of each, and go with the file', async () => {
  const samples = series(20, randomFrom(5));
  const fitted = await make()
    .fit(samples, { epochs: 2 })
    .then(() => null);
  assert.equal(fitted, null);
  const answersWith = async (thresholds) => {
    const classifier = make({ thresholds });
    await classifier.fit(samples, { epochs: 2 });
    return [SequenceClassifier.fromJSON(classifier.toJSON()), classifier.classify(samples[0].input)];
  };
  const [low, all] = await answersWith(1e-9);
  assert.deepEqual(all.labels, labels);
  assert.deepEqual(low.thresholds, [1e-9, 1e-9, 1e-9]);
  const [, none] = await answersWith(0.999999);
  assert.deepEqual(none.labels, []);
  const [each, one] = await answersWith({ rises: 1e-9, peaks: 0.999999, shakes: 0.999999 });
  assert.deepEqual(one.labels, ['rises']);
  assert.deepEqual(each.classify(samples[0].input), one);
  assert.deepEqual(make({ thresholds: { peaks: 0.2 } }).thresholds, [0.5, 0.5, 0.2]);
  assert.equal(make().multiLabel, true);
  assert.equal(new SequenceClassifier({ labels, encoder: Encoder.numeric() }).thresholds, undefined);
});

test('several labels are packed, cross-validated, smoothed, and held out', async () => {
  const samples = series(24, randomFrom(6));
  const fit = { epochs: 3, labelSmoothing: 0.1, validation: 0.25, threads: 1 };
  const here = make();
  const result = await here.fit(samples, fit);
  assert.ok(result.accuracy > 0);
  const pack = await unpack(await make().pack(samples, fit));
  await pack.train({ threads: 1 });
  assert.deepEqual(pack.model.toJSON(), here.toJSON());
  const { mean, folds } = await crossValidate(() => make(), samples, { folds: 2, seed: 1, fit: { epochs: 2 } });
  assert.ok(mean.accuracy > 0 && mean.averagePrecision > 0 && mean.exact >= 0);
  assert.equal(folds.length, 2);
  const some = [
    { input: [1, 2], labels: ['rises'] },
    { input: [2, 1], labels: [] },
  ];
  const { advice } = await make().fit(some, { epochs: 1 });
  assert.match(advice, /no sample to train on has the labels "shakes", "peaks"/);
});

test('what fits one label only, or several only, is refused', async () => {
  const input = [1, 2];
  await assert.rejects(make().fit([{ input, label: 'rises' }]), {
    name: 'TypeError',
    message: /SequenceClassifier.fit: samples\[0\].labels is undefined, expected an array/,
  });
  for (const [own, message] of [
    [['rises', 'falls'], /samples\[0\].labels\[1\] is "falls", expected one of/],
    [['rises', 'rises'], /samples\[0\].labels\[1\] is "rises", expected a label that has not come before/],
  ]) {
    await assert.rejects(make().fit([{ input, labels: own }]), { name: 'RangeError', message });
  }
  const fit = make().fit([{ input, labels: [] }], { classWeights: 'balanced' });
  await assert.rejects(fit, /options.classWeights is "balanced", expected left out with multiLabel/);
  for (const [thresholds, message] of [
    [0, /options.thresholds is 0, expected a number above 0 and below 1/],
    [1, /options.thresholds is 1/],
    [{ falls: 0.5 }, /falls/],
    [{ rises: 'a' }, /options.thresholds.rises is "a"/],
  ]) {
    assert.throws(() => make({ thresholds }), message);
  }
  const one = { labels, encoder: Encoder.numeric() };
  assert.throws(
    () => new SequenceClassifier({ ...one, thresholds: 0.5 }),
    /options.thresholds is 0.5, expected left out/,
  );
  assert.throws(
    () => new SequenceClassifier({ ...one, multiLabel: 1 }),
    /options.multiLabel is 1, expected true or false/,
  );
  const json = make().toJSON();
  assert.throws(() => SequenceClassifier.fromJSON({ ...json, thresholds: [0.5] }), /json.thresholds has 1 entries/);
  assert.throws(() => SequenceClassifier.fromJSON({ ...json, thresholds: [0.5, 2, 0.5] }), RangeError);
  assert.throws(() => SequenceClassifier.fromJSON({ ...json, multiLabel: 'yes' }), TypeError);
});

test(`a classifier that is supervised at every step decides early, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  // The first steps tell all; what follows is noise of equal kind.
  const sample = () => {
    const label = random() < 0.5 ? 'a' : 'b';
    const input = Array.from({ length: 30 }, (_, step) => (step < 2 ? (label === 'a' ? 2 : -2) : 0) + random() - 0.5);
    return { input, label };
  };
  const [samples, judged] = [120, 60].map((count) => Array.from({ length: count }, sample));
  const trained = async (supervise) => {
    const classifier = new SequenceClassifier({
      labels: ['a', 'b'],
      encoder: Encoder.numeric(),
      hidden: [12],
      seed: 2,
    });
    await classifier.fit(samples, { epochs: 15, rate: 0.02, supervise });
    return classifier;
  };
  const every = await trained('every');
  const { accuracy, early } = every.evaluate(judged, { early: true });
  assert.deepEqual(
    early.map(({ share }) => share),
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  );
  assert.equal(early.at(-1).accuracy, accuracy);
  for (const { share, accuracy: part } of early) assert.ok(part > 0.95, `${part} at ${share}`);
  // A part is what classify says of the first steps.
  const half = judged.filter(({ input, label }) => every.classify(input.slice(0, 15)).label === label).length;
  assert.equal(early[4].accuracy, half / judged.length);
  const end = await trained('end');
  assert.notDeepEqual(end.toJSON().network, every.toJSON().network);
  assert.equal(end.evaluate(judged).early, undefined);
});

test('early answers of any read-out are judged, but of both directions not; supervision at every step asks for last', async () => {
  const samples = series(8, randomFrom(8)).map(({ input, labels: own }) => ({
    input,
    label: own.length ? 'some' : 'none',
  }));
  const options = { labels: ['some', 'none'], encoder: Encoder.numeric({ window: 3 }), hidden: [4], seed: 1 };
  const pooled = new SequenceClassifier({ ...options, readout: 'attention' });
  await pooled.fit(samples, { epochs: 1 });
  const { early, accuracy } = pooled.evaluate(samples, { early: true });
  assert.equal(early.at(-1).accuracy, accuracy);
  await assert.rejects(pooled.fit(samples, { supervise: 'every' }), /options.supervise is "every", expected 'end'/);
  await assert.rejects(pooled.fit(samples, { supervise: 'all' }), /options.supervise is "all"/);
  assert.throws(() => pooled.evaluate(samples, { early: 1 }), /options.early is 1, expected true or false/);
  const both = new SequenceClassifier({ ...options, bidirectional: true });
  await both.fit(samples, { epochs: 1 });
  assert.throws(
    () => both.evaluate(samples, { early: true }),
    /options.early is true, expected false of a bidirectional/,
  );
  const words = new SequenceClassifier({ labels: [1, 2], encoder: Encoder.oneHot('ab'), hidden: [3], seed: 1 });
  await words.fit(
    [
      { input: 'abab', label: 1 },
      { input: 'b', label: 2 },
    ],
    { epochs: 1, supervise: 'every' },
  );
  assert.equal(words.evaluate([{ input: 'abab', label: 1 }], { early: true }).early.length, 10);
});
