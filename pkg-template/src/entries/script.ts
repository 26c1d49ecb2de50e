// The one-file script for pages without modules, dist/engram.script.js: gives the global `engram`.

import './whole.js';

import { provide } from '../engine/engine.js';
import { carryWorker } from '../engine/files.js';
import { inlinedCode, workerText } from './inlined.js';

provide(() => new WebAssembly.Module(inlinedCode() as BufferSource));
carryWorker(workerText);

export * from './exported.js';
export { default } from './exported.js';
