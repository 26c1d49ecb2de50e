// classWeights and labelSmoothing of a classifier are the targets that they stand for: (1 - smoothing) for the label
// and smoothing spread over all labels, times the weight of the sample's label.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, Trainer } from 'engram';

const labels = ['a', 'b', 'c'];
/** A text's first letter is its label: 6 of 'a', 3 of 'b', 1 of 'c'. */
const texts = ['ab', 'aca', 'b', 'acc', 'abba', 'bca', 'a', 'cab', 'bb', 'aaa'];
const samples = texts.map((input) => ({ input, label: input[0] }));
const held = ['bab', 'ca', 'ac'].map((input) => ({ input, label: input[0] }));
const SEED = 5;
const EPOCHS = 6;

/** Weights and biases of a classifier that was fitted with these options. */
async function fitted(options) {
  const base = { labels, encoder: Encoder.oneHot('abc'), hidden: [4], seed: SEED };
  const classifier = new SequenceClassifier(base);
  const { error } = await classifier.fit(samples, { epochs: EPOCHS, batchSize: 4, ...options });
  const { weights, biases } = classifier.network;
  return { error, numbers: [...weights, ...biases] };
}

/** The same of a network that a trainer trains with targets as they come from `target(label)`. */
async function trained(target, validation) {
  const encoder = Encoder.oneHot('abc');
  const network = new Architect.LSTM(encoder.size, 4, 3, { variant: 'standard', output: 'softmax', seed: SEED });
  const set = (list) => list.map(({ input, label }) => ({ input: encoder.encode(input), output: target(label) }));
  const options = { iterations: EPOCHS, batchSize: 4, error: 0, seed: SEED };
  const judged = validation ? { validation: set(validation) } : {};
  // What a trainer's users are refused, and the classifier does: distributions times a weight.
  const orders = { weighted: true };
  const { error } = await new Trainer(network).launch('test', set(samples), { ...options, ...judged }, orders);
  return { error, numbers: [...network.weights, ...network.biases] };
}

const hard = (label) => labels.map((other) => Number(other === label));
const smooth = (label) => labels.map((other) => (other === label ? 1 - 0.3 : 0) + 0.3 / 3);
const chosen = { a: 0.5, b: 3, c: 1.25 };
/** As much in all for every label: 10 samples, over 3 labels and as many as there are of each. */
const balanced = { a: 10 / 18, b: 10 / 9, c: 10 / 3 };
const weighted = (targets, weights) => (label) => targets(label).map((value) => value * weights[label]);

const CASES = [
  ['labelSmoothing', { labelSmoothing: 0.3 }, smooth],
  ['classWeights', { classWeights: chosen }, weighted(hard, chosen)],
  ["classWeights 'balanced'", { classWeights: 'balanced' }, weighted(hard, balanced)],
  ['both', { classWeights: chosen, labelSmoothing: 0.3 }, weighted(smooth, chosen)],
  [
    "classWeights 'balanced', with samples to judge by, which do not count",
    { classWeights: 'balanced', labelSmoothing: 0.3, validation: held },
    weighted(smooth, balanced),
  ],
];

test('a fit without them has the targets 1 and 0', async () => {
  assert.deepEqual(await fitted({}), await trained(hard));
  const none = await fitted({ labelSmoothing: 0, classWeights: { a: 1, b: 1, c: 1 } });
  assert.deepEqual(none, await trained(hard));
});

for (const [name, options, target] of CASES) {
  test(`${name}: the same bits as a run with such targets, and others than without`, async () => {
    const { validation, ...rest } = options;
    const classifier = await fitted(options);
    assert.deepEqual(classifier, await trained(target, validation));
    const plain = await fitted({ validation });
    assert.notDeepEqual(classifier.numbers, plain.numbers);
    for (const left of Object.keys(rest)) {
      const without = await fitted({ ...options, [left]: undefined });
      assert.notDeepEqual(classifier.numbers, without.numbers, `without ${left}`);
    }
  });
}
