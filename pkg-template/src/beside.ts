// The engine's module as a file of the package, where files can be read.

import { builtin } from './builtin.js';

/** Code of `engram.wasm` beside this module; undefined in browsers, and where a bundler left it out. */
export function codeBeside(): Uint8Array | undefined {
  const files = builtin<typeof import('node:fs')>('node:fs');
  if (files === undefined) return undefined;
  try {
    return files.readFileSync(new URL('./engram.wasm', import.meta.url));
  } catch {
    return undefined;
  }
}
