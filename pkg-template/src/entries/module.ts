// import 'engram' in browsers and all bundles, dist/engram.js: ready at once, the engine is beside it as text.

import './main.js';

import { inlinedCode } from './inlined.js';
import { taken } from './shared.js';

taken().provide(() => new WebAssembly.Module(inlinedCode() as BufferSource));

export * from './main.js';
export { default } from './main.js';
