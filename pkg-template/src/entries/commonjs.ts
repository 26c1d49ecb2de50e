// require('engram'), dist/engram.cjs. The caller's own module system runs it, so that its errors and arrays are
// the caller's. Node reads the engine from its file: the text that carries it need not even be parsed.

import './offer-whole.js';

import { builtin } from '../engine/builtin.js';
import { provide } from '../engine/engine.js';
import { codeFromFile } from '../engine/files.js';
import type * as Inlined from './inlined.js';
import { taken } from './shared.js';

// For bundlers, which follow it and leave the file behind.
const inlined = () => require('./inlined.js') as typeof Inlined;

provide(() => new WebAssembly.Module((codeFromFile() ?? inlined().inlinedCode()) as BufferSource));
taken().carryWorker(() => inlined().workerText());
// The build makes the one-file script of this bundle, too, and a script in a page has no name.
const { pathToFileURL } = builtin<typeof import('node:url')>('node:url') ?? {};
taken().locateFiles({ url: typeof __filename === 'string' ? pathToFileURL?.(__filename).href : undefined });

export * from './exported.js';
export { default } from './exported.js';
