// Files of the package beside this module, where files can be read.

import { builtin } from './builtin.js';

/**
 * Address of a file of the package; undefined where a bundler has left no trace of it. Bundlers emit
 * what they see in `new URL(name, import.meta.url)`, and what only Node reads is not to be emitted.
 */
export function beside(name: string): URL | undefined {
  try {
    return new URL(import.meta.url.replace(/[^/]*$/, name));
  } catch {
    return undefined;
  }
}

/** Code of `engram.wasm` beside this module; undefined in browsers, and where a bundler left it out. */
export function codeBeside(): Uint8Array | undefined {
  const files = builtin<typeof import('node:fs')>('node:fs');
  const url = beside('engram.wasm');
  if (files === undefined || url === undefined) return undefined;
  try {
    return files.readFileSync(url);
  } catch {
    return undefined;
  }
}
