// engram/slim, dist/slim.js: everything but the engine, which is fetched or given. For pages that count bytes and may
// wait, and for platforms that compile WebAssembly before it runs.

import { taken } from './shared.js';
import { workerText } from './worker-text.js';

taken().carryWorker(workerText);

export { type EngineSource, init } from './init.js';
export * from './library.js';
export { default } from './library.js';
