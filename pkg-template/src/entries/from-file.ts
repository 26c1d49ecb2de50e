// The engine's file, which Node, Deno and Bun read.

import { codeFromFile } from '../engine/files.js';
import { here } from './here.js';
import { taken } from './shared.js';

/** Has the library that was taken read its engine from the file beside this one, unless it has one. */
export function engineFromFile(): void {
  taken().suggest(() => {
    const code = codeFromFile(here);
    if (code === undefined) {
      const advice = "await init() of 'engram/slim' first, or bundle with the condition 'module'";
      throw new TypeError(
        `engram: the engine is not there yet and there is no engram.wasm beside ${here.url}; ${advice}`,
      );
    }
    return new WebAssembly.Module(code as BufferSource);
  });
  taken().locateFiles(here);
}
