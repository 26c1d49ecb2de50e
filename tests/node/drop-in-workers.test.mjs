// network.worker() and Trainer.workerTrain as pages of all of Synaptic's years use them; what comes out is what
// Synaptic computes on one thread.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Architect, NetworkWorker, Trainer } from 'engram';
import synaptic from 'synaptic';

import { byMessages, bySteps } from '../support/old-workers.mjs';
import { XOR } from '../support/sets.mjs';
import { share } from '../support/sharing.mjs';
import { close, quiet, twins } from '../support/twins.mjs';

const perceptron = () => new Architect.Perceptron(2, 3, 1, { seed: 4 });
const answers = (network) => XOR.map(({ input }) => network.activate(input)[0]);

/** What Synaptic's workers compute by steps, on this thread. */
function stepsOf(network, set, { iterations, rateAt }) {
  let error = 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    error = 0;
    for (const { input, output } of set) {
      error += (output[0] - network.activate(input)[0]) ** 2;
      network.propagate(rateAt(iteration), output);
    }
  }
  return { iterations, error: error / set.length };
}

/** The rate of an iteration by Synaptic's buckets, counted from 0 as its step-by-step loop does. */
function bucketed(rates, iterations) {
  const size = Math.floor(iterations / rates.length);
  let current = rates;
  return (iteration) => {
    if (size > 0) current = rates[Math.floor(iteration / size)] || current;
    return current;
  };
}

for (const how of ['auto', 'never']) {
  const memory = how === 'auto' ? 'shared' : 'copied';

  test(`${memory}: by steps with one rate, as in 2014`, async (t) => {
    share(t, how);
    const [ours, theirs] = twins(perceptron());
    const plan = { iterations: 60, rateAt: () => 0.4 };
    const result = await bySteps(ours, XOR, plan);
    close(result.error, stepsOf(theirs, XOR, plan).error);
    close(answers(ours), answers(theirs));
  });

  test(`${memory}: by steps with a list of rates, which the sources of 2014 post whole`, async (t) => {
    share(t, how);
    const [ours, theirs] = twins(perceptron());
    const result = await bySteps(ours, XOR, { iterations: 20, rateAt: () => [0.4, 0.1] });
    const [spoilt] = twins(perceptron()).slice(1);
    stepsOf(spoilt, XOR, { iterations: 1, rateAt: () => [0.4, 0.1] });
    assert.ok(Number.isNaN(spoilt.activate([0, 1])[0]), 'Synaptic multiplies by the list');
    close(result.error, stepsOf(theirs, XOR, { iterations: 20, rateAt: () => 0.4 }).error);
    close(answers(ours), answers(theirs));
    // A list of one is its number in Synaptic, too.
    const [one, other] = twins(perceptron());
    await bySteps(one, XOR, { iterations: 5, rateAt: () => [0.3] });
    stepsOf(other, XOR, { iterations: 5, rateAt: () => [0.3] });
    close(answers(one), answers(other));
  });

  test(`${memory}: by steps with buckets of rates, as in 1.0.1 and 1.0.2`, async (t) => {
    share(t, how);
    const [ours, theirs] = twins(perceptron());
    const iterations = 30;
    const plan = () => ({ iterations, rateAt: bucketed([0.5, 0, 0.1], iterations) });
    const result = await bySteps(ours, XOR, plan());
    close(result.error, stepsOf(theirs, XOR, plan()).error);
    close(answers(ours), answers(theirs));
  });

  test(`${memory}: startTraining, as from 1.0.8 to 1.1.4; a page that handles schedules gets every call once`, async (t) => {
    share(t, how);
    for (const listen of [false, true]) {
      const [ours, theirs] = twins(perceptron());
      const seen = [];
      const options = {
        rate: 0.3,
        iterations: 40,
        error: -1,
        schedule: { every: 10, do: ({ iterations }) => void seen.push(iterations) },
      };
      const result = await byMessages(ours, XOR, options, { listen });
      assert.deepEqual(seen, [10, 20, 30, 40]);
      assert.deepEqual(result.logged, []);
      const expected = new synaptic.Trainer(theirs).train(XOR, { ...options, schedule: undefined });
      assert.equal(result.iterations, expected.iterations);
      close(result.error, expected.error);
      close(answers(ours), answers(theirs));
      assert.equal(typeof result.time, 'number');
    }
  });
}

test('startTraining with a log, with both, and with neither', async () => {
  const run = (options) => byMessages(perceptron(), XOR, { iterations: 12, error: -1, ...options });
  const { logged } = await run({ log: 4 });
  assert.deepEqual(
    logged.map(({ iterations, rate }) => [iterations, rate]),
    [
      [4, 0.2],
      [8, 0.2],
      [12, 0.2],
    ],
  );
  assert.equal((await run({ log: true })).logged.length, 12);
  const seen = [];
  // Where both are due it is the schedule; what is logged comes to the schedule too, by Synaptic's handler.
  const schedule = { every: 6, do: ({ iterations }) => void seen.push(iterations) };
  const both = await run({ log: 4, schedule });
  assert.deepEqual(
    both.logged.map(({ iterations }) => iterations),
    [4, 8],
  );
  assert.deepEqual(seen, [4, 6, 8, 12]);
  assert.deepEqual((await run({ schedule: {} })).logged, []);
  assert.deepEqual((await run({ log: false, schedule: null })).logged, []);
});

test('workerTrain calls back once, tells of schedules and prints the log', async (t) => {
  const lines = quiet(t);
  const [ours, theirs] = twins(perceptron());
  const seen = [];
  const options = {
    rate: [0.4, 0.1],
    iterations: 20,
    error: -1,
    schedule: { every: 5, do: (now) => void seen.push(now.rate) },
  };
  const result = await new Promise((resolve) => {
    new Trainer(ours).workerTrain(XOR, resolve, options);
  });
  assert.deepEqual(seen, [0.4, 0.1, 0.1, 0.1]);
  const expected = new synaptic.Trainer(theirs).train(XOR, { ...options, schedule: undefined });
  assert.equal(result.iterations, 20);
  close(result.error, expected.error);
  close(answers(ours), answers(theirs));
  await new Promise((resolve) => {
    new Trainer(perceptron()).workerTrain(XOR, resolve, { iterations: 4, error: -1, log: 2 });
  });
  assert.deepEqual(
    lines().map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['iterations 2', 'iterations 4'],
  );
});

test('a worker is an EventTarget', async () => {
  const network = perceptron();
  const worker = network.worker();
  assert.ok(worker instanceof EventTarget && worker instanceof NetworkWorker);
  assert.deepEqual([worker.onmessage, worker.onerror, worker.onmessageerror], [null, null, null]);
  const seen = [];
  const note = (name) => (event) => void seen.push([name, event.type, event.data.action, event.target === worker]);
  const removed = note('removed');
  worker.addEventListener('message', removed);
  worker.removeEventListener('message', removed);
  worker.addEventListener('message', note('once'), { once: true });
  worker.addEventListener('message', { handleEvent: note('object') });
  worker.addEventListener('message', null);
  worker.onmessage = note('property');
  const next = () => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
  worker.postMessage({ action: 'activate', input: [0, 1] });
  const { data } = await next();
  assert.deepEqual(data.output, perceptron().activate([0, 1]));
  assert.equal(data.memoryBuffer.length, network.memory.length);
  worker.postMessage({ action: 'propagate', target: [1] });
  await next();
  assert.deepEqual(seen, [
    ['property', 'message', 'activate', true],
    ['once', 'message', 'activate', true],
    ['object', 'message', 'activate', true],
    ['property', 'message', 'propagate', true],
    ['object', 'message', 'propagate', true],
  ]);
  worker.terminate();
  // As a worker that has ended, it says nothing more.
  worker.onmessage = worker.onerror = () => assert.fail('after the end');
  worker.postMessage({ action: 'activate', input: [0, 1] });
  worker.postMessage({ action: 'startTraining' });
  await new Promise((resolve) => setTimeout(resolve, 50));
});

test('a message that fails is an error event; one that is none of the protocol throws', async () => {
  const network = perceptron();
  const worker = network.worker();
  const failed = (how) =>
    new Promise((resolve) => {
      if (how === 'property') worker.onerror = resolve;
      else worker.addEventListener('error', resolve, { once: true });
      worker.postMessage({ action: 'startTraining' });
    });
  for (const how of ['listener', 'property']) {
    const event = await failed(how);
    assert.equal(event.type, 'error');
    assert.match(event.message, /startTraining needs network\.worker\(memory, set, options\)/);
    assert.ok(event.error instanceof TypeError);
    assert.equal(event.error.message, event.message);
  }
  const before = JSON.stringify(network);
  for (const [message, kind, says] of [
    [null, 'TypeError', /message is null/],
    [{ action: 'dance' }, 'TypeError', /message\.action is "dance"/],
    [{ action: 'activate', input: [1] }, 'RangeError', /input has 1 values/],
    [
      { action: 'propagate', target: [1], rate: [] },
      'RangeError',
      /message\.rate is an array of 0, expected at least one/,
    ],
    [{ action: 'propagate', target: [1], rate: ['fast'] }, 'TypeError', /rate is "fast"/],
    [{ action: 'activate', input: [1, 0], memoryBuffer: {} }, 'TypeError', /message\.memoryBuffer/],
  ]) {
    assert.throws(() => worker.postMessage(message), { name: kind, message: says });
  }
  assert.equal(JSON.stringify(network), before);
  worker.terminate();
});

test('an error that nobody listens for is an unhandled rejection', async () => {
  const program = `
    import { Architect } from 'engram';
    process.on('unhandledRejection', (error) => { console.log('unhandled', error.message); process.exit(0); });
    new Architect.Perceptron(2, 3, 1).worker().postMessage({ action: 'startTraining' });
    setTimeout(() => {}, 5000);`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  assert.match(stdout, /^unhandled NetworkWorker: startTraining needs/);
});
