// engram/slim, dist/slim.js: everything but the engine, which is fetched or given. For pages that count bytes and may
// wait, and for platforms that compile WebAssembly before it runs.

import './whole.js';

import { taken } from './shared.js';

// A chunk of its own, which nobody downloads as long as the worker's file is where it should be.
taken().carryWorker(async () => (await import('./worker-text.js')).workerText());

export * from './exported.js';
export { default } from './exported.js';
export { type EngineSource, init } from './init.js';
