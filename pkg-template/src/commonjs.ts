// What require('engram') gives in Node: ready at once, the engine is read from beside this file.

import { codeBeside } from './beside.js';
import { provide } from './engine.js';

export * from './api.js';
export { default } from './api.js';

provide(() => {
  const code = codeBeside();
  if (code === undefined) {
    throw new Error("engram: engram.wasm is not beside engram.cjs; a bundler finds all in import 'engram'");
  }
  return new WebAssembly.Module(code as BufferSource);
});
