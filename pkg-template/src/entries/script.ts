// The one-file script for pages without modules, dist/engram.script.js: gives the global `engram`.

import './whole.js';

import { provide } from '../engine/engine.js';
import { inlinedCode } from './inlined.js';

provide(() => new WebAssembly.Module(inlinedCode() as BufferSource));

export * from './exported.js';
export { default } from './exported.js';
