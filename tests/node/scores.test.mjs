// What error and accuracy mean, and that a run, a test by a built-in cost and one by a user's own mean the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, DataSet, SequencePredictor, Trainer } from 'engram';

import { below, pick, randomFrom, SEED, vector } from '../support/random.mjs';

const NOTHING_LEARNT = { rate: 1e-30, iterations: 1, error: 0, weightDecay: null, precision: 'f64', clipNorm: null };

const largest = (values) => values.indexOf(Math.max(...values));
/** Share of right answers, as the documentation defines it; undefined for values. */
function shareOfRight(kind, answers) {
  if (kind === 'linear') return undefined;
  const single = answers.flatMap(({ target, output }) =>
    kind === 'softmax'
      ? [largest(target) === largest(output)]
      : target.map((value, index) => value > 0.5 === output[index] > 0.5),
  );
  return single.filter(Boolean).length / single.length;
}
/** The cost of a set of this kind where none is asked for. */
function usualCost(kind, sequences, { target, output }) {
  if (!sequences || kind === 'linear') return Trainer.cost.MSE(target, output);
  if (kind === 'logistic') return Trainer.cost.CROSS_ENTROPY(target, output);
  return -target.reduce((sum, value, index) => sum + value * Math.log(output[index] + 1e-15), 0);
}

function targetOf(kind, random, size) {
  if (kind === 'softmax') {
    const hot = below(random, size);
    return Array.from({ length: size }, (_, index) => Number(index === hot));
  }
  return vector(random, size, kind === 'linear' ? -3 : 0, kind === 'linear' ? 3 : 1);
}

test(`random networks and sets: all three agree with the definition (seed ${SEED})`, () => {
  const random = randomFrom(SEED);
  for (let round = 0; round < 60; round++) {
    const kind = pick(random, ['logistic', 'softmax', 'linear']);
    const sequences = random() < 0.5;
    const size = (kind === 'softmax' ? 2 : 1) + below(random, 4);
    const seed = below(random, 1e6);
    const network = sequences
      ? new Architect.LSTM(2, 3, size, { variant: 'standard', output: kind, seed })
      : new Architect.Perceptron(2, 3, size, { output: kind, seed });
    // Weights that are large, so that outputs lie on both sides.
    network.weights.forEach((weight, index) => {
      network.weights[index] = weight * 8;
    });
    const samples = Array.from({ length: 1 + below(random, 20) }, () => ({
      input: sequences
        ? Array.from({ length: 1 + below(random, 4) }, () => vector(random, 2, -2, 2))
        : vector(random, 2, -2, 2),
      output: targetOf(kind, random, size),
    }));
    const answers = samples.map(({ input, output: target }) => {
      return { target, output: sequences ? network.activateSequence(input).at(-1) : network.activate(input) };
    });
    const expected = shareOfRight(kind, answers);
    const error = answers.reduce((sum, answer) => sum + usualCost(kind, sequences, answer), 0) / answers.length;
    const what = `${kind}, ${sequences ? 'sequences' : 'pairs'}, seed ${seed}`;

    const set = random() < 0.5 ? samples : new DataSet(samples);
    const trainer = new Trainer(network);
    const tested = trainer.test(set);
    const own = trainer.test(set, { cost: (target, output) => Trainer.cost.MSE(target, output) });
    const run = new Trainer(network).train(set, NOTHING_LEARNT);
    for (const [by, score] of Object.entries({ tested, own, run, training: run.training })) {
      assert.equal(score.accuracy, expected, `${what}: ${by}`);
      assert.equal('accuracy' in score, kind !== 'linear', `${what}: ${by}`);
    }
    for (const [by, score] of Object.entries({ tested, run })) {
      const distance = Math.abs(score.error - error);
      assert.ok(distance < 1e-9 * Math.max(1, error), `${what}: ${by} has error ${score.error}, expected ${error}`);
    }
    network.free();
  }
});

test('several logistic outputs are right or wrong each', () => {
  const network = new Architect.Perceptron(1, 2, 3, { seed: 1 });
  network.weights.fill(0);
  network.biases.set([4, -4, 4], network.biases.length - 3);
  // Outputs near 1, 0, 1.
  const set = [
    { input: [0], output: [1, 0, 1] },
    { input: [0], output: [1, 1, 1] },
    { input: [0], output: [0, 1, 0] },
  ];
  assert.equal(new Trainer(network).test(set).accuracy, 5 / 9);
});

test("test uses the cost that is asked for, else the trainer's, else the usual one", () => {
  const set = [
    { input: [[0], [1]], output: [1] },
    { input: [[1], [1]], output: [0] },
  ];
  const network = new Architect.LSTM(1, 3, 1, { variant: 'standard', seed: 1 });
  const { CROSS_ENTROPY, MSE, BINARY } = Trainer.cost;
  const by = (cost) => new Trainer(network).test(set, { cost }).error;
  assert.equal(new Trainer(network).test(set).error, by(CROSS_ENTROPY));
  assert.equal(new Trainer(network, { cost: MSE }).test(set).error, by(MSE));
  assert.equal(new Trainer(network, { cost: MSE }).test(set, { cost: BINARY }).error, by(BINARY));
  const trainer = new Trainer(network);
  trainer.train(set, { ...NOTHING_LEARNT, cost: MSE });
  assert.equal(trainer.test(set).error, by(MSE));
});

test('a run with values as outputs has no accuracy anywhere, here, in a worker, and resumed', async () => {
  const set = Array.from({ length: 12 }, (_, index) => ({ input: [[index / 9], [1]], output: [index / 5] }));
  const options = { iterations: 6, error: 0, seed: 1, validation: 0.25, checkpointEvery: 3 };
  const make = () => new Architect.LSTM(1, 3, 1, { variant: 'standard', output: 'linear', seed: 1 });
  const scores = [];
  let checkpoint;
  const run = new Trainer(make()).trainAsync(set, {
    ...options,
    onProgress: (progress) => scores.push(progress, progress.training, progress.validation),
    onCheckpoint: (bytes) => {
      checkpoint ??= bytes;
    },
  });
  const whole = await run;
  const resumed = await new Trainer(make()).resume(set, checkpoint, options);
  const here = new Trainer(make()).train(set, options);
  assert.ok(scores.length > 0);
  for (const result of [whole, resumed, here]) {
    scores.push(result, result.training, result.validation);
    assert.deepEqual({ ...result, time: 0 }, { ...whole, time: 0 });
  }
  for (const score of scores) assert.ok(!('accuracy' in score) && Number.isFinite(score.error));
});

test('a predictor has no accuracy, and its log shows none', async (t) => {
  const lines = [];
  t.mock.method(console, 'log', (line) => lines.push(line));
  const predictor = new SequencePredictor({ seed: 1, hidden: [4] });
  const wave = Array.from({ length: 40 }, (_, step) => Math.sin(step / 3));
  const result = await predictor.fit([wave, wave.slice(3)], { epochs: 4, validation: 0.5, log: 1 });
  t.mock.restoreAll();
  assert.ok(!('accuracy' in result) && !('accuracy' in result.validation));
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^epoch \d\/4, error [\d.]+, held out: error [\d.]+, \d+ samples\/s/);
});
