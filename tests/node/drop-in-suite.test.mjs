// What Synaptic's own suite asks of the library, asked of both: gates of logic, recurrent tasks, workers, files,
// cross-validation, optimised and not. Where numbers are comparable they are compared.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import engram from 'engram';
import synaptic from 'synaptic';

import { randomFrom } from '../support/random.mjs';
import { close, quiet, twins } from '../support/twins.mjs';

const { Architect, Layer, Network } = engram;

// Synaptic's weights, orders and tasks come from Math.random.
beforeEach(() => void mock.method(Math, 'random', randomFrom(7)));
afterEach(() => mock.restoreAll());

const table = (outputs) => outputs.map((output, row) => ({ input: [row >> 1, row & 1], output: [output] }));
const LOGIC = {
  AND: table([0, 0, 0, 1]),
  OR: table([0, 1, 1, 1]),
  XOR: table([0, 1, 1, 0]),
  NOT: [
    { input: [0], output: [1] },
    { input: [1], output: [0] },
  ],
};

for (const optimised of [true, false]) {
  const how = optimised ? 'optimised' : 'neuron by neuron';

  for (const [name, set] of Object.entries(LOGIC)) {
    test(`a perceptron learns ${name}, ${how}, as Synaptic's does`, () => {
      const made = new Architect.Perceptron(set[0].input.length, 4, 1, { seed: 11 });
      const networks = twins(made);
      const results = networks.map((network, index) => {
        network.setOptimize(optimised);
        const { Trainer } = [engram, synaptic][index];
        return new Trainer(network).train(set, { rate: 0.5, iterations: 6000, error: 0.01 });
      });
      assert.equal(results[0].iterations, results[1].iterations);
      close(results[0].error, results[1].error, 1e-7);
      for (const { input, output } of set) {
        const [ours, theirs] = networks.map((network) => network.activate(input));
        close(ours, theirs, 1e-7);
        assert.equal(Math.round(ours[0]), output[0]);
      }
    });
  }

  test(`propagate step by step, ${how}: perceptron, LSTM with every option, liquid`, () => {
    const options = {
      peepholes: Layer.connectionType.ONE_TO_ONE,
      hiddenToHidden: true,
      outputToHidden: true,
      outputToGates: true,
    };
    for (const made of [
      new Architect.Perceptron(2, 5, 4, 2, { seed: 1 }),
      new Architect.LSTM(2, 3, 2, { seed: 2 }),
      new Architect.LSTM(2, 3, 2, { ...options, seed: 3 }),
      new Architect.Liquid(2, 10, 2, 25, 0, { seed: 4 }),
    ]) {
      const [ours, theirs] = twins(made);
      for (const network of [ours, theirs]) network.setOptimize(optimised);
      for (let step = 0; step < 100; step++) {
        const input = [Math.sin(step), Math.cos(3 * step)];
        // Synaptic's plain code lets traces decay by the gain of the step before, its optimised one by the new gain.
        close(ours.activate(input), theirs.activate(input), optimised ? 1e-9 : 1e-6);
        for (const network of [ours, theirs]) network.propagate(0.1, [Math.sin(step) ** 2, 0.3]);
      }
    }
  });

  test(`XOR, ${how}: the trainer's own task`, () => {
    for (const { Architect, Trainer } of [engram, synaptic]) {
      const network = new Architect.Perceptron(2, 4, 1);
      network.setOptimize(optimised);
      const { error, iterations } = new Trainer(network).XOR({ rate: 0.5, iterations: 30_000 });
      assert.ok(error <= 0.005 || iterations === 30_000);
      assert.ok(error < 0.02, `error ${error}`);
    }
  });
}

test('a distracted sequence, by networks with an input less, or more outputs recalled, than it has symbols', () => {
  const options = { targets: [2, 4], distractors: [3, 5], prompts: [0, 1], length: 10, rate: 0.17, iterations: 300 };
  for (const { Architect, Trainer } of [engram, synaptic]) {
    const { iterations, success, error, time } = new Trainer(new Architect.LSTM(5, 7, 2)).DSR(options);
    assert.equal(iterations, 300);
    assert.ok(success >= 0 && success < 1 && error > 0 && time >= 0);
  }
  const before = new engram.Trainer(new Architect.LSTM(5, 7, 2)).DSR({ ...options, iterations: 200 });
  const after = new engram.Trainer(new Architect.LSTM(5, 7, 2)).DSR({ ...options, iterations: 8_000 });
  assert.ok(after.success > before.success + 0.2, `${before.success}, then ${after.success}`);
  // What Synaptic answers with NaN.
  for (const sizes of [
    [7, 7, 2],
    [6, 7, 3],
  ]) {
    const message = new RegExp(`the network has ${sizes[0]} inputs and ${sizes[2]} outputs, expected at most 6 and 2`);
    assert.throws(() => new engram.Trainer(new Architect.LSTM(...sizes)).DSR(options), message);
  }
});

test('a schedule of a distracted sequence is told what Synaptic tells it', () => {
  const [ours, theirs] = [engram, synaptic].map(({ Architect, Trainer }) => {
    const told = [];
    const schedule = { every: 25, do: (now) => void told.push(now) };
    const options = { targets: [2, 4], distractors: [3, 5], prompts: [0, 1], length: 10, iterations: 50, schedule };
    new Trainer(new Architect.LSTM(6, 3, 2)).DSR(options);
    return told;
  });
  assert.deepEqual(
    ours.map(({ iterations }) => iterations),
    theirs.map(({ iterations }) => iterations),
  );
  for (const name of Object.keys(theirs[0])) assert.equal(typeof ours[0][name], typeof theirs[0][name], name);
});

test('the tasks take 0, nothing and digits as Synaptic does', (t) => {
  quiet(t);
  for (const { Architect, Trainer } of [engram, synaptic]) {
    const dsr = { rate: '0.1', iterations: '30', length: 0, log: 0, cost: null, schedule: {}, targets: null };
    assert.equal(new Trainer(new Architect.LSTM(10, 3, 4)).DSR(dsr).iterations, 30);
    const erg = { rate: 0, iterations: '5', error: 0, cost: null, log: 0 };
    assert.equal(new Trainer(new Architect.LSTM(6, 3, 6)).ERG(erg).iterations, 5);
    const timing = new Trainer(new Architect.LSTM(2, 3, 1)).timingTask({
      iterations: 1,
      rate: 0,
      error: 0,
      trainSamples: 100,
      log: 0,
    });
    assert.equal(timing.train.iterations, 1);
  }
  const trainer = new engram.Trainer(new Architect.LSTM(6, 3, 2));
  for (const [options, message] of [
    [{ targets: 3 }, /^TypeError: Trainer\.DSR: options\.targets is 3/],
    [{ prompts: [] }, /^TypeError: Trainer\.DSR: options\.prompts is an array of 0/],
    [{ rate: 'x' }, /^TypeError: Trainer\.DSR: options\.rate is "x"/],
    [{ rate: -1 }, /^RangeError: Trainer\.DSR: options\.rate is -1/],
    [{ length: 1.5 }, /^RangeError: Trainer\.DSR: options\.length is 1\.5/],
  ]) {
    assert.throws(() => trainer.DSR(options), message);
  }
});

test('the timing task is learnt', (t) => {
  quiet(t);
  for (const { Architect, Trainer } of [engram, synaptic]) {
    const { train, test } = new Trainer(new Architect.LSTM(2, 4, 1)).timingTask({
      log: false,
      iterations: 20,
      rate: 0.1,
      trainSamples: 1000,
      testSamples: 300,
    });
    assert.ok(train.error < 0.05, `error ${train.error}`);
    assert.ok(test.error < 0.05, `error ${test.error}`);
    assert.ok(train.iterations <= 20);
  }
});

test('cross-validation holds out the end of the set', () => {
  const set = Array.from({ length: 40 }, (_, index) => {
    const [a, b] = [Math.sin(index), Math.cos(7 * index)];
    return { input: [a, b], output: [a > b ? 1 : 0] };
  });
  for (const crossValidate of [
    { testSize: 0.3, testError: 0.05 },
    { testSize: 0.35 },
    { testSize: 0.1, testError: 1e-9 },
  ]) {
    const networks = twins(new Architect.Perceptron(2, 4, 1, { seed: 2 }));
    const seen = [];
    const results = networks.map((network, index) => {
      const errors = [];
      seen.push(errors);
      const schedule = { every: 1, do: ({ error }) => void errors.push(error) };
      const { Trainer } = [engram, synaptic][index];
      return new Trainer(network).train(set, { rate: 0.3, iterations: 60, error: -1, crossValidate, schedule });
    });
    assert.equal(results[0].iterations, results[1].iterations);
    close(results[0].error, results[1].error);
    close(seen[0], seen[1]);
  }
});

test('files go both ways, traces and context with them', () => {
  const made = [
    new Architect.Perceptron(2, 3, 1, { seed: 1 }),
    new Architect.LSTM(2, 3, 2, { seed: 2 }),
    new Architect.Liquid(2, 8, 2, 20, 6, { seed: 3 }),
  ];
  for (const network of made) {
    const [ours, theirs] = twins(network);
    for (let step = 0; step < 20; step++) {
      for (const one of [ours, theirs]) {
        one.activate([Math.sin(step), 1]);
        one.propagate(0.2, one.outputs() === 1 ? [1] : [1, 0]);
      }
    }
    const input = [0.3, -0.4];
    const [fromOurs, fromTheirs] = [ours, theirs].map((one) => JSON.parse(JSON.stringify(one.toJSON())));
    const crossed = [Network.fromJSON(fromTheirs), synaptic.Network.fromJSON(fromOurs)];
    const direct = [Network.fromJSON(fromOurs), synaptic.Network.fromJSON(fromTheirs)];
    close(crossed[1].activate(input), direct[0].activate(input), 1e-9);
    close(direct[1].activate(input), crossed[0].activate(input), 1e-9);
    assert.equal(fromOurs.connections.length, fromTheirs.connections.length);
    const copy = ours.clone();
    close(copy.activate(input), Network.fromJSON(fromOurs).activate(input), 0);
  }
});

test('trainAsync resolves as train returns', async () => {
  const [ours, theirs] = twins(new Architect.Perceptron(2, 4, 1, { seed: 3 }));
  const options = { rate: 0.3, iterations: 200, error: 0.001 };
  const expected = new synaptic.Trainer(theirs).train(LOGIC.XOR, options);
  const result = await new engram.Trainer(ours).trainAsync(LOGIC.XOR, options);
  assert.equal(result.iterations, expected.iterations);
  close(result.error, expected.error);
  close(ours.activate([0, 1]), theirs.activate([0, 1]));
  await assert.rejects(new engram.Trainer(ours).trainAsync([{ input: [1] }]), /set\[0\]\.output is undefined/);
});

test('Hopfield recalls what it learnt', () => {
  for (const { Architect } of [engram, synaptic]) {
    const memory = new Architect.Hopfield(10);
    const patterns = [
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
      [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    ];
    const { error } = memory.learn(patterns);
    assert.ok(error <= 0.0001, `error ${error}`);
    assert.deepEqual([...memory.feed([0, 1, 0, 1, 0, 1, 0, 1, 1, 1])], patterns[0]);
    assert.deepEqual([...memory.feed([1, 1, 1, 1, 1, 0, 0, 1, 0, 0])], patterns[1]);
  }
});

test('layers and neurons by hand', () => {
  const seen = [engram, synaptic].map((library) => {
    const { Layer, Neuron, Network } = library;
    const [input, hidden, output] = [new Layer(2), new Layer(3), new Layer(1)];
    const links = [
      input.project(hidden),
      hidden.project(output),
      hidden.project(hidden, Layer.connectionType.ALL_TO_ELSE),
    ];
    links
      .flatMap(({ list }) => list)
      .forEach((connection, index) => {
        connection.weight = Math.sin(index + 1);
      });
    for (const layer of [hidden, output]) layer.set({ squash: Neuron.squash.TANH, bias: 0.1 });
    const network = new Network({ input, hidden: [hidden], output });
    const answers = [];
    for (let step = 0; step < 10; step++) {
      answers.push(network.activate([step / 10, 1])[0]);
      network.propagate(0.05, [0.5]);
    }
    network.clear();
    const [a, b] = [new Neuron(), new Neuron()];
    const wire = a.project(b, 0.7);
    [a.bias, b.bias] = [0, -0.3];
    a.activate(0.9);
    answers.push(b.activate(), wire.weight);
    b.propagate(0.1, 1);
    a.propagate(0.1);
    answers.push(wire.weight, b.bias);
    return {
      answers,
      sizes: links.map(({ size }) => size),
      connected: [input.connected(hidden), hidden.connected(hidden), output.connected(input), hidden.selfconnected()],
      neurons: network.neurons().map(({ layer }) => layer),
    };
  });
  close(seen[0].answers, seen[1].answers);
  assert.deepEqual({ ...seen[0], answers: [] }, { ...seen[1], answers: [] });
});

test('the plain code and the optimised one, where Synaptic disagrees with itself', () => {
  // Hidden neurons that both project and gate: Synaptic's optimised code adds to a variable that it does not clear.
  const made = new Architect.Liquid(2, 12, 2, 40, 15, { seed: 8 });
  const apart = [true, false].map((optimised) => {
    const [ours, theirs] = twins(made);
    theirs.setOptimize(optimised);
    let distance = 0;
    for (let step = 0; step < 200; step++) {
      const input = [Math.sin(step), Math.cos(step)];
      const [a, b] = [ours, theirs].map((network) => network.activate(input));
      distance = Math.max(distance, ...a.map((value, index) => Math.abs(value - b[index])));
      for (const network of [ours, theirs]) network.propagate(0.1, [1, 0]);
    }
    return distance;
  });
  assert.ok(apart[0] > 1e-6 && apart[0] < 1e-2, `optimised: ${apart[0]}`);
  assert.ok(apart[1] < apart[0] || apart[1] < 1e-9, `plain: ${apart[1]}`);
});
