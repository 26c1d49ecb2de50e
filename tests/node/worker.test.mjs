// Training in a worker: live views, control, sharing and copying, synaptic's messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Architect, Network, Trainer } from 'engram';
import { watchLateness } from '../support/lateness.mjs';
import { bySteps } from '../support/old-workers.mjs';
import { firstBit, LONG_RUN, XOR } from '../support/sets.mjs';
import { share } from '../support/sharing.mjs';

const long = () => {
  const network = new Architect.LSTM(...LONG_RUN.sizes, { variant: 'standard', output: 'softmax', seed: 1 });
  return { network, trainer: new Trainer(network), set: firstBit(LONG_RUN.count, LONG_RUN.length) };
};
/** A run that would go on for long; a test that fails leaves none behind, which its process would wait for. */
const endless = (t, { trainer, set }, options) => {
  const run = trainer.trainAsync(set, { iterations: 1_000_000, error: 0, ...options });
  t.after(() => run.abort());
  return run;
};
/** Pauses a run that has learnt, and waits until it pauses: what comes before the checkpoint is done then. */
const paused = async (run) => {
  for await (const { examples } of run) if (examples > 0) break;
  run.pause();
  await run.checkpoint();
  await sleep(100);
};
const parameters = (network) => Array.from(network.memory.subarray(0, network.weights.length + network.biases.length));

test('abort within one batch: the examples after it are at most one batch more', async (t) => {
  const { network, ...rest } = long();
  const run = endless(t, rest, { batchSize: 8 });
  for await (const { examples } of run) {
    if (examples < 64) continue;
    const before = network.version;
    run.abort();
    await run;
    // Every batch publishes once (2 versions), the end of a run once more.
    assert.ok(network.version - before <= 6, `${(network.version - before) / 2} updates after abort`);
    break;
  }
});

test('the main thread stays free: a 10 ms timer is late by less than 50 ms at the 95th percentile', async () => {
  const { trainer, set } = long();
  const run = trainer.trainAsync(set, { iterations: 20, error: 0 });
  const lateness = watchLateness();
  await run;
  const { ticks, percentile } = lateness();
  assert.ok(ticks > 20 && percentile < 50, `${ticks} ticks, 95 % within ${percentile} ms`);
});

test('while a worker trains, the page reads and activates; what would change the network is refused', async (t) => {
  const { network, trainer, set } = long();
  const run = endless(t, { trainer, set });
  const sums = [network.activate([1]), ...network.activateSequence([[1], [0]])].map(([a, b]) => a + b);
  for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-12, `probabilities sum to ${sum}`);
  const calls = {
    'Network.propagate': () => network.propagate(0.1, [1, 0]),
    'Network.clear': () => network.clear(),
    'Network.reset': () => network.reset(),
    'Network.free': () => network.free(),
    'Trainer.trainAsync': () => trainer.trainAsync(set),
    'Trainer.train': () => trainer.train(set),
    'Neuron.bias': () => {
      network.layers.output.list[0].bias = 1;
    },
  };
  for (const [call, refused] of Object.entries(calls)) {
    const message = `${call}: the network is being trained; wait for the run to end, or abort it`;
    await assert.rejects(async () => refused(), { name: 'TypeError', message });
  }

  // Weights that stand still can be compared with.
  await paused(run);
  const copy = Network.fromJSON(JSON.parse(JSON.stringify(network)));
  assert.deepEqual([...copy.weights], [...network.weights]);
  assert.notDeepEqual([...copy.weights], [...long().network.weights]);
  const steps = [[1], [0]];
  assert.deepEqual(network.activateSequence(steps), copy.activateSequence(steps));
  const [{ error, accuracy }, other] = [trainer, new Trainer(copy)].map((one) => one.test(set.slice(0, 10)));
  assert.deepEqual([error, accuracy], [other.error, other.accuracy]);
  run.abort();
  await run;
  network.activate([1]);
  network.propagate(0.1, [1, 0]);
  assert.notDeepEqual([...network.weights], [...copy.weights]);
});

test("an error in a user's function rejects the run with that error, and the network goes on", async () => {
  const { network, trainer, set } = long();
  const mine = new Error('mine');
  const fail = () => {
    throw mine;
  };
  await assert.rejects(trainer.trainAsync(set, { rate: fail }), mine);
  await assert.rejects(trainer.trainAsync(set, { schedule: { every: 1, do: fail } }), mine);
  await assert.rejects(trainer.trainAsync(set, { iterations: 1, cost: fail }), mine);
  await assert.rejects(trainer.trainAsync(set, { onProgress: fail }), mine);
  await assert.rejects(trainer.trainAsync(set, { rate: () => 'fast' }), /options.rate\(1, 0\) is "fast"/);
  assert.throws(() => trainer.train(set, { rate: fail }), mine);
  // As in synaptic, a trainer keeps the rate and cost it was given.
  const { stopped } = await new Trainer(network).trainAsync(set, { iterations: 1 });
  assert.equal(stopped, 'iterations');
  assert.equal(network.activate([1]).length, 2);
});

test('several networks train at once', async () => {
  const runs = Array.from({ length: 4 }, (_, seed) => {
    const network = new Architect.Perceptron(2, 4, 1, { seed: seed + 1 });
    return new Trainer(network).trainAsync(XOR, { rate: 0.5, iterations: 20_000, error: 0.01 });
  });
  // An untrained network has an error of 0.25.
  for (const { error, stopped } of await Promise.all(runs)) assert.ok(stopped === 'error' && error <= 0.01, `${error}`);
});

test("startTraining answers with synaptic's messages", async () => {
  const [network, twin] = [3, 3].map((seed) => new Architect.Perceptron(2, 3, 1, { seed }));
  const scheduled = [];
  const options = {
    iterations: 30,
    error: 0,
    schedule: { every: 10, do: ({ iterations }) => void scheduled.push(iterations) },
  };
  const worker = network.worker(network.optimized?.memory, XOR, options);
  const messages = [];
  const done = new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      messages.push(data.action);
      if (data.action === 'schedule') options.schedule.do(data.message);
      if (data.action === 'done') resolve(data);
    };
  });
  worker.postMessage({ action: 'startTraining' });
  const { message, memoryBuffer } = await done;
  const { error } = new Trainer(twin).train(XOR, { iterations: 30, error: 0 });
  assert.deepEqual({ ...message, time: 0 }, { iterations: 30, error, time: 0 });
  assert.deepEqual(messages, ['schedule', 'schedule', 'schedule', 'done']);
  assert.deepEqual(scheduled, [10, 20, 30]);
  network.optimized.ownership(memoryBuffer);
  assert.deepEqual(parameters(network), parameters(twin));
  worker.terminate();
});

// Copies come last: a worker that was started without shared memory is used again where memory may be shared.
for (const shareMemory of ['auto', 'never']) {
  const shared = shareMemory === 'auto';
  const how = shared ? 'shared' : 'copied';

  test(`${how}: a view taken before sees the weights change, and version moves`, async (t) => {
    share(t, shareMemory);
    const { network, trainer, set } = long();
    const view = network.weights;
    const before = Float64Array.from(view);
    const version = network.version;
    const run = trainer.trainAsync(set, { iterations: 10, error: 0 });
    let changed = 0;
    let last = before;
    for await (const progress of run) {
      assert.equal(progress.iterations, 10);
      if (view.some((value, index) => value !== last[index])) changed++;
      last = Float64Array.from(view);
    }
    const { stopped } = await run;
    assert.equal(stopped, 'iterations');
    assert.ok(changed >= 3, `the view changed ${changed} times`);
    assert.ok(network.version >= version + 6 && network.version % 2 === 0);
    assert.equal(network.isShared, shared);
  });

  test(`${how}: the page ${shared ? 'sees' : 'does not see'} new weights before it lets a message in`, async (t) => {
    share(t, shareMemory);
    const { network, trainer, set } = long();
    const run = endless(t, { trainer, set });
    await run[Symbol.asyncIterator]().next();
    const before = network.version;
    const end = performance.now() + (shared ? 20_000 : 300);
    while (network.version === before && performance.now() < end);
    assert.equal(network.version > before, shared);
    run.abort();
    await run;
  });

  test(`${how}: pause and resume wait and go on, abort ends the run`, async (t) => {
    share(t, shareMemory);
    const { network, trainer, set } = long();
    const run = endless(t, { trainer, set });
    await paused(run);
    const before = parameters(network);
    await sleep(200);
    assert.deepEqual(parameters(network), before, 'paused');
    run.resume();
    const { version } = network;
    for (let tries = 0; network.version === version && tries < 2000; tries++) await sleep(5);
    run.abort();
    const result = await run;
    assert.equal(result.stopped, 'aborted');
    assert.ok(result.iterations < 1_000_000);
    assert.notDeepEqual(parameters(network), before, 'resumed');
    assert.ok(parameters(network).every(Number.isFinite));
  });

  test(`${how}: the same seed gives the same weights`, async (t) => {
    const runs = [];
    for (const [mode, seed] of [
      ['auto', 11],
      [shareMemory, 11],
      [shareMemory, 12],
    ]) {
      share(t, mode);
      const { network, trainer, set } = long();
      await trainer.trainAsync(set, { iterations: 2, error: 0, seed });
      runs.push(parameters(network));
    }
    assert.deepEqual(runs[1], runs[0]);
    assert.notDeepEqual(runs[2], runs[1]);
  });

  test(`${how}: synaptic's message loop trains XOR`, async (t) => {
    share(t, shareMemory);
    const network = new Architect.Perceptron(2, 3, 1, { seed: 3 });
    const { error } = await bySteps(network, XOR, { rateAt: () => 0.5, iterations: 4000, error: 0.02 });
    assert.ok(error <= 0.02, `error ${error}`);
    assert.deepEqual(
      XOR.map(({ input }) => Math.round(network.activate(input)[0])),
      [0, 1, 1, 0],
    );
  });

  test(`${how}: network.worker() with promises does what the network does`, async (t) => {
    share(t, shareMemory);
    const [here, there] = [new Architect.LSTM(2, 3, 1, { seed: 3 }), new Architect.LSTM(2, 3, 1, { seed: 3 })];
    const worker = there.worker();
    for (let step = 0; step < 30; step++) {
      const input = [Math.sin(step), Math.cos(step)];
      assert.deepEqual(Array.from(await worker.activate(input)), here.activate(input));
      here.propagate(0.2, [step % 2]);
      await worker.propagate(0.2, [step % 2]);
    }
    assert.deepEqual(parameters(there), parameters(here));
    worker.terminate();
    await assert.rejects(worker.activate([0, 0]), /terminated/);
  });
}
