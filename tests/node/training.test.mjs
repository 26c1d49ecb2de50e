// The trainer's semantics, the same on this thread and in a worker.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Network, Trainer } from 'engram';

import { firstBit, XOR } from '../support/sets.mjs';

const perceptron = () => new Architect.Perceptron(2, 3, 1, { seed: 5 });
const parameters = (network) => Array.from(network.memory.subarray(0, network.weights.length + network.biases.length));

/** Trains equal networks on this thread and in a worker; both must end the same. */
async function bothWays(set, options, make = perceptron) {
  const [here, there] = [make(), make()];
  const result = new Trainer(here).train(set, options());
  const inWorker = await new Trainer(there).trainAsync(set, options());
  assert.deepEqual([...there.memory], [...here.memory]);
  assert.deepEqual({ ...inWorker, time: 0 }, { ...result, time: 0 });
  return { result, network: here };
}

test('XOR reaches its error goal', async () => {
  const { result, network } = await bothWays(XOR, () => ({ rate: 0.5, error: 0.005, iterations: 100_000 }));
  assert.equal(result.stopped, 'error');
  assert.ok(result.error <= 0.005 && result.accuracy === 1);
  assert.deepEqual(
    XOR.map(({ input }) => Math.round(network.activate(input)[0])),
    [0, 1, 1, 0],
  );
});

test('a rate may be a number, an array or a function', async () => {
  const trained = async (rate) => {
    const { network, result } = await bothWays(XOR, () => ({ rate, iterations: 10, error: 0 }));
    assert.equal(result.iterations, 10);
    return parameters(network);
  };
  const constant = await trained(0.5);
  assert.deepEqual(await trained([0.5, 0.5]), constant);
  assert.deepEqual(await trained(() => 0.5), constant);
  const falling = await trained([0.5, 0.1]);
  assert.notDeepEqual(falling, constant);
  // The second half of the iterations begins with the fifth, as in synaptic.
  assert.deepEqual(await trained((iteration) => (iteration < 5 ? 0.5 : 0.1)), falling);
});

test('a rate function is asked once an iteration, and told the error of the last', async () => {
  const asked = [];
  const rate = (iteration, lastError) => {
    asked.push([iteration, lastError]);
    return 0.5 / iteration;
  };
  const reports = [];
  const schedule = { every: 1, do: (report) => void reports.push(report) };
  await bothWays(XOR, () => ({ rate, schedule, iterations: 4, error: 0 }));
  const errors = reports.slice(0, 3).map(({ error }) => error);
  assert.deepEqual(
    asked.slice(0, 4),
    [0, ...errors].map((error, index) => [index + 1, error]),
  );
  assert.deepEqual(asked.slice(4), asked.slice(0, 4));
  assert.deepEqual(
    reports.slice(0, 4).map((report) => report.rate),
    [0.5, 0.25, 0.5 / 3, 0.125],
  );
});

test('rates in an array take over in equal shares, as in synaptic', async () => {
  const seen = [];
  const schedule = { every: 1, do: ({ rate }) => void seen.push(rate) };
  await new Trainer(perceptron()).trainAsync(XOR, { rate: [0.4, 0.3, 0.2], iterations: 6, error: 0, schedule });
  assert.deepEqual(seen, [0.4, 0.3, 0.3, 0.2, 0.2, 0.2]);
});

test('a schedule is called and stops the run when it returns true, in the worker too', async () => {
  const reports = [];
  const schedule = {
    every: 3,
    do: (report) => {
      reports.push(report);
      return report.iterations >= 6;
    },
  };
  const { result } = await bothWays(XOR, () => ({ iterations: 100, error: 0, schedule }));
  assert.equal(result.stopped, 'schedule');
  assert.equal(result.iterations, 6);
  assert.deepEqual(
    reports.map(({ iterations }) => iterations),
    [3, 6, 3, 6],
  );
  assert.ok(reports.every(({ rate }) => rate === 0.2));
  const { result: shorter } = await bothWays(XOR, () => ({ iterations: 3, error: 0 }));
  assert.deepEqual(
    reports.map(({ error }) => error),
    [shorter.error, result.error, shorter.error, result.error],
  );
});

test('train refuses a schedule that gives promises, which no run on this thread waits for', async () => {
  const network = perceptron();
  const before = [...network.weights];
  const schedule = { every: 10, do: async () => false };
  const options = { iterations: 100, error: -1, schedule };
  assert.throws(() => new Trainer(network).train(XOR, options), {
    name: 'TypeError',
    message: /Trainer.train: options.schedule's answer is an object .*, expected no promise: trainAsync waits for one/,
  });
  assert.equal(network.busy, false);
  assert.notDeepEqual([...network.weights], before);
  const { iterations } = await new Trainer(perceptron()).trainAsync(XOR, options);
  assert.equal(iterations, 100);
});

test('train refuses promises of every function, and none of them goes unheard', () => {
  const set = [{ input: [[0], [1]], output: [1] }];
  const network = () => new Architect.LSTM(1, 2, 1, { variant: 'standard', seed: 1 });
  const fails = async () => {
    throw new Error('the disk is full');
  };
  for (const options of [{ onCheckpoint: fails, checkpointEvery: 1 }, { onProgress: fails }]) {
    const [name] = Object.keys(options);
    const message = new RegExp(`Trainer.train: options.${name}'s answer is .*, expected no promise`);
    const run = () => new Trainer(network()).train(set, { iterations: 1e6, error: -1, ...options });
    assert.throws(run, { name: 'TypeError', message });
  }
});

test('a promise of onProgress that rejects rejects the run', async () => {
  const network = perceptron();
  let calls = 0;
  const onProgress = async () => {
    calls++;
    throw new Error('the database is down');
  };
  const run = new Trainer(network).trainAsync(XOR, { iterations: 3e6, error: -1, onProgress });
  await assert.rejects(run, /the database is down/);
  assert.ok(calls > 0);
  assert.equal(network.busy, false);
  let told = 0;
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    told++;
  };
  const { iterations } = await new Trainer(network).trainAsync(XOR, { iterations: 2, error: -1, onProgress: slow });
  assert.equal(iterations, 2);
  assert.ok(told > 0, 'a run ends after the promises');
});

test('rows of sequences that are too long are refused, and change nothing', async () => {
  const network = new Architect.LSTM(2, 3, 2, { variant: 'standard', output: 'softmax', seed: 1 });
  const before = [...network.weights];
  const rows = [
    [1, 2],
    [3, 4],
  ];
  const wrong = [
    [[{ input: [[1, 2, 3, 4]], output: [1, 0] }], /set\[0\].input\[0\] has 4 values, the network takes 2/],
    [[{ input: rows, output: [1, 0, 5] }], /set\[0\].output has 3 values, the network gives 2/],
    [[{ input: rows, output: [null, [1, 0, 5]] }], /set\[0\].output\[1\] has 3 values, the network gives 2/],
  ];
  const trainer = new Trainer(network);
  for (const [set, message] of wrong) {
    for (const call of ['train', 'trainAsync', 'test']) {
      await assert.rejects(async () => trainer[call](set), { name: 'RangeError', message });
    }
  }
  assert.deepEqual([...network.weights], before);
});

for (const [how, iterations] of [
  ['train', 2_000_000],
  ['trainAsync', 40_000],
]) {
  test(`${how}: progress is reported while a schedule is called in every iteration`, async () => {
    let reports = 0;
    const schedule = { every: 1, do: () => reports > 0 };
    const onProgress = () => reports++;
    const { stopped } = await new Trainer(perceptron())[how](XOR, { iterations, error: -1, schedule, onProgress });
    assert.equal(stopped, 'schedule');
  });
}

test("a user's cost is called here and reported, in the worker too", async () => {
  const costs = [];
  const cost = (target, output) => {
    const value = Math.abs(target[0] - output[0]) * 10;
    costs.push(value);
    return value;
  };
  const { result } = await bothWays(XOR, () => ({ cost, iterations: 5, error: 0 }));
  assert.equal(costs.length, 2 * 5 * XOR.length);
  assert.deepEqual(costs.slice(20), costs.slice(0, 20));
  const means = [0, 1, 2, 3, 4].map((at) => costs.slice(4 * at, 4 * at + 4).reduce((sum, value) => sum + value) / 4);
  assert.equal(result.error, means[4]);
  const goal = Math.min(...means);
  const { result: reached } = await bothWays(XOR, () => ({ cost, iterations: 5, error: goal }));
  assert.equal(reached.iterations, means.indexOf(goal) + 1);
  assert.equal(reached.error, goal);
});

test('cross-validation judges by what is held out', async () => {
  const set = [...XOR, ...XOR, ...XOR];
  const errors = [];
  const schedule = { every: 1, do: ({ error }) => void errors.push(error) };
  const goal = (testError) => () => ({
    rate: 0.5,
    iterations: 1000,
    error: -1,
    schedule,
    crossValidate: { testSize: 0.25, testError },
  });
  const { result, network } = await bothWays(set, goal(0.01));
  assert.equal(result.stopped, 'crossValidation');
  assert.ok(result.error <= 0.01, `error ${result.error}`);
  assert.ok(
    errors.slice(0, result.iterations - 1).every((error) => error > 0.01),
    'the first iteration that reaches it is the last',
  );
  // The last quarter is held out; what is judged is the network as it is after the iteration.
  assert.equal(result.error, new Trainer(network).test(set.slice(9)).error);
  assert.equal(result.validation.error, result.error);
  const { training } = new Trainer(perceptron()).train(set.slice(0, 9), { rate: 0.5, iterations: 1, error: 0 });
  const { result: easy } = await bothWays(set, goal(100));
  assert.deepEqual([easy.stopped, easy.iterations], ['crossValidation', 1]);
  assert.deepEqual(easy.training, training);
  const { result: never } = await bothWays(set, goal(0));
  assert.deepEqual([never.stopped, never.iterations], ['iterations', 1000]);
});

test('the order of a shuffle is fixed by the seed', async () => {
  const { result } = await bothWays(XOR, () => ({ iterations: 20, error: 0, shuffle: true, seed: 3 }));
  const other = new Trainer(perceptron()).train(XOR, { iterations: 20, error: 0, shuffle: true, seed: 4 });
  assert.notEqual(other.error, result.error);
});

test('sequences learn by back-propagation through time, in every setting', async () => {
  const make = () => new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 2 });
  for (const options of [
    {},
    { precision: 'f64' },
    { optimizer: 'sgd', rate: 0.5, batchSize: 4 },
    { clipNorm: null, batchSize: 5 },
    { cost: Trainer.cost.MSE },
    { learner: 'online', rate: 0.1, iterations: 300 },
  ]) {
    const { result } = await bothWays(firstBit(24, 6), () => ({ iterations: 60, seed: 1, error: 0, ...options }), make);
    // Half of the samples are of either class.
    assert.ok(
      result.accuracy > (options.learner === 'online' ? 0.7 : 0.95),
      `${JSON.stringify(options)}: accuracy ${result.accuracy}`,
    );
  }
});

test('targets may stand at some steps only', async () => {
  const set = firstBit(24, 6).map(({ input, output }) => ({
    input,
    output: input.map((_, step) => (step === 2 || step === input.length - 1 ? output : null)),
  }));
  const make = () => new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 2 });
  const { result, network } = await bothWays(set, () => ({ iterations: 60, seed: 1, error: 0 }), make);
  assert.ok(result.accuracy > 0.9);
  assert.equal(new Trainer(network).test(set).accuracy, result.accuracy);
});

test('a diverging run stops, tells, and keeps finite weights', async () => {
  const make = () => new Architect.Perceptron(2, 3, 1, { output: 'linear', seed: 1 });
  const { result, network } = await bothWays(XOR, () => ({ rate: 1e200, iterations: 10 }), make);
  assert.equal(result.stopped, 'diverged');
  assert.ok(network.memory.every(Number.isFinite));
});

test('workerTrain works without options and calls back', async () => {
  const network = new Architect.Perceptron(2, 4, 1, { seed: 8 });
  const result = await new Promise((resolve) => new Trainer(network, { rate: 0.5 }).workerTrain(XOR, resolve));
  assert.ok(result.error <= 0.005 && result.iterations > 10 && result.time > 0);
  assert.deepEqual(
    XOR.map(({ input }) => Math.round(network.activate(input)[0])),
    [0, 1, 1, 0],
  );
});

test('test gives error and accuracy, with any cost, and leaves sequences no trace', () => {
  const network = new Architect.LSTM(1, 4, 2, { output: 'softmax', seed: 2 });
  const set = firstBit(10, 5);
  const before = Array.from(network.memory);
  const trainer = new Trainer(network);
  const { error, accuracy } = trainer.test(set);
  const custom = trainer.test(set, { cost: (target, output) => Trainer.cost.MSE(target, output) });
  const squared = trainer.test(set, { cost: Trainer.cost.MSE });
  assert.deepEqual(Array.from(network.memory), before);
  const answers = set.map(({ input, output }) => ({ output, answer: network.activateSequence(input).at(-1) }));
  const mean = (cost) => answers.reduce((sum, { output, answer }) => sum + cost(output, answer), 0) / set.length;
  const right = answers.filter(({ output, answer }) => answer[0] > answer[1] === output[0] > output[1]);
  const entropy = mean((output, answer) => -Math.log(answer[output.indexOf(1)]));
  for (const [score, expected] of [
    [{ error, accuracy }, entropy],
    [custom, mean(Trainer.cost.MSE)],
    [squared, mean(Trainer.cost.MSE)],
  ]) {
    assert.ok(Math.abs(score.error - expected) < 1e-12, `error ${score.error}`);
    assert.equal(score.accuracy, right.length / set.length);
  }
});

test('test gives what synaptic gives on pairs', async () => {
  const { default: synaptic } = await import('synaptic');
  const network = perceptron();
  const theirs = synaptic.Network.fromJSON(network.toJSON());
  for (const name of ['MSE', 'CROSS_ENTROPY', 'BINARY']) {
    const ours = new Trainer(network).test(XOR, { cost: Trainer.cost[name] });
    const expected = new synaptic.Trainer(theirs).test(XOR, { cost: synaptic.Trainer.cost[name] });
    assert.ok(Math.abs(ours.error - expected.error) < 1e-12, name);
  }
});

test('train gives what synaptic gives: error, iterations, weights', async () => {
  const { default: synaptic } = await import('synaptic');
  for (const rate of [0.3, [0.5, 0.2, 0.1], (iteration) => 1 / (1 + iteration)]) {
    const network = perceptron();
    const theirs = synaptic.Network.fromJSON(network.toJSON());
    const options = { rate, iterations: 40, error: 0.001 };
    const ours = new Trainer(network).train(XOR, options);
    // Undeclared variables in its train() make strict mode fail, hence a global.
    globalThis.bucketSize ??= 0;
    const expected = new synaptic.Trainer(theirs).train(XOR, options);
    assert.equal(ours.iterations, expected.iterations);
    assert.ok(Math.abs(ours.error - expected.error) < 1e-9);
    const weights = theirs.toJSON().connections.map(({ weight }) => weight);
    network.toJSON().connections.forEach(({ weight }, index) => assert.ok(Math.abs(weight - weights[index]) < 1e-9));
  }
});

test('a trained network survives its JSON', async () => {
  const network = perceptron();
  await new Trainer(network).trainAsync(XOR, { rate: 0.5 });
  const copy = Network.fromJSON(JSON.parse(JSON.stringify(network)));
  for (const { input, output } of XOR) {
    assert.deepEqual(copy.activate(input), network.activate(input));
    assert.equal(Math.round(copy.activate(input)[0]), output[0]);
  }
});
