// Where a platform has no workers, runs go on on the calling thread, between its other work.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstBit, XOR } from '../support/sets.mjs';

const { getBuiltinModule } = process;
process.getBuiltinModule = (name) => (name === 'node:worker_threads' ? undefined : getBuiltinModule(name));
const { Architect, Trainer } = await import('engram');

const parameters = ({ memory }) => [...memory];
const make = () => new Trainer(new Architect.LSTM(1, 9, 2, { variant: 'standard', output: 'softmax', seed: 6 }));
const set = firstBit(200, 40);
const options = { iterations: 30, error: 0, seed: 7 };

test('the calling thread trains to the bits of train, and does other work meanwhile', async () => {
  const [here, there] = [make(), make()];
  here.train(set, options);
  let others = 0;
  const timer = setInterval(() => others++, 1);
  const { stopped } = await there.trainAsync(set, options);
  clearInterval(timer);
  assert.equal(stopped, 'iterations');
  assert.deepEqual(parameters(there.network), parameters(here.network));
  assert.ok(others > 0);
});

test('pairs, a promise of a schedule, and progress', async () => {
  const trainer = new Trainer(new Architect.Perceptron(2, 3, 1, { seed: 4 }));
  const seen = [];
  const schedule = {
    every: 10,
    do: async ({ iterations }) => {
      await new Promise((resolve) => setTimeout(resolve));
      seen.push(iterations);
      return iterations === 30;
    },
  };
  const { stopped, iterations } = await trainer.trainAsync(XOR, { iterations: 100, error: 0, schedule });
  assert.deepEqual({ stopped, iterations, seen }, { stopped: 'schedule', iterations: 30, seen: [10, 20, 30] });
});

test('a run can be paused, resumed, written down and aborted; one that fails rejects', async () => {
  const trainer = make();
  const run = trainer.trainAsync(set, { ...options, iterations: 1_000_000 });
  run.pause();
  await new Promise((resolve) => setTimeout(resolve, 60));
  const before = parameters(trainer.network);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.deepEqual(parameters(trainer.network), before);
  run.resume();
  const checkpoint = await run.checkpoint();
  run.abort();
  assert.equal((await run).stopped, 'aborted');
  assert.ok(checkpoint.length > 0);
  const failing = make().trainAsync(set, { ...options, rate: () => Number.NaN });
  await assert.rejects(failing, /options\.rate\(1, 0\) is NaN/);
});

test('a run goes on from a checkpoint', async () => {
  const [whole, first, second] = [make(), make(), make()];
  const checkpoints = [];
  await whole.trainAsync(set, { ...options, iterations: 4 });
  const onCheckpoint = (bytes) => checkpoints.push(bytes);
  await first.trainAsync(set, { ...options, iterations: 2, checkpointEvery: 2, onCheckpoint });
  second.network.reset();
  await second.resume(set, checkpoints[0], { ...options, iterations: 4 });
  assert.deepEqual(parameters(second.network), parameters(whole.network));
});

test('a network steps on the calling thread, too', async () => {
  const [here, there] = [new Architect.LSTM(2, 3, 1, { seed: 3 }), new Architect.LSTM(2, 3, 1, { seed: 3 })];
  const worker = there.worker();
  for (let step = 0; step < 5; step++) {
    const input = [Math.sin(step), Math.cos(step)];
    assert.deepEqual(Array.from(await worker.activate(input)), here.activate(input));
    here.propagate(0.2, [step % 2]);
    await worker.propagate(0.2, [step % 2]);
  }
  assert.deepEqual(parameters(there), parameters(here));
});
