// Runs that are written down and go on elsewhere, to the same bits.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Architect, Encoder, fileStore, SequenceClassifier, Trainer } from 'engram';

import { randomFrom, SEED } from '../support/random.mjs';
import { share } from '../support/sharing.mjs';

const folder = mkdtempSync(join(tmpdir(), 'engram-'));
after(() => rmSync(folder, { recursive: true }));
const script = join(import.meta.dirname, '../support/interrupted.mjs');

const random = randomFrom(SEED);
const set = Array.from({ length: 50 }, (_, index) => ({
  input: Array.from({ length: 3 + (index % 5) }, () => [random(), random()]),
  output: [index % 2, 1 - (index % 2)],
}));
const network = (seed = 9) => new Architect.LSTM(2, 6, 2, { variant: 'standard', output: 'softmax', seed });
const options = { iterations: 60, error: 0, seed: 3, batchSize: 16, validation: 0.2, patience: 60 };

const RULES = {
  bptt: {},
  'bptt in double precision, with a schedule': {
    precision: 'f64',
    decay: { type: 'plateau', patience: 2, factor: 0.5 },
  },
  'the online rule': { learner: 'online', rate: 0.05 },
  'functions of the page': { rate: (iteration) => 0.02 / iteration, cost: (t, o) => Math.abs(t[0] - o[0]) },
};
// Copies come last: a worker that was started without shared memory is used again where memory may be shared.
for (const shareMemory of ['auto', 'never']) {
  for (const [name, extra] of Object.entries(RULES)) {
    test(`${name}: a resumed run ends with the weights of a whole one (${shareMemory}, seed ${SEED})`, async (t) => {
      share(t, shareMemory);
      const whole = network();
      const expected = await new Trainer(whole).trainAsync(set, { ...options, ...extra });
      assert.equal(expected.iterations, 60);

      const due = [];
      const second = new Trainer(network()).trainAsync(set, {
        ...options,
        ...extra,
        checkpointEvery: 20,
        onCheckpoint: (checkpoint) => due.push(checkpoint),
      });
      await second;
      assert.equal(due.length, 3);
      for (const [index, checkpoint] of due.entries()) {
        // Other weights: what the run ends with comes from the checkpoint, not from training all over again.
        const resumed = network(10);
        const iterations = [];
        const schedule = { every: 1, do: (report) => void iterations.push(report.iterations) };
        const result = await new Trainer(resumed).resume(set, checkpoint, { ...options, ...extra, schedule });
        assert.deepEqual([...resumed.weights], [...whole.weights]);
        assert.deepEqual({ ...result, time: 0 }, { ...expected, time: 0 });
        const rest = Array.from({ length: 40 - 20 * index }, (_, place) => 21 + 20 * index + place);
        assert.deepEqual(iterations, rest);
      }
    });
  }
}

/** The set with one sample that is another. */
const changed = (place, change) => set.map((sample, index) => (index === place ? { ...sample, ...change } : sample));

test('a checkpoint that does not fit is refused, and the network stays as it is', async () => {
  const run = new Trainer(network()).trainAsync(set, { ...options, iterations: 1e6, patience: 0 });
  const checkpoint = await run.checkpoint();
  run.abort();
  await run;
  const other = network();
  const before = [...other.memory];
  const trainer = new Trainer(other);
  const damaged = checkpoint.slice();
  damaged[100] ^= 4;
  const refusals = [
    [set, damaged, options, RangeError, /not whole/],
    [set, checkpoint.slice(0, 800), options, RangeError, /not whole/],
    [set, new Uint8Array(), options, RangeError, /not one of engram's/],
    [set, new Uint8Array(64), options, RangeError, /not one of engram's/],
    [set.slice(1), checkpoint, options, RangeError, /another/],
    [changed(0, { output: set[1].output }), checkpoint, options, RangeError, /another/],
    [changed(2, { input: set[0].input }), checkpoint, options, RangeError, /another/],
    [[...set].reverse(), checkpoint, options, RangeError, /another/],
    [set, checkpoint, { ...options, optimizer: 'sgd' }, RangeError, /another/],
    [set, checkpoint, { ...options, precision: 'f64' }, RangeError, /another/],
    [set, 'bytes', options, TypeError, /Uint8Array/],
  ];
  for (const [samples, bytes, given, kind, pattern] of refusals) {
    await assert.rejects(
      trainer.resume(samples, bytes, given),
      (error) => error instanceof kind && pattern.test(error.message),
    );
    assert.deepEqual([...other.memory], before);
  }
  const larger = new Trainer(new Architect.LSTM(2, 7, 2, { variant: 'standard', output: 'softmax' }));
  await assert.rejects(larger.resume(set, checkpoint, options), RangeError);
  const { stopped } = await trainer.resume(set, checkpoint, { ...options, iterations: 5e6, patience: 1 });
  assert.equal(stopped, 'patience');
});

test('a failing store rejects the run', async () => {
  const onCheckpoint = () => Promise.reject(new Error('the disk is full'));
  const trainer = new Trainer(network());
  await assert.rejects(
    trainer.trainAsync(set, { ...options, iterations: 1e6, patience: 0, checkpointEvery: 1, onCheckpoint }),
    /the disk is full/,
  );
  assert.equal(trainer.network.busy, false);
});

test('a file store replaces the file as a whole', async () => {
  const path = join(folder, 'store');
  const store = fileStore(path);
  assert.equal(await store.load(), undefined);
  await Promise.all([store.save(new Uint8Array([1])), store.save(new Uint8Array([2, 3]))]);
  assert.deepEqual([...(await store.load())], [2, 3]);
  writeFileSync(`${path}.new`, 'half a checkp');
  assert.deepEqual([...readFileSync(path)], [2, 3]);
  await store.clear();
  assert.equal(await store.load(), undefined);
  await assert.rejects(fileStore(join(folder, 'none/store')).save(new Uint8Array(1)), /ENOENT/);
});

test('a classifier whose process is killed 20 times ends with the weights of a whole run', {
  timeout: 600_000,
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const whole = spawnSync(process.execPath, [script, join(folder, 'whole')], { encoding: 'utf8' });
  assert.equal(whole.status, 0, whole.stderr);
  const { digest: expected, saved } = JSON.parse(whole.stdout);
  assert.equal(saved, 60);
  const path = join(folder, 'killed');
  const wait = randomFrom(SEED + 7);
  let [kills, goneOn] = [0, 0];
  /** Runs the script until it ends, or is killed: then nothing comes of it. */
  const attempt = () =>
    new Promise((resolve) => {
      const resumes = existsSync(path);
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
      });
      // The last is killed when there is something to go on from.
      const due = () => (kills < 19 || existsSync(path) ? child.kill('SIGKILL') : timer.refresh());
      const timer = kills < 20 ? setTimeout(due, 60 + 240 * wait()) : undefined;
      child.on('close', (_, signal) => {
        clearTimeout(timer);
        kills += Number(signal === 'SIGKILL');
        resolve(output === '' ? undefined : { ...JSON.parse(output), resumes });
      });
    });
  for (;;) {
    const result = await attempt();
    if (result === undefined) continue;
    assert.equal(result.digest, expected);
    assert.ok(result.resumes ? result.saved < 60 : result.saved === 60, JSON.stringify(result));
    goneOn += Number(result.resumes);
    if (kills === 20) break;
    // Done before it could be killed often enough: once more from the start.
    rmSync(path, { force: true });
  }
  t.diagnostic(`${kills} kills, ${goneOn} runs to the end went on from a checkpoint`);
  assert.ok(goneOn > 0, 'no run went on from a checkpoint');
});

test('fit goes on from a checkpoint', async () => {
  const samples = Array.from({ length: 20 }, (_, index) => ({
    input: 'ab'[index % 2].repeat(3),
    label: 'xy'[index % 2],
  }));
  const make = () => new SequenceClassifier({ labels: ['x', 'y'], encoder: Encoder.tokens(), hidden: [4], seed: 8 });
  const whole = make();
  const due = [];
  const fit = { epochs: 20, checkpointEvery: 5, onCheckpoint: (checkpoint) => due.push(checkpoint) };
  await whole.fit(samples, fit);
  assert.equal(due.length, 4);
  const resumed = make();
  const later = [];
  await resumed.fit(samples, { ...fit, onCheckpoint: (checkpoint) => later.push(checkpoint), resume: due[1] });
  assert.equal(JSON.stringify(resumed), JSON.stringify(whole));
  // Those of the epochs that were left, 15 and 20.
  assert.deepEqual(later, due.slice(2));
});

test('a run that has done the iterations that are asked for, or more, does no other', async () => {
  const samples = [
    { input: [[1], [0]], output: [1] },
    { input: [[0], [1]], output: [0] },
  ];
  const make = () => new Architect.LSTM(1, 3, 1, { seed: 1 });
  const checkpoints = [];
  const whole = make();
  const options = { iterations: 9, error: 0, seed: 1, threads: 1 };
  const onCheckpoint = (bytes) => {
    checkpoints.push([bytes, whole.weights.slice()]);
  };
  await new Trainer(whole).trainAsync(samples, { ...options, checkpointEvery: 4, onCheckpoint });
  const [[bytes]] = checkpoints;
  const four = make();
  await new Trainer(four).trainAsync(samples, { ...options, iterations: 4 });
  for (const iterations of [4, 3, 1]) {
    const network = make();
    const result = await new Trainer(network).resume(samples, bytes, { ...options, iterations });
    assert.equal(result.iterations, 4);
    assert.equal(result.stopped, 'iterations');
    assert.deepEqual(network.weights, four.weights);
  }
});
