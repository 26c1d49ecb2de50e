// Targets that outputs cannot reach are refused before anything is changed, by every call that learns or judges.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, DataSet, Layer, Network, Neuron, Trainer } from 'engram';

const { HLIM, IDENTITY, LOGISTIC, RELU, TANH } = Neuron.squash;

/** A network of one hidden neuron whose outputs have these squashes. */
function network(...squashes) {
  const [input, hidden, output] = [new Layer(1), new Layer(1), new Layer(squashes.length)];
  input.project(hidden);
  hidden.project(output);
  output.list.forEach((neuron, index) => {
    neuron.squash = squashes[index];
  });
  return new Network({ input, hidden: [hidden], output });
}
const softmax = (classes = 2) => new Architect.Perceptron(1, 2, classes, { output: 'softmax', seed: 1 });
const pairs = (...outputs) => outputs.map((output) => ({ input: [0], output }));

/** How a refusal says so. */
const refusal = (message) => (error) => {
  assert.equal(error.name, 'RangeError');
  assert.ok(error.message.includes(message), `${error.message}\n  expected: ${message}`);
  return true;
};

const LOGISTIC_REMEDY =
  "as the outputs are logistic: a class is 1 on an output of its own, and 0 on the others; other values need output: 'linear'";

test('logistic outputs are from 0 to 1', () => {
  const trainer = new Trainer(network(LOGISTIC, LOGISTIC));
  for (const [value, text] of [
    [431.5, '431.5'],
    [-1, '-1'],
    [2, '2'],
    [1.00001, '1.00001'],
    [1e300, '1e+300'],
  ]) {
    const set = pairs([0, 1], [0, 1], [0, 1], [1, value]);
    const message = `set[3].output[1] is ${text}, expected a number from 0 to 1, ${LOGISTIC_REMEDY}`;
    assert.throws(() => trainer.train(set), refusal(message));
  }
  // What rounding adds, and what lies between, is within reach.
  trainer.train(pairs([0, 1 + 1e-9], [0.3, -1e-9], [true, false]), { iterations: 1 });
});

test('other outputs have other bounds', () => {
  const cases = [
    [TANH, [-1, 0, 1], -1.5, 'a number from -1 to 1, as the outputs are hyperbolic tangents'],
    [RELU, [0, 7e6], -0.5, 'a number of at least 0, as the outputs are rectified'],
    [HLIM, [0, 1], 0.5, '0 or 1, as the outputs are hard limits'],
    [HLIM, [0, 1], 2, '0 or 1, as the outputs are hard limits'],
  ];
  for (const [squash, reachable, value, text] of cases) {
    const trainer = new Trainer(network(squash));
    trainer.train(pairs(...reachable.map((given) => [given])), { iterations: 1, rate: 1e-9 });
    assert.throws(() => trainer.train(pairs([value])), refusal(`set[0].output[0] is ${value}, expected ${text}`));
  }
  new Trainer(network(IDENTITY)).train(pairs([431.5], [-1e9]), { iterations: 1, rate: 1e-30 });
  // Each output has its own.
  const mixed = new Trainer(network(IDENTITY, LOGISTIC));
  mixed.train(pairs([5, 0.5]), { iterations: 1 });
  assert.throws(() => mixed.train(pairs([0.5, 5])), refusal('set[0].output[1] is 5'));
});

test('softmax outputs are distributions', () => {
  const trainer = new Trainer(softmax(3));
  trainer.train(pairs([1, 0, 0], [0.5, 0.25, 0.25], Float32Array.of(0.1, 0.2, 0.7)), { iterations: 1 });
  for (const [output, sum] of [
    [[0, 0, 0], 0],
    [[1, 1, 0], 2],
    [[0.5, 0, 0], 0.5],
  ]) {
    const message = `set[1].output sums to ${sum}, expected 1, as the outputs are softmax`;
    assert.throws(() => trainer.train(pairs([1, 0, 0], output)), refusal(message));
  }
  for (const [output, index] of [
    [[2, 5, 0], 0],
    [[0, 2, -1], 1],
    [[0.5, 1, -0.5], 2],
  ]) {
    const message = `set[0].output[${index}] is ${output[index]}, expected a number from 0 to 1`;
    assert.throws(() => trainer.train(pairs(output)), refusal(message));
  }
  // One output is always 1: architects refuse it, and a file may still have it.
  assert.throws(() => softmax(1), {
    name: 'RangeError',
    message: /^new Architect\.Perceptron: options\.output is "softmax", expected 'logistic' for one output/,
  });
  const lstm = () => new Architect.LSTM(1, 2, 1, { variant: 'standard', output: 'softmax' });
  assert.throws(lstm, /^RangeError: new Architect\.LSTM: options\.output is "softmax"/);
  const json = network(LOGISTIC).toJSON();
  json.neurons.at(-1).squash = 'SOFTMAX';
  assert.throws(
    () => new Trainer(Network.fromJSON(json)).train(pairs([1])),
    refusal('one softmax output, which is always 1; expected one output per class'),
  );
});

test('every call refuses them, by its name, and changes nothing', async () => {
  const bad = pairs([2]);
  const made = network(LOGISTIC);
  const trainer = new Trainer(made);
  const before = [...made.memory];
  assert.throws(() => trainer.train(bad, { rate: 7 }), refusal('Trainer.train: set[0].output[0]'));
  assert.throws(() => trainer.test(bad), refusal('Trainer.test: set[0].output[0]'));
  assert.throws(() => trainer.workerTrain(bad, () => {}), refusal('Trainer.workerTrain: set[0].output[0]'));
  await assert.rejects(trainer.trainAsync(bad, { rate: 7 }), refusal('Trainer.trainAsync: set[0].output[0]'));
  await assert.rejects(trainer.resume(bad, new Uint8Array(8)), refusal('Trainer.resume: set[0].output[0]'));
  const judged = { validation: bad };
  await assert.rejects(
    trainer.trainAsync(pairs([1]), judged),
    refusal('Trainer.trainAsync: options.validation[0].output[0]'),
  );
  for (const options of [{ cost: Trainer.cost.MSE }, { cost: () => 1 }, { learner: 'bptt' }]) {
    assert.throws(() => trainer.train(bad, options), refusal('set[0].output[0]'));
  }
  assert.deepEqual([...made.memory], before);
  assert.equal(trainer.rate, 0.2);
  assert.equal(made.busy, false);
});

test('a target has the name that its user gave it', () => {
  const steps = [[0], [1], [0]];
  const trainer = new Trainer(network(LOGISTIC));
  const cases = [
    [
      [
        { input: [0], output: [1] },
        { input: steps, output: [3] },
      ],
      'set[1].output[0] is 3',
    ],
    [[{ input: steps, output: [null, [1], [3]] }], 'set[0].output[2][0] is 3'],
    [
      [
        { input: steps, output: [[1], null, null] },
        { input: steps, output: [null, [3], null] },
      ],
      'set[1].output[1][0] is 3',
    ],
  ];
  for (const [set, message] of cases) assert.throws(() => trainer.train(set), refusal(`Trainer.train: ${message}`));
  const flat = {
    inputSize: 1,
    outputSize: 1,
    inputs: [0, 1, 0, 1],
    targets: [0, 1, 3, 0],
    lengths: [1, 3],
    targetsAt: 'each',
  };
  assert.throws(
    () => trainer.train(new DataSet(flat)),
    refusal("Trainer.train: the target of set's sample 1, step 1, output 0 is 3"),
  );
  assert.throws(
    () => trainer.train(new DataSet(pairs([0], [3]))),
    refusal("Trainer.train: the target of set's sample 1, output 0 is 3"),
  );
  assert.throws(
    () => new Trainer(softmax()).train(new DataSet(pairs([0, 0]))),
    refusal("Trainer.train: the target of set's sample 0 sums to 0, expected 1"),
  );
});

test('a DataSet is judged anew for outputs of another kind', () => {
  const set = new DataSet(pairs([-0.5], [0.5]));
  for (let round = 0; round < 2; round++) {
    new Trainer(network(TANH)).train(set, { iterations: 1 });
    new Trainer(network(IDENTITY)).test(set);
    assert.throws(() => new Trainer(network(LOGISTIC)).train(set), refusal('output 0 is -0.5'));
    assert.throws(() => new Trainer(network(RELU)).test(set), refusal('output 0 is -0.5'));
  }
  set.free();
});
