// Memory that is used up in one turn of the event loop is a RangeError of the call that found no room, whatever the
// call, and the engine works on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const script = new URL('../support/exhaust.mjs', import.meta.url);
const ways = ['fromJSON', 'clone', 'standalone', 'Perceptron', 'LSTM', 'Liquid', 'layers', 'neurons', 'project'];

for (const way of [...ways, 'compiled', 'propagate', 'sequence', 'train', 'sets']) {
  test(`memory that is used up is a RangeError: ${way}`, { timeout: 120_000 }, async (t) => {
    const worker = new Worker(script, { workerData: way });
    const [{ count, thrown, during, after, expected }] = await once(worker, 'message');
    await worker.terminate();
    t.diagnostic(`${count} calls before`);
    assert.ok(thrown.length > 0);
    for (const error of thrown) assert.match(error, /^RangeError: .*out of memory: N bytes more than/);
    assert.deepEqual(during, expected);
    assert.deepEqual(after, expected);
  });
}
