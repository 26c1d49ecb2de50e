// A sample's weight multiplies its loss and gradient: two samples of weight 1 are one of weight 2.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Architect,
  DataSet,
  Encoder,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  Trainer,
  unpack,
} from 'engram';

const numbersOf = ({ network }) => [...network.weights, ...network.biases];
const near = (actual, expected, message) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - expected[index]) < 1e-12, `${message} ${index}: ${value}, expected ${expected[index]}`);
  });
};

const oneHot = Encoder.oneHot('abc');
const labels = ['a', 'b', 'c'];
const series = [
  [1, 2, 3, 5, 8],
  [2, 1, 4, 3, 6],
  [5, 5, 4, 2, 1],
];
/** Each class with samples of which the second is to count twice: given twice, or by its weight. */
const CLASSES = {
  SequenceClassifier: [
    () => new SequenceClassifier({ labels, encoder: oneHot, hidden: [4], seed: 3 }),
    ['ab', 'bca', 'cc'].map((input) => ({ input, label: input[0] })),
  ],
  SequenceTagger: [
    () => new SequenceTagger({ labels, encoder: oneHot, hidden: [4], seed: 3 }),
    ['abb', 'bca', 'cca'].map((input) => ({ input, labels: [...input].reverse() })),
  ],
  SequenceRegressor: [
    () => new SequenceRegressor({ encoder: Encoder.numeric({ normalize: false }), hidden: [4], seed: 3 }),
    // Their mean and deviation are of samples, however often the second is given.
    series.map((input) => ({ input, output: 3 })),
  ],
};
const FULL = { epochs: 5, batchSize: 99, optimizer: 'sgd', rate: 0.5, precision: 'f64', shuffle: false };

for (const [name, [make, [first, second, third]]] of Object.entries(CLASSES)) {
  test(`${name}: a weight of 2 is the sample twice in a full batch`, async () => {
    const [weighted, doubled, plain] = [make(), make(), make()];
    const run = await weighted.fit([first, { ...second, weight: 2 }, third], FULL);
    const expected = await doubled.fit([first, second, second, third], FULL);
    near(numbersOf(weighted), numbersOf(doubled), 'weight');
    assert.ok(Math.abs(run.error - expected.error) < 1e-12, 'the error is the weighted mean');
    await plain.fit([first, second, third], FULL);
    assert.notDeepEqual(numbersOf(plain), numbersOf(weighted));
    const same = make();
    await same.fit(
      [first, second, third].map((sample) => ({ ...sample, weight: 7 })),
      FULL,
    );
    near(numbersOf(same), numbersOf(plain), 'weights that are all the same change nothing');
  });
}

test('inputs alone have their weights in an option', async () => {
  const generator = () => new SequenceGenerator({ encoder: oneHot, hidden: [4], seed: 3 });
  const predictor = () =>
    new SequencePredictor({ encoder: Encoder.numeric({ normalize: false }), hidden: [4], seed: 3 });
  for (const [make, list] of [
    [generator, ['abb', 'bca', 'ccaab']],
    [predictor, series],
  ]) {
    const [weighted, doubled] = [make(), make()];
    await weighted.fit(list, { ...FULL, weights: [1, 2, 1] });
    await doubled.fit([list[0], list[1], list[1], list[2]], FULL);
    near(numbersOf(weighted), numbersOf(doubled), 'weight');
    await assert.rejects(make().fit(list, { weights: [1, 2] }), {
      message: /options\.weights is .*, expected one number for each of 3 inputs/,
    });
    await assert.rejects(make().fit(list, { weights: [1, 0, 2] }), {
      message: /options\.weights\[1\] is 0, expected a number above 0/,
    });
  }
});

const pairs = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1], weight: 3 },
  { input: [1, 0], output: [1], weight: 0.5 },
  { input: [1, 1], output: [0] },
];
const perceptron = () => new Architect.Perceptron(2, 3, 1, { seed: 4 });

test('a Trainer takes weights in samples and in a DataSet, by either rule', () => {
  const flat = new DataSet({
    inputSize: 2,
    outputSize: 1,
    inputs: pairs.flatMap(({ input }) => input),
    targets: pairs.flatMap(({ output }) => output),
    weights: [1, 3, 0.5, 1],
  });
  for (const learner of ['online', 'bptt']) {
    const options = { learner, iterations: 20, error: -1, seed: 1, batchSize: 2, precision: 'f64' };
    const trained = (set) => {
      const network = perceptron();
      const { error } = new Trainer(network).train(set, options);
      return [error, ...network.weights];
    };
    const weighted = trained(pairs);
    assert.deepEqual(trained(flat), weighted);
    assert.deepEqual(trained(new DataSet(pairs)), weighted);
    assert.notDeepEqual(trained(pairs.map(({ input, output }) => ({ input, output }))), weighted);
    const scaled = trained(pairs.map(({ weight = 1, ...sample }) => ({ ...sample, weight: weight * 8 })));
    assert.deepEqual(scaled, weighted);
  }
  flat.free();
});

test('errors are weighted means, also by a cost of the user and in a test; accuracies are not weighted', () => {
  const network = perceptron();
  const weights = pairs.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight);
  const costs = pairs.map(({ input, output }) => (network.activate(input)[0] - output[0]) ** 2);
  const expected = costs.reduce((sum, cost, index) => sum + cost * weights[index], 0) / total;
  const own = (target, output) => (output[0] - target[0]) ** 2;
  const trainer = new Trainer(network);
  const built = trainer.test(pairs);
  assert.ok(Math.abs(built.error - expected) < 1e-12);
  const right = pairs.filter(({ input, output }) => network.activate(input)[0] > 0.5 === output[0] > 0.5).length;
  assert.equal(built.accuracy, right / 4);
  assert.ok(Math.abs(trainer.test(pairs, { cost: own }).error - expected) < 1e-12);
  const options = { iterations: 1, rate: 1e-300, error: -1, learner: 'bptt', precision: 'f64' };
  assert.ok(Math.abs(new Trainer(network).train(pairs, { ...options, cost: own }).error - expected) < 1e-12);
});

test('a weighted run has one result in a worker, on any threads, from a checkpoint and from a pack', async () => {
  const [make] = CLASSES.SequenceClassifier;
  const samples = Array.from({ length: 70 }, (_, index) => {
    const input = ['ab', 'bca', 'cc', 'abcabc'][index % 4];
    return { input, label: input[0], weight: 0.25 + (index % 7) };
  });
  const options = { epochs: 4, batchSize: 40, validation: 0.2 };
  const whole = make();
  await whole.fit(samples, { ...options, threads: 1 });
  const shared = make();
  await shared.fit(samples, { ...options, threads: 2 });
  assert.deepEqual(numbersOf(shared), numbersOf(whole));
  const checkpoints = [];
  const onCheckpoint = (checkpoint) => checkpoints.push(checkpoint);
  await make().fit(samples, { ...options, checkpointEvery: 2, onCheckpoint });
  const resumed = make();
  await resumed.fit(samples, { ...options, resume: checkpoints[0] });
  assert.deepEqual(numbersOf(resumed), numbersOf(whole));
  const pack = unpack(await make().pack(samples, options));
  await pack.train();
  assert.deepEqual(numbersOf(pack.model), numbersOf(whole));
});

test('weights that are none are refused by name', async () => {
  const refuse = (weight, message) =>
    assert.throws(() => new Trainer(perceptron()).train([{ ...pairs[0], weight }]), { message });
  refuse(0, 'Trainer.train: set[0].weight is 0, expected a number above 0');
  refuse(-1, /set\[0\]\.weight is -1/);
  refuse(Number.POSITIVE_INFINITY, /set\[0\]\.weight/);
  refuse('2', /set\[0\]\.weight/);
  const flat = { inputSize: 1, outputSize: 1, inputs: [1, 2], targets: [1, 0] };
  assert.throws(() => new DataSet({ ...flat, weights: [1] }), {
    message: 'new DataSet: set.weights has 1 values, expected one for each of 2 samples',
  });
  assert.throws(() => new DataSet({ ...flat, weights: [1, 0] }), { message: /set\.weights\[1\] is 0/ });
  for (const [name, [make, [sample]]] of Object.entries(CLASSES)) {
    await assert.rejects(make().fit([sample, { ...sample, weight: 0 }]), {
      name: 'RangeError',
      message: `${name}.fit: samples[1].weight is 0, expected a number above 0`,
    });
  }
});
