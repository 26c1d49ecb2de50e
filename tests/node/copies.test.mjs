// Data stays where it is: what is copied, and what is posted, counted number by number.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { Architect, DataSet, Trainer } from 'engram';

import { firstBit } from '../support/sets.mjs';

/** Numbers in the typed arrays of a message, without what lies in shared memory. */
function numbersIn(value) {
  if (ArrayBuffer.isView(value)) return value.length;
  if (typeof value !== 'object' || value === null || value instanceof WebAssembly.Memory) return 0;
  return Object.values(value).reduce((sum, entry) => sum + numbersIn(entry), 0);
}

/** Counts, while `act` runs, the numbers that typed arrays are filled with and those that go to and from workers. */
async function counted(act) {
  const { set, slice } = Float64Array.prototype;
  const { postMessage, emit } = Worker.prototype;
  const Plain = globalThis.Float64Array;
  const counts = { copied: 0, posted: 0, heard: 0 };
  Float64Array.prototype.set = function (source, offset) {
    counts.copied += source.length;
    return set.call(this, source, offset);
  };
  Float64Array.prototype.slice = function (...range) {
    counts.copied += this.length;
    return slice.apply(this, range);
  };
  globalThis.Float64Array = new Proxy(Plain, {
    construct(target, given, newTarget) {
      if (Array.isArray(given[0]) || ArrayBuffer.isView(given[0])) counts.copied += given[0].length;
      return Reflect.construct(target, given, newTarget);
    },
  });
  Worker.prototype.postMessage = function (message, transfer) {
    counts.posted += numbersIn(message);
    return postMessage.call(this, message, transfer);
  };
  Worker.prototype.emit = function (event, message) {
    if (event === 'message') counts.heard += numbersIn(message);
    return emit.call(this, event, message);
  };
  try {
    await act();
  } finally {
    Object.assign(Float64Array.prototype, { set, slice });
    Object.assign(Worker.prototype, { postMessage, emit });
    globalThis.Float64Array = Plain;
  }
  return counts;
}

const NOTHING = { copied: 0, posted: 0, heard: 0 };
/** What a run on this thread says of its end: iterations, two errors and accuracies, and what they say of the run. */
const OUTCOME = { train: 7, trainAsync: 0 };
const samples = firstBit(40, 8);
const judges = firstBit(9, 6);
/** Numbers of a set of one input and two outputs, judged at the last step. */
const numbersOf = (list) => list.reduce((sum, { input }) => sum + input.length, 0) + 2 * list.length;
const networkOf = () => new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 1 });
const options = { iterations: 4, error: 0, seed: 2 };

for (const how of ['train', 'trainAsync']) {
  test(`${how}: stored sets are not copied, and nothing of a run goes through JavaScript`, async () => {
    const [set, validation] = [new DataSet(samples), new DataSet(judges)];
    const trainer = new Trainer(networkOf());
    const counts = await counted(() => trainer[how](set, { ...options, validation }));
    assert.deepEqual(counts, { ...NOTHING, copied: OUTCOME[how] });
    const before = [...trainer.network.weights];
    await trainer[how](samples, { ...options, validation: judges });
    assert.notDeepEqual([...trainer.network.weights], before);
  });

  test(`${how}: samples, also those that are held out, are copied into the engine once`, async () => {
    const trainer = new Trainer(networkOf());
    const counts = await counted(() => trainer[how](samples, { ...options, validation: judges }));
    assert.deepEqual(counts, { ...NOTHING, copied: numbersOf(samples) + numbersOf(judges) + OUTCOME[how] });
  });
}

test('the end of a run on shared memory leaves the network as the run had it, states and all', async () => {
  const [here, there] = [new Architect.LSTM(1, 4, 1, { seed: 3 }), new Architect.LSTM(1, 4, 1, { seed: 3 })];
  const pairs = [0, 1, 0, 1, 1].map((bit) => ({ input: [bit], output: [1 - bit] }));
  new Trainer(here).train(pairs, { iterations: 5, error: 0 });
  await new Trainer(there).trainAsync(pairs, { iterations: 5, error: 0 });
  assert.deepEqual([...there.memory], [...here.memory]);
});

test('a step of network.worker() brings its input and its outputs, and copies nothing else', async () => {
  const network = new Architect.LSTM(3, 8, 2, { seed: 1 });
  const worker = network.worker();
  await worker.activate([0, 0, 1]);
  const counts = await counted(async () => {
    await worker.activate([1, 0, 1]);
    await worker.propagate(0.1, [0, 1]);
  });
  worker.terminate();
  assert.deepEqual({ posted: counts.posted, heard: counts.heard }, { posted: 3 + 2, heard: 2 });
  // The input and the target are copied into arrays of their own, by the check.
  assert.ok(counts.copied <= 5, `${counts.copied} numbers copied`);
});
