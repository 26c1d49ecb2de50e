// Everything but the engine's text, dist/library.js. Node, Deno and Bun import it as 'engram': it reads the engine from
// its file there. `module.ts` adds the text for bundles and pages, `slim.ts` a function that fetches the engine.

import './whole.js';

import { codeFromFile } from '../engine/files.js';
import { here } from './here.js';
import { taken } from './shared.js';

taken().provide(() => {
  const code = codeFromFile();
  if (code === undefined) {
    const advice = "await init() of 'engram/slim' first, or bundle with the condition 'module'";
    throw new TypeError(
      `engram: the engine is not there yet and there is no engram.wasm beside ${here.url}; ${advice}`,
    );
  }
  return new WebAssembly.Module(code as BufferSource);
});
taken().locateFiles(here);

export * from './exported.js';
export { default } from './exported.js';
