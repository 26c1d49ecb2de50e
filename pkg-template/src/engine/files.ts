// Where the package's files are. Only a module knows its own address, and the engine may run from a
// script; so the entry that was loaded says.

import { builtin } from './builtin.js';

/** What an entry knows of its surroundings. */
export interface Place {
  /** Address of a file in the folder that holds `engram.wasm` and `worker.js`. */
  url: string;
  /** Starts the worker's script from that folder. Written in the entry, where bundlers look for it. */
  startWorker?: () => Worker;
}

let place: Place | undefined;

/** Says where the files are; without it, what the script carries is used. */
export function settle(here: Place): void {
  place = here;
}

/** A worker from its file; throws where no file is known, or a policy forbids it. */
export function workerBeside(): Worker {
  if (place?.startWorker === undefined) throw new Error('engram: no file of the worker is known');
  return place.startWorker();
}

/**
 * Address of a file of the package; undefined where a bundler has left no trace of it. Bundlers emit
 * what they see in `new URL(name, import.meta.url)`, and what only Node reads is not to be emitted.
 */
export function beside(name: string): URL | undefined {
  try {
    return new URL(String(place?.url).replace(/[^/]*$/, name));
  } catch {
    return undefined;
  }
}

/** Code of `engram.wasm` of the package; undefined in browsers, and where a bundler left it out. */
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
