// The package's worker with a fault: what ENGRAM_FAULT names happens 60 ms after a run has begun.

import { parentPort } from 'node:worker_threads';
import { breakEngine } from './broken-engine.mjs';

const fault = process.env.ENGRAM_FAULT;
/** (module (func (export "trap") unreachable)) */
const TRAP = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0,
  11,
];

const faults = {
  throw: () => {
    throw new Error('thrown in the worker');
  },
  trap: () => new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(TRAP))).exports.trap(),
  engine: breakEngine,
  exit: () => process.exit(3),
  clock: () => {
    // Hours forth, hours back, and a clock that stands.
    const real = performance.now.bind(performance);
    let calls = 0;
    performance.now = () => [real() + 3.6e6, real() - 3.6e6, 1000][calls++ % 3];
    Date.now = () => 0;
  },
};

if (fault === 'clock') faults.clock();
// The package first: whoever listens first gets the messages that have come.
await import('../../pkg/dist/worker.js');
parentPort.on('message', ({ type }) => {
  if (type === 'engram:train' && fault !== 'clock') setTimeout(faults[fault], 60);
});
