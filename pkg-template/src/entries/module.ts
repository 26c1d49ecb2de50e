// import 'engram' in bundles and pages, dist/engram.js: ready at once, the engine is beside it as text.

import './whole.js';

import { inlinedCode, workerText } from './inlined.js';
import { taken } from './shared.js';

taken().provide(() => new WebAssembly.Module(inlinedCode() as BufferSource));
taken().carryWorker(workerText);

export * from './exported.js';
export { default } from './exported.js';
