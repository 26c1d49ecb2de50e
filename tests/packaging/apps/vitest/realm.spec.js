// The package in Vitest, where the environment of a page replaces some globals and leaves others.
import vm from 'node:vm';

import { Architect, configure, Trainer } from 'engram';
import { expect, test } from 'vitest';

const set = [
  { input: [[1], [0]], output: [1] },
  { input: [[0], [1]], output: [0] },
];
const options = { iterations: 20, error: 0, seed: 1 };
const make = () => new Trainer(new Architect.LSTM(1, 3, 1, { variant: 'standard', seed: 1 }));

// First: a worker that has run would be kept and taken again.
test('what ended a worker is of the caller', async () => {
  configure({ workerUrl: new URL('file:///no-such-worker.js') });
  await expect(make().trainAsync(set, options)).rejects.toThrow(Error);
  configure({ workerUrl: import.meta.resolve('engram/worker') });
});

test('errors are of the caller, from TypeScript and from the engine', async () => {
  const network = new Architect.Perceptron(2, 3, 1);
  expect(() => network.activate([1])).toThrow(RangeError);
  expect(() => network.activate('two numbers')).toThrow(TypeError);
  expect(() => new Architect.Liquid(1, 2, 1, 0, 3)).toThrow(RangeError);
  await expect(make().resume(set, new Uint8Array(8), options)).rejects.toThrow(RangeError);
});

test('arrays are of the caller', async () => {
  const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
  expect(network.weights).toBeInstanceOf(Float64Array);
  expect(network.activate([0, 1])).toEqual([0.46940648715219774]);
  const checkpoints = [];
  await make().trainAsync(set, { ...options, checkpointEvery: 10, onCheckpoint: (bytes) => checkpoints.push(bytes) });
  expect(checkpoints[0]).toBeInstanceOf(Uint8Array);
});

test("a signal of this environment's", async () => {
  const control = new AbortController();
  const run = make().trainAsync(set, { ...options, iterations: 10_000_000, signal: control.signal });
  control.abort();
  expect((await run).stopped).toBe('aborted');
});

test('checkpoints of any realm', async () => {
  const checkpoints = [];
  const trainer = make();
  await trainer.trainAsync(set, { ...options, checkpointEvery: 10, onCheckpoint: (bytes) => checkpoints.push(bytes) });
  const [bytes] = checkpoints;
  const elsewhere = vm.runInNewContext('Uint8Array').from(bytes);
  for (const checkpoint of [bytes, Buffer.from(bytes), elsewhere]) {
    const other = make();
    await other.resume(set, checkpoint, options);
    expect([...other.network.weights]).toEqual([...trainer.network.weights]);
  }
});
