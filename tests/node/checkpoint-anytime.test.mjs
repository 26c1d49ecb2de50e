// run.checkpoint(): a run that is written down at any moment, abandoned, and resumed ends with the weights of a
// run that was never stopped, to the bit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Architect, Trainer } from 'engram';

import { below, randomFrom, SEED } from '../support/random.mjs';
import { share } from '../support/sharing.mjs';

const random = randomFrom(SEED);
const set = Array.from({ length: 60 }, (_, index) => ({
  input: Array.from({ length: 3 + (index % 5) }, () => [random(), random()]),
  output: [index % 2, 1 - (index % 2)],
}));
const ITERATIONS = 24;
const network = (seed) => new Architect.LSTM(2, 6, 2, { variant: 'standard', output: 'softmax', seed });
const RULES = {
  bptt: {},
  'bptt with dropout, a decay and groups': {
    dropout: 0.2,
    groupByLength: true,
    decay: { type: 'step', every: 4, factor: 0.9 },
  },
  'bptt in double precision, judged by a part': { precision: 'f64', validation: 0.2, patience: ITERATIONS },
  'bptt on two threads': { batchSize: 40, threads: 2 },
  'the online rule': { learner: 'online', rate: 0.05 },
  "a user's rate and cost": { rate: (iteration) => 0.02 / iteration, cost: (t, o) => Math.abs(t[0] - o[0]) },
};
const optionsOf = (rule) => ({ iterations: ITERATIONS, error: 0, seed: 3, batchSize: 4, ...rule });

/**
 * Starts a run, asks for a checkpoint a few turns of the event loop after iteration `after`, and abandons the run. The
 * iteration after that does not end before it was asked for.
 */
async function interrupted(rule, after, turns, pauses) {
  let reached;
  let asked;
  const begun = new Promise((resolve) => {
    reached = resolve;
  });
  const wait = new Promise((resolve) => {
    asked = resolve;
  });
  const schedule = {
    every: 1,
    do: async ({ iterations }) => {
      if (iterations === after) reached();
      if (iterations > after) await wait;
    },
  };
  const run = new Trainer(network(1)).trainAsync(set, { ...optionsOf(rule), schedule });
  await begun;
  for (let count = 0; count < turns; count++) await turn();
  if (pauses) run.pause();
  const checkpoint = run.checkpoint();
  asked();
  const bytes = await checkpoint;
  run.abort();
  const { stopped } = await run;
  assert.equal(stopped, 'aborted');
  await assert.rejects(run.checkpoint(), { name: 'TypeError', message: /the run has ended/ });
  return bytes;
}

// Copies come last: a worker that was started without shared memory is used again where memory may be shared.
for (const shareMemory of ['auto', 'never']) {
  for (const [name, rule] of Object.entries(RULES)) {
    test(`${name} goes on from any moment to the same bits (${shareMemory}, seed ${SEED})`, async (t) => {
      share(t, shareMemory);
      const whole = network(1);
      const expected = await new Trainer(whole).trainAsync(set, optionsOf(rule));
      assert.equal(expected.stopped, 'iterations');
      for (let round = 0; round < 4; round++) {
        const [after, turns, pauses] = [1 + below(random, ITERATIONS - 4), below(random, 6), round % 2 === 1];
        const checkpoint = await interrupted(rule, after, turns, pauses);
        const moment = `${turns} turns after iteration ${after}${pauses ? ', pausing' : ''}`;
        // Other weights: what the run ends with comes from the checkpoint, not from training all over again.
        const resumed = network(2);
        const seen = [];
        const schedule = { every: 1, do: ({ iterations }) => void seen.push(iterations) };
        const result = await new Trainer(resumed).resume(set, checkpoint, { ...optionsOf(rule), schedule });
        assert.ok(seen[0] > after && seen[0] <= after + 2, `${moment}: went on with iteration ${seen[0]}`);
        assert.deepEqual([...resumed.memory], [...whole.memory], moment);
        assert.deepEqual({ ...result, time: 0 }, { ...expected, time: 0 }, moment);
      }
    });
  }
}

const slow = (order, milliseconds) =>
  new Trainer(network(1)).trainAsync(set, {
    ...optionsOf({}),
    iterations: 2,
    checkpointEvery: 2,
    onCheckpoint: () => sleep(milliseconds),
    ...order,
  });

test('what is asked of a run that has ended is refused, however often, and while its last checkpoint is saved', async () => {
  const run = slow({}, 0);
  await assert.rejects(
    async () => {
      for (;;) await run.checkpoint();
    },
    { message: /^TrainingRun\.checkpoint: the run has ended/ },
  );
  await assert.rejects(run.pack(), { name: 'TypeError', message: /^TrainingRun\.pack: the run has ended/ });
  await assert.rejects(run.checkpoint(), { name: 'TypeError', message: /the run has ended/ });
  await run;

  let saving;
  const begun = new Promise((resolve) => {
    saving = resolve;
  });
  let saved;
  const end = new Promise((resolve) => {
    saved = resolve;
  });
  const late = slow({
    onCheckpoint: async () => {
      saving();
      await end;
    },
  });
  await begun;
  // The engine's part of the run ends meanwhile.
  await assert.rejects(async () => {
    for (;;) await late.checkpoint();
  }, /the run has ended/);
  saved();
  assert.equal((await late).stopped, 'iterations');
});

test('a run that has ended steers no other of its network', async () => {
  let saved;
  const end = new Promise((resolve) => {
    saved = resolve;
  });
  const stop = new AbortController();
  const trainer = new Trainer(network(1));
  const first = trainer.trainAsync(set, {
    ...optionsOf({}),
    iterations: 2,
    checkpointEvery: 2,
    onCheckpoint: () => end,
    signal: stop.signal,
  });
  await assert.rejects(async () => {
    for (;;) await first.checkpoint();
  }, /the run has ended/);
  let reached;
  const going = new Promise((resolve) => {
    reached = resolve;
  });
  const options = {
    ...optionsOf({}),
    schedule: { every: 1, do: ({ iterations }) => void (iterations === 3 && reached()) },
  };
  const second = trainer.trainAsync(set, options);
  first.pause();
  await going;
  stop.abort();
  first.abort();
  first.pause();
  saved();
  assert.deepEqual([(await first).stopped, (await first).iterations], ['iterations', 2]);
  assert.deepEqual([(await second).stopped, (await second).iterations], ['iterations', ITERATIONS]);
});
