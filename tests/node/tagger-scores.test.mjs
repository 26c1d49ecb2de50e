// A tagger's weights of labels, its scores, and the spans that tags say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, SequenceTagger, Trainer } from 'engram';
import { below, pick, randomFrom, SEED } from '../support/random.mjs';

const labels = ['a', 'b', 'c'];
const texts = ['abaa', 'acab', 'baac', 'aaab'];
const samples = texts.map((input) => ({ input, labels: [...input].map((letter, at) => (at === 2 ? null : letter)) }));
const smooth = (label) => labels.map((other) => (other === label ? 1 - 0.3 : 0) + 0.3 / 3);

/** Weights of a tagger that was fitted with options, and of a network trained with such targets. */
async function both(options, target) {
  const encoder = Encoder.oneHot('abc');
  const tagger = new SequenceTagger({ labels, encoder, hidden: [4], seed: 5 });
  await tagger.fit(samples, { epochs: 6, batchSize: 4, ...options });
  const network = new Architect.LSTM(encoder.size, 4, 3, { variant: 'standard', output: 'softmax', seed: 5 });
  const set = samples.map(({ input, labels: tags }) => {
    return { input: encoder.encode(input), output: tags.map((tag) => (tag === null ? null : target(tag))) };
  });
  const settings = { iterations: 6, batchSize: 4, error: 0, seed: 5 };
  await new Trainer(network).launch('test', set, settings, { weighted: true });
  return [tagger.network, network].map(({ weights, biases }) => [...weights, ...biases]);
}

test('classWeights and labelSmoothing have the bits of a run with such targets', async () => {
  // Steps with a label: 7 of a, 4 of b, 1 of c.
  const counts = { a: 0, b: 0, c: 0 };
  for (const { labels: tags } of samples) for (const tag of tags) if (tag !== null) counts[tag]++;
  const chosen = { a: 0.5, b: 3, c: 1.25 };
  const weighted = (weights) => (label) => smooth(label).map((value) => value * weights[label]);
  const balanced = Object.fromEntries(labels.map((label) => [label, 12 / (3 * counts[label])]));
  for (const [options, target] of [
    [{ labelSmoothing: 0.3 }, smooth],
    [{ labelSmoothing: 0.3, classWeights: chosen }, weighted(chosen)],
    [{ labelSmoothing: 0.3, classWeights: 'balanced' }, weighted(balanced)],
  ]) {
    const [tagger, network] = await both(options, target);
    assert.deepEqual(tagger, network);
  }
});

test('scores are those of the confusion, by steps that have a label', async () => {
  const tagger = new SequenceTagger({ labels, encoder: Encoder.oneHot('abc'), hidden: [3], seed: 2 });
  await tagger.fit(samples, { epochs: 4 });
  const { accuracy, loss, confusion, classes, spans } = tagger.evaluate(samples);
  const expected = labels.map(() => labels.map(() => 0));
  let [sum, count] = [0, 0];
  for (const { input, labels: tags } of samples) {
    tagger.tag(input).forEach(({ label, probabilities }, step) => {
      if (tags[step] === null) return;
      expected[labels.indexOf(tags[step])][labels.indexOf(label)]++;
      sum -= Math.log(probabilities[tags[step]]);
      count++;
    });
  }
  assert.deepEqual(confusion, expected);
  assert.equal(accuracy, (expected[0][0] + expected[1][1] + expected[2][2]) / count);
  assert.ok(Math.abs(loss - sum / count) < 1e-12);
  assert.equal(spans, undefined);
  labels.forEach((label, place) => {
    const got = expected.reduce((all, row) => all + row[place], 0);
    const there = expected[place].reduce((all, value) => all + value, 0);
    const right = expected[place][place];
    const { precision, recall, f1, count: known } = classes[label];
    assert.equal(known, there);
    assert.equal(precision, got === 0 ? 0 : right / got);
    assert.equal(recall, there === 0 ? 0 : right / there);
    assert.ok(Math.abs(f1 - (right === 0 ? 0 : (2 * precision * recall) / (precision + recall))) < 1e-12);
  });
});

const tags = ['O', 'B-who', 'I-who', 'B-where', 'I-where'];
const people = ['Ada', 'Alan', 'Grace', 'Kurt'];
const places = ['Rome', 'Oslo', 'Lima', 'Bonn'];

test(`spans of names are found in sentences, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const sentence = () => {
    const words = [];
    const add = (text, label) => {
      text.split(' ').forEach((word, at) => words.push([word, label && `${at === 0 ? 'B' : 'I'}-${label}`]));
    };
    for (let part = 0; part < 2; part++) {
      add(pick(random, ['yesterday', 'they say', 'then']), null);
      add(`${pick(random, people)}${below(random, 2) ? ` ${pick(random, people)}` : ''}`, 'who');
      add(pick(random, ['went to', 'met us in', 'wrote from']), null);
      add(below(random, 2) ? `new ${pick(random, places)}` : pick(random, places), 'where');
    }
    return { input: words.map(([word]) => word).join(' '), labels: words.map(([, label]) => label ?? 'O') };
  };
  const [set, others] = [80, 30].map((count) => Array.from({ length: count }, sentence));
  const tagger = new SequenceTagger({
    labels: tags,
    encoder: Encoder.tokens({ embedding: 8 }),
    hidden: [12],
    seed: SEED,
  });
  await tagger.fit(set, { epochs: 60, rate: 0.03, decay: { type: 'cosine' } });
  const { spans } = tagger.evaluate(others);
  assert.ok(spans.f1 > 0.95 && spans.count >= 120, JSON.stringify(spans));
  assert.deepEqual(tagger.spans('then Ada Kurt went to new Oslo'), [
    { label: 'who', start: 1, end: 3 },
    { label: 'where', start: 5, end: 7 },
  ]);
});

test('spans are read from tags as IOB2 has them, and judged whole', async () => {
  // A network that says its input: each tag is a symbol of its own.
  const known = [...tags, 'B-', 'X-who'];
  const tagger = new SequenceTagger({
    labels: known,
    encoder: Encoder.symbols({ symbols: known }),
    hidden: [12],
    seed: 1,
  });
  const all = known.map((tag) => ({ input: [tag, tag], labels: [tag, tag] }));
  const pairs = known.flatMap((first) => known.map((next) => ({ input: [first, next], labels: [first, next] })));
  await tagger.fit([...all, ...pairs], { epochs: 150, rate: 0.05, decay: { type: 'cosine' } });
  assert.equal(tagger.evaluate(pairs).accuracy, 1);
  const cases = [
    [['O', 'O'], []],
    [['B-who', 'I-who'], [['who', 0, 2]]],
    [
      ['B-who', 'B-who'],
      [
        ['who', 0, 1],
        ['who', 1, 2],
      ],
    ],
    [['I-who', 'I-who'], [['who', 0, 2]]],
    [
      ['B-who', 'I-where'],
      [
        ['who', 0, 1],
        ['where', 1, 2],
      ],
    ],
    [['B-', 'X-who'], []],
    [['X-who', 'I-where'], [['where', 1, 2]]],
  ];
  for (const [input, expected] of cases) {
    const spans = tagger.spans(input).map(({ label, start, end }) => [label, start, end]);
    assert.deepEqual(spans, expected, input.join(' '));
  }
  // What was found is one span of two steps; there are two of one each, and then one that is right.
  const judged = [
    { input: ['B-who', 'I-who'], labels: ['B-who', 'B-who'] },
    { input: ['B-where', 'O'], labels: ['B-where', 'O'] },
    { input: ['O', 'I-who'], labels: ['O', null] },
  ];
  assert.deepEqual(tagger.evaluate(judged).spans, { precision: 1 / 2, recall: 1 / 3, f1: 2 / 5, count: 3 });
});

test(`5 % of abnormal series, or steps, are recalled with balanced weights, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const noise = () => random() + random() - 1;
  const series = (abnormal) =>
    Array.from({ length: 30 }, (_, step) => Math.sin(step / 2) * (abnormal ? 0.6 : 1) + 0.2 * noise());
  const make = (count) =>
    Array.from({ length: count }, (_, index) => {
      const abnormal = index % 20 === 0;
      return { input: series(abnormal), label: abnormal ? 'abnormal' : 'normal' };
    });
  const classifier = new SequenceClassifier({ labels: ['normal', 'abnormal'], encoder: Encoder.numeric(), seed: SEED });
  await classifier.fit(make(400), { classWeights: 'balanced' });
  const { classes } = classifier.evaluate(make(400));
  assert.ok(classes.abnormal.recall > 0.8, JSON.stringify(classes));
  const steps = (count) =>
    Array.from({ length: count }, () => {
      const tags = Array.from({ length: 40 }, () => (random() < 0.05 ? 'spike' : 'quiet'));
      return { input: tags.map((tag) => (tag === 'spike' ? 1.2 : 0) + 0.5 * noise()), labels: tags };
    });
  const tagger = new SequenceTagger({ labels: ['quiet', 'spike'], encoder: Encoder.numeric(), seed: SEED });
  await tagger.fit(steps(60), { classWeights: 'balanced' });
  const { classes: found } = tagger.evaluate(steps(60));
  assert.ok(found.spike.recall > 0.8, JSON.stringify(found));
});

test('what is wrong is refused by name', async () => {
  const tagger = new SequenceTagger({ labels, encoder: Encoder.oneHot('abc'), hidden: [2], seed: 1 });
  for (const [options, message] of [
    [{ labelSmoothing: 1 }, /^SequenceTagger\.fit: options\.labelSmoothing is 1/],
    [{ classWeights: 'even' }, /options\.classWeights/],
    [{ classWeights: { a: 1, b: 0, c: 1 } }, /options\.classWeights\.b is 0, expected a number above 0/],
    [{ classWeights: { a: 1 } }, /options\.classWeights\.b is undefined/],
  ]) {
    await assert.rejects(tagger.fit(samples, options), { message });
  }
  assert.throws(() => tagger.spans('ab'), {
    name: 'TypeError',
    message: /^SequenceTagger\.spans: the model has not been fitted/,
  });
});
