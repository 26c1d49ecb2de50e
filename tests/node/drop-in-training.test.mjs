// Trainer as Synaptic's programs use it: the same program runs in both libraries, and both say the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inherits } from 'node:util';
import engram from 'engram';
import synaptic from 'synaptic';

import { XOR } from '../support/sets.mjs';
import { close, quiet, twins } from '../support/twins.mjs';

const { Architect, SequenceClassifier, Encoder } = Object.assign({}, engram, await import('engram'));
const perceptron = () => new Architect.Perceptron(2, 3, 1, { seed: 5 });

/** Runs a program in both libraries; both trainers have networks of the same weights. */
function both(program, network = perceptron()) {
  const [ours, theirs] = twins(network);
  return [program(new engram.Trainer(ours), engram, ours), program(new synaptic.Trainer(theirs), synaptic, theirs)];
}

/** Both end alike: after as many iterations, with the same error, and with networks that answer alike. */
function alike(program, network) {
  const seen = [];
  const [ours, theirs] = both((trainer, library, made) => {
    const result = program(trainer, library);
    seen.push(XOR.map(({ input }) => made.activate(input)[0]));
    return result;
  }, network);
  assert.equal(ours.iterations, theirs.iterations);
  close(ours.error, theirs.error);
  close(seen[0], seen[1]);
  return ours;
}

test('the defaults of a trainer can be seen, and changed in place', () => {
  const [ours, theirs] = both(({ rate, iterations, error, cost, crossValidate, schedule }) => {
    return { rate, iterations, error, cost, crossValidate, schedule };
  });
  assert.deepEqual(ours, theirs);
  assert.deepEqual([ours.rate, ours.iterations, ours.error], [0.2, 100_000, 0.005]);
  alike((trainer) => {
    trainer.iterations = 40;
    let result;
    for (let round = 0; round < 3; round++) {
      result = trainer.train(XOR);
      trainer.rate *= 0.5;
    }
    assert.equal(trainer.rate, 0.025);
    return result;
  });
  // Options stay.
  alike((trainer) => {
    trainer.train(XOR, { rate: 0.4, iterations: 7, error: 0.01 });
    assert.deepEqual([trainer.rate, trainer.iterations, trainer.error], [0.4, 7, 0.01]);
    return trainer.train(XOR);
  });
});

test('sequences have other defaults, unless a trainer has values of its own', () => {
  const set = [
    { input: [[0], [1]], output: [1] },
    { input: [[1], [0]], output: [0] },
  ];
  const make = () => new Architect.LSTM(1, 3, 1, { variant: 'standard', seed: 1 });
  const rates = [];
  const schedule = { every: 1, do: ({ rate }) => void rates.push(rate) };
  new engram.Trainer(make()).train(set, { iterations: 1, error: 0, schedule });
  const set02 = new engram.Trainer(make());
  set02.rate = 0.2;
  set02.train(set, { iterations: 1, error: 0, schedule });
  new engram.Trainer(make(), { rate: 0.2 }).train(set, { iterations: 1, error: 0, schedule });
  assert.deepEqual(rates, [0.01, 0.2, 0.2]);
  assert.equal(new engram.Trainer(make()).train(set, { error: 0 }).iterations, 100);
});

test('an error goal of 0 is as if it were left out; below 0 a run never stops for it', () => {
  const easy = [{ input: [0, 1], output: [1] }];
  const zero = alike((trainer) => trainer.train(easy, { error: 0, iterations: 5000, rate: 0.5 }));
  assert.equal(zero.stopped, 'error');
  assert.ok(zero.error <= 0.005 && zero.error > 0);
  alike((trainer) => {
    trainer.train(easy, { error: 0.1, iterations: 5000 });
    return trainer.train(easy, { error: 0 });
  });
  const never = alike((trainer) => trainer.train(easy, { error: -1, iterations: 500, rate: 0.5 }));
  assert.deepEqual([never.iterations, never.stopped], [500, 'iterations']);
  assert.ok(never.error < 0.005);
  // Set at the trainer itself it is what it says.
  alike((trainer) => {
    trainer.error = 0;
    return trainer.train(easy, { iterations: 300, rate: 0.5 });
  });
  assert.equal(new engram.Trainer(perceptron(), { error: 0 }).error, 0.005);
});

test('without end of iterations, a run ends by its error', () => {
  const easy = [{ input: [1, 1], output: [1] }];
  const result = alike((trainer) => trainer.train(easy, { iterations: Infinity, rate: 0.5 }));
  assert.equal(result.stopped, 'error');
  const scheduled = alike((trainer) =>
    trainer.train(XOR, {
      iterations: Infinity,
      error: -1,
      schedule: { every: 50, do: ({ iterations }) => iterations >= 200 },
    }),
  );
  assert.deepEqual([scheduled.iterations, scheduled.stopped], [200, 'schedule']);
});

test('0 in a list of rates stands for the rate before it', () => {
  for (const rate of [
    [0.4, 0],
    [0.4, 0, 0.1],
    [0.1, 0.3, 0],
  ]) {
    const seen = [];
    alike((trainer) => {
      const rates = [];
      seen.push(rates);
      return trainer.train(XOR, {
        rate,
        iterations: 12,
        error: -1,
        schedule: { every: 1, do: ({ rate: now }) => void rates.push(now) },
      });
    });
    assert.deepEqual(seen[0], seen[1]);
  }
  // Synaptic's weights are NaN by a list that starts with 0; here nothing is learnt until the first rate above.
  const network = perceptron();
  const before = [...network.weights];
  new engram.Trainer(network).train(XOR, {
    rate: [0, 0.3],
    iterations: 4,
    error: -1,
    schedule: { every: 1, do: () => true },
  });
  assert.deepEqual([...network.weights], before);
});

test('0 and nothing as a rate, iterations or cost are as if they were left out', () => {
  for (const options of [
    { rate: 0, iterations: 20 },
    { rate: null, iterations: 20, cost: null, crossValidate: null },
    { rate: undefined, iterations: 20, cost: false, schedule: null },
  ]) {
    alike((trainer) => trainer.train(XOR, options));
  }
  alike((trainer) => {
    trainer.iterations = 9;
    return trainer.train(XOR, { iterations: 0 });
  });
  alike((trainer) => {
    trainer.rate = 0;
    trainer.iterations = 3;
    return trainer.train(XOR);
  });
});

test('digits in sets and options, and rows that are longer than the network takes', async () => {
  const csv = '0,0,0\n0,1,1\n1,0,1\n1,1,0';
  const set = csv.split('\n').map((line) => {
    const cells = line.split(',');
    return { input: cells.slice(0, 2), output: cells.slice(2) };
  });
  const options = { rate: '0.3', iterations: '50', error: '0.001' };
  alike((trainer) => trainer.train(set, options));
  alike((trainer) =>
    trainer.train(XOR, { ...options, rate: ['0.3', '0.1'], log: '0', schedule: { every: '10', do() {} } }),
  );
  alike((trainer) => {
    trainer.train(XOR, { iterations: 1 });
    return { ...trainer.test(set), iterations: 1 };
  });
  const longer = XOR.map(({ input, output }) => ({ input: [...input, 7, 'more'], output: [...output, 3] }));
  alike((trainer) => trainer.train(longer, { iterations: 50, error: -1 }));
  alike((trainer) => ({ ...trainer.test(longer), iterations: 1 }));
  const held = [...set, ...set];
  const crossValidate = { testSize: '0.25', testError: '0.001' };
  const [ours, theirs] = [engram, synaptic].map((library, index) => {
    const options = { iterations: 20, error: -1, crossValidate };
    return new library.Trainer(twins(perceptron())[index]).train(held, options);
  });
  assert.equal(ours.iterations, theirs.iterations);
  close(ours.error, theirs.error);

  const [network, twin, third] = [perceptron(), perceptron(), perceptron()];
  await new engram.Trainer(network).trainAsync(set, options);
  new engram.Trainer(twin).train(XOR, { rate: 0.3, iterations: 50, error: 0.001 });
  await new Promise((resolve) => {
    new engram.Trainer(third).workerTrain(longer, resolve, options);
  });
  assert.deepEqual([...network.weights], [...twin.weights]);
  assert.deepEqual([...third.weights], [...twin.weights]);

  // What is too short, or no number, is refused before anything changes.
  const before = JSON.stringify(network);
  for (const bad of [
    { input: ['0'], output: ['1'] },
    { input: ['0', 'one'], output: ['1'] },
    { input: ['0', ''], output: ['1'] },
  ]) {
    assert.throws(
      () => new engram.Trainer(network).train([...set, bad]),
      /^(Type|Range)Error: Trainer\.train: set\[4\]\.input/,
    );
  }
  assert.equal(JSON.stringify(network), before);
});

test('the sequence classes and data sets stay strict, with a hint', async () => {
  const model = () => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric() });
  const samples = [
    { input: [0, 1], label: 'a' },
    { input: [1, 0], label: 'b' },
  ];
  await assert.rejects(async () => model().fit(samples, { rate: '0.1' }), {
    name: 'TypeError',
    message: /options\.rate/,
  });
  await assert.rejects(async () => model().fit(samples, { batchSize: '2' }), {
    name: 'TypeError',
    message: /options\.batchSize is "2", expected an integer.*; Number\("2"\) is one/,
  });
  await assert.rejects(async () => model().fit(samples, { epohcs: 2 }), /epohcs is not known; did you mean 'epochs'/);
  const { DataSet } = await import('engram');
  assert.throws(() => new DataSet([{ input: ['1'], output: [1] }]), {
    name: 'TypeError',
    message: /input\[0\] is "1", expected a finite number; Number\("1"\) is one/,
  });
});

test('schedules that are never due, and one that stays', () => {
  const log = [];
  const call = ({ iterations }) => void log.push(iterations);
  for (const schedule of [{}, null, { every: 0, do: call }, { do: call }, { every: '', do: call }]) {
    alike((trainer) => trainer.train(XOR, { iterations: 5, error: -1, schedule }));
  }
  assert.deepEqual(log, []);
  alike((trainer) => {
    log.length = 0;
    trainer.train(XOR, { iterations: 4, error: -1, schedule: { every: 2, do: call } });
    trainer.train(XOR, { iterations: 4 });
    const result = trainer.train(XOR); // without options no schedule is looked at
    assert.deepEqual(log, [2, 4, 2, 4]);
    return result;
  });
  // `this` is the schedule.
  alike((trainer) => {
    const schedule = {
      every: 3,
      count: 0,
      do() {
        this.count++;
      },
    };
    const result = trainer.train(XOR, { iterations: 10, error: -1, schedule });
    assert.equal(schedule.count, 3);
    return result;
  });
  assert.throws(
    () => new engram.Trainer(perceptron()).train(XOR, { schedule: { every: 1 } }),
    /options\.schedule\.do is undefined/,
  );
});

test("customLog is a schedule, and lines of the log are Synaptic's", (t) => {
  const lines = quiet(t);
  const seen = [];
  alike((trainer) =>
    trainer.train(XOR, { iterations: 6, error: -1, customLog: { every: 3, do: (x) => void seen.push(x.iterations) } }),
  );
  assert.deepEqual(seen, [3, 6, 3, 6]);
  const from = lines().length;
  alike((trainer) => trainer.train(XOR, { iterations: 4, error: -1, log: 2 }));
  const words = lines()
    .slice(from)
    .map((line) => line.replace(/error .*/, 'error'));
  assert.deepEqual(
    words.filter((line) => line.startsWith('iterations')),
    ['iterations 2 error', 'iterations 4 error', 'iterations 2 error', 'iterations 4 error'],
  );
});

test('shuffle is whatever is true; the order of the given array stays', () => {
  const set = [...XOR];
  const shuffled = perceptron();
  new engram.Trainer(shuffled).train(set, { shuffle: 1, iterations: 20, error: -1, seed: 3 });
  assert.deepEqual(set, XOR, 'Synaptic puts the samples of the array itself into another order');
  const [yes, no, plain] = [true, 0, undefined].map((shuffle) => {
    const network = perceptron();
    new engram.Trainer(network).train(set, { shuffle, iterations: 20, error: -1, seed: 3 });
    return [...network.weights];
  });
  assert.deepEqual([...shuffled.weights], yes);
  assert.deepEqual(no, plain);
  assert.notDeepEqual(yes, no);
});

test('test takes the options of train', () => {
  const options = { iterations: 20_000, rate: 0.1, error: 0.1, log: 5, shuffle: true, schedule: { every: 1, do() {} } };
  alike((trainer) => ({ ...trainer.test(XOR, options), iterations: 1 }));
  alike((trainer, { Trainer }) => ({ ...trainer.test(XOR, { ...options, cost: Trainer.cost.BINARY }), iterations: 1 }));
});

test('names that are not known warn once, with what may have been meant, and the run goes on', (t) => {
  const lines = quiet(t);
  for (let round = 0; round < 2; round++) {
    const network = perceptron();
    const plain = alike((trainer) => trainer.train(XOR, { iterations: 5, itertions: 9, epoch: 4, zzz: 1 }));
    assert.equal(plain.iterations, 5);
    new engram.Trainer(network, { ratee: 3 }).test(XOR, { coste: 1 });
    new engram.Trainer(network).XOR({ iterations: 1, momentums: 1 });
    new engram.Layer(2).set({ biass: 1 });
    new Architect.LSTM(1, 2, 1, { peephole: null });
  }
  assert.deepEqual(
    lines().map((line) => line.replace(/known are .*/, '...')),
    [
      "Trainer.train: options.itertions is not known and left out; did you mean 'iterations'?",
      "Trainer.train: options.epoch is not known and left out; did you mean 'iterations'?",
      'Trainer.train: options.zzz is not known and left out; ...',
      "new Trainer: options.ratee is not known and left out; did you mean 'rate'?",
      "Trainer.test: options.coste is not known and left out; did you mean 'cost'?",
      'Trainer.train: options.momentums is not known and left out; ...',
      "Layer.set: options.biass is not known and left out; did you mean 'bias'?",
      "new Architect.LSTM: options.peephole is not known and left out; did you mean 'peepholes'?",
    ],
  );
});

test("what a schedule's function does to the network that trains", () => {
  const network = perceptron();
  const trainer = new engram.Trainer(network);
  const outputs = [];
  const look = { every: 1, do: () => void outputs.push(network.activate([0, 1])[0]) };
  trainer.train(XOR, { iterations: 3, error: -1, schedule: look });
  assert.equal(new Set(outputs).size, 3, 'it sees the weights as they are');
  const teach = { every: 1, do: () => network.propagate(0.1, [1]) };
  assert.throws(() => trainer.train(XOR, { iterations: 3, schedule: teach }), {
    name: 'TypeError',
    message: 'Network.propagate: the network is being trained; wait for the run to end, or abort it',
  });
  // The remedy.
  const { stopped } = trainer.train(XOR, { iterations: 10, error: -1, schedule: { every: 3, do: () => true } });
  assert.equal(stopped, 'schedule');
  network.activate([0, 1]);
  network.propagate(0.1, [1]);
});

test('trainers of older classes: prototypes, call, inherits, extends', () => {
  function derivations({ Trainer }) {
    function ByInstance(network) {
      this.network = network;
    }
    ByInstance.prototype = new Trainer();
    ByInstance.prototype.constructor = ByInstance;
    function ByCall(network, options) {
      Trainer.call(this, network, options);
      this.name = 'mine';
    }
    ByCall.prototype = Object.create(Trainer.prototype);
    function ByInherits(network) {
      Trainer.call(this, network);
    }
    inherits(ByInherits, Trainer);
    function ByCreate(network) {
      this.network = network;
      this.rate = 0.2;
      this.iterations = 100_000;
      this.error = 0.005;
    }
    ByCreate.prototype = Object.create(Trainer.prototype, { constructor: { value: ByCreate } });
    class ByClass extends Trainer {
      learn(set, options) {
        return this.train(set, options);
      }
    }
    return { ByInstance, ByCall, ByInherits, ByCreate, ByClass };
  }
  const [ours, theirs] = [engram, synaptic].map(derivations);
  for (const name of Object.keys(ours)) {
    const [a, b] = twins(perceptron());
    const [one, other] = [new ours[name](a), new theirs[name](b)];
    assert.ok(one instanceof engram.Trainer, name);
    for (const trainer of [one, other]) trainer.rate *= 2;
    const results = [one, other].map((trainer) => trainer.train(XOR, { iterations: 30, error: -1 }));
    close(results[0].error, results[1].error);
    assert.deepEqual([one.rate, one.iterations, one.error], [other.rate, other.iterations, other.error], name);
    // One's rate is not another's.
    assert.equal(new ours[name](a).rate, 0.2, name);
    close(one.test(XOR).error, other.test(XOR).error);
  }
  assert.throws(() => engram.Trainer(perceptron()), { name: 'TypeError', message: 'Trainer: called without new' });
  assert.throws(
    () => new engram.Trainer().train(XOR),
    /^TypeError: Trainer\.train: network is undefined, expected a Network/,
  );
  assert.throws(() => new engram.Trainer().XOR(), /^TypeError: Trainer\.XOR: network is undefined/);
  assert.equal(engram.Trainer.cost.MSE([1], [0]), 1);
});

test('ready-made networks have a trainer, made at first use', () => {
  const networks = [
    new Architect.Perceptron(2, 3, 1),
    new Architect.LSTM(2, 3, 1),
    new Architect.Liquid(2, 9, 1, 20, 5),
    new Architect.Hopfield(2),
  ];
  for (const network of networks) {
    assert.equal(Object.hasOwn(network, 'trainer'), false);
    assert.ok(network.trainer instanceof engram.Trainer);
    assert.equal(network.trainer, network.trainer);
    assert.equal(network.trainer.network, network);
  }
  networks[0].trainer.train(XOR, { iterations: 3 });
  function Memory(size) {
    Architect.Hopfield.call(this, size);
  }
  inherits(Memory, Architect.Hopfield);
  const memory = new Memory(4);
  assert.equal(memory.trainer.network, memory);
  memory.learn([[0, 1, 0, 1]]);
  assert.deepEqual(memory.feed([0, 1, 0, 1]), [0, 1, 0, 1]);
  for (const [patterns, message] of [
    [[], /^RangeError: Hopfield\.learn: patterns is an array of 0/],
    [[[0, 1, 2, 0]], /^RangeError: Hopfield\.learn: patterns\[0\]\[2\] is 2/],
    [[[0, 1]], /^RangeError: Hopfield\.learn: patterns\[0\] has 2 values/],
  ]) {
    assert.throws(() => memory.learn(patterns), message);
  }
});
