// Labels of every kind, and what models say of labels that are repeated or missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequenceTagger } from 'engram';

const encoder = () => Encoder.oneHot('abc');
const classifierOf = (labels) => new SequenceClassifier({ labels, encoder: encoder(), hidden: [6], seed: 1 });
const taggerOf = (labels) => new SequenceTagger({ labels, encoder: encoder(), hidden: [6], seed: 1 });
/** As many short texts of each first letter, which is the label's place. */
const samplesOf = (labels) =>
  ['aa', 'ab', 'ba', 'bb', 'aba', 'bab', 'abb', 'baa'].map((input) => ({
    input,
    label: labels['ab'.indexOf(input[0])],
  }));

for (const labels of [
  [0, 1],
  [false, true],
  [-1.5, 'none'],
  ['up', true],
]) {
  const texts = labels.map(String);

  test(`a classifier takes ${JSON.stringify(labels)} and gives them back as they are`, async () => {
    const classifier = classifierOf(labels);
    const samples = samplesOf(labels);
    const weights = Object.fromEntries(texts.map((text, index) => [text, index + 1]));
    const { advice } = await classifier.fit(samples, { epochs: 60, classWeights: weights, validation: samples });
    assert.equal(advice, undefined);
    assert.deepEqual(classifier.labels, labels);
    const { confusion, classes, accuracy } = classifier.evaluate(samples);
    assert.deepEqual(
      [accuracy, confusion],
      [
        1,
        [
          [4, 0],
          [0, 4],
        ],
      ],
    );
    assert.deepEqual(Object.keys(classes).sort(), [...texts].sort());
    const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
    assert.deepEqual(copy.labels, labels);
    for (const { input, label } of samples) {
      const { label: answer, probabilities } = classifier.classify(input);
      assert.equal(answer, label);
      assert.deepEqual(Object.keys(probabilities).sort(), [...texts].sort());
      assert.ok(probabilities[label] > 0.5);
      assert.deepEqual(copy.classify(input), { label: answer, probabilities });
    }
  });

  test(`a tagger takes ${JSON.stringify(labels)}`, async () => {
    const tagger = taggerOf(labels);
    const samples = ['ab', 'ba', 'abba', 'bbaa'].map((input) => {
      return { input, labels: Array.from(input, (letter) => labels['ab'.indexOf(letter)]) };
    });
    await tagger.fit(samples, { epochs: 60 });
    const copy = SequenceTagger.fromJSON(JSON.parse(JSON.stringify(tagger)));
    assert.deepEqual(
      copy.tag('abab').map(({ label }) => label),
      [labels[0], labels[1], labels[0], labels[1]],
    );
  });
}

test('a label is what it is, not its text', async () => {
  const classifier = classifierOf([1, 2]);
  await assert.rejects(classifier.fit([{ input: 'a', label: '1' }]), {
    name: 'RangeError',
    message: 'SequenceClassifier.fit: samples[0].label is "1", expected one of 1, 2',
  });
  await assert.rejects(classifierOf(['1', '2']).fit([{ input: 'a', label: 1 }]), {
    name: 'RangeError',
    message: 'SequenceClassifier.fit: samples[0].label is 1, expected one of "1", "2"',
  });
});

test('labels that cannot be told apart, or stored, are named', () => {
  for (const [labels, name, message] of [
    [
      ['a', 'b', 'a'],
      'RangeError',
      /options\.labels\[2\] is "a", expected another text than that of options\.labels\[0\], "a"/,
    ],
    [[1, '1'], 'RangeError', /options\.labels\[1\] is "1", expected another text than that of options\.labels\[0\], 1/],
    [['true', true], 'RangeError', /options\.labels\[1\] is true, .* options\.labels\[0\], "true"/],
    [[1, NaN], 'RangeError', /options\.labels\[1\] is NaN, expected a finite number/],
    [[1, null], 'TypeError', /options\.labels\[1\] is null, expected a string, a number, true or false/],
    [[1, 2n], 'TypeError', /options\.labels\[1\] is /],
    [['a'], 'RangeError', /at least two different labels/],
  ]) {
    for (const make of [classifierOf, taggerOf]) assert.throws(() => make(labels), { name, message });
  }
});

test('a label that no sample has is named in the advice, and what is learnt stays', async () => {
  const classifier = classifierOf(['a', 'b', 'c', 7]);
  const samples = samplesOf(['a', 'b']);
  const { advice, accuracy } = await classifier.fit(samples, { epochs: 60 });
  assert.equal(advice, 'no sample to train on has the labels "c", 7');
  assert.equal(accuracy, 1);
  const { advice: one } = await classifier.fit([...samples, { input: 'c', label: 'c' }], { epochs: 20 });
  assert.equal(one, 'no sample to train on has the label 7');
  // Held out, it is not trained on.
  const judged = { epochs: 20, validation: [{ input: 'c', label: 7 }] };
  const { advice: held } = await classifier.fit([...samples, { input: 'c', label: 'c' }], judged);
  assert.equal(held, 'no sample to train on has the label 7');
  const tagger = taggerOf(['a', 'b']);
  const { advice: tags } = await tagger.fit([{ input: 'ab', labels: ['a', null] }], { epochs: 1 });
  assert.match(tags, /^no sample to train on has the label "b"/);
  // One finding after the other.
  const { advice: both } = await classifierOf(['a', 'b', 'c']).fit(samples, { epochs: 1, rate: 0 });
  assert.match(both, /^no sample to train on has the label "c"; the error on the samples trained on/);
});

test('weights name labels by their text', async () => {
  const classifier = classifierOf([1, 2]);
  await assert.rejects(classifier.fit(samplesOf([1, 2]), { classWeights: { 1: 1, 3: 1 } }), {
    name: 'TypeError',
    message: /^SequenceClassifier\.fit: options\.classWeights\.3 is not known/,
  });
  await assert.rejects(classifier.fit(samplesOf([1, 2]), { classWeights: { 1: 1 } }), /options\.classWeights\.2/);
});
