// import 'engram' in Node, Deno and Bun, dist/main.js: everything, and the engine is read from its file. The text that
// carries it would have to be parsed; whoever leaves the file behind takes it too (`module.ts`).

import './whole.js';

import { provide } from '../engine/engine.js';
import { codeFromFile } from '../engine/files.js';
import { here } from './here.js';
import { taken } from './shared.js';

provide(() => {
  const code = codeFromFile();
  if (code === undefined) {
    throw new Error(`engram: no engram.wasm beside ${here.url}; bundle with the condition 'module', which carries it`);
  }
  return new WebAssembly.Module(code as BufferSource);
});
taken().locateFiles(here);

export * from './library.js';
export { default } from './library.js';
