// The engine's file, which Node, Deno and Bun read.

import { codeFromFile } from '../engine/files.js';
import { here } from './here.js';
import { taken } from './shared.js';

/** Has the library that was taken look for its engine in the file beside this one, if no entry carries one. */
export function engineFromFile(): void {
  taken().suggest(() => {
    const code = codeFromFile(here);
    return code && new WebAssembly.Module(code as BufferSource);
  });
  taken().locateFiles(here);
}
