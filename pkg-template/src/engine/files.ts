// Where the package's files are. Only a module knows its own address, and the engine may run from a script; so
// the entry that was loaded says.

import { builtin } from './builtin.js';

/** What an entry knows of the files beside it. */
export interface PackageFiles {
  /** Address of a file in the folder that holds `engram.wasm` and `worker.js`; none where it has no address. */
  url: string | undefined;
  /** Starts the worker's script from that folder. Written in the entry, where bundlers look for it. */
  startWorker?: () => Worker;
}

let files: PackageFiles | undefined;

/** Says where the files are; without it, what the entry carries is used. */
export function locateFiles(found: PackageFiles): void {
  files = found;
}

/** The worker's script as text, at once or when it is loaded. */
export type WorkerText = string | Promise<string>;

let carried: (() => WorkerText) | undefined;

/** Says how the worker's script comes to be where its file is lost; an entry that has no file beside it carries one. */
export function carryWorker(source: () => WorkerText): void {
  carried = source;
}

/** The worker's script, as text; throws where the entry carries none. */
export function carriedWorker(): WorkerText {
  if (carried === undefined) throw new Error("engram: the worker's script is neither beside the package nor carried");
  return carried();
}

/** A worker from its file; throws where no file is known, or a policy forbids it. */
export function workerFromFile(): Worker {
  if (files?.startWorker === undefined) throw new Error('engram: no file of the worker is known');
  return files.startWorker();
}

/**
 * Address of a file of the package; undefined where a bundler has left no trace of it. Bundlers emit
 * what they see in `new URL(name, import.meta.url)`, and what only Node reads is not to be emitted.
 */
export function fileBeside(name: string, beside = files): URL | undefined {
  try {
    return new URL(String(beside?.url).replace(/[^/]*$/, name));
  } catch {
    return undefined;
  }
}

/** Code of `engram.wasm` of the package, beside an entry; undefined in browsers, and where a bundler left it out. */
export function codeFromFile(beside = files): Uint8Array | undefined {
  const { readFileSync } = builtin<typeof import('node:fs')>('node:fs') ?? {};
  const url = fileBeside('engram.wasm', beside);
  if (readFileSync === undefined || url === undefined) return undefined;
  try {
    return readFileSync(url);
  } catch {
    return undefined;
  }
}
