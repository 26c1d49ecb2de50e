// The one-file script for pages without modules, dist/engram.script.js: gives the global `engram`, and Synaptic's
// `synaptic` where the page has none.

import './whole.js';

import { provide } from '../engine/engine.js';
import { carryWorker } from '../engine/files.js';
import engram from './exported.js';
import { inlinedCode, workerText } from './inlined.js';

provide(() => new WebAssembly.Module(inlinedCode() as BufferSource));
carryWorker(workerText);

(globalThis as { synaptic?: typeof engram }).synaptic ??= engram;

export * from './exported.js';
export { default } from './exported.js';
