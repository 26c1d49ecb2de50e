// import 'engram' in browsers and their bundlers, dist/engram.js: ready at once, the engine is inside.

import './whole.js';

import { provide } from '../engine/engine.js';
import { codeFromFile } from '../engine/files.js';
import { here } from './here.js';
import { inlinedCode } from './inlined.js';
import { taken } from './shared.js';

// On a server that bundles, the file may be there.
provide(() => new WebAssembly.Module((codeFromFile() ?? inlinedCode()) as BufferSource));
taken().locateFiles(here);

export * from './library.js';
export { default } from './library.js';
