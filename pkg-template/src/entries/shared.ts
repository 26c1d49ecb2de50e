// One library for all who load this version in a realm, in whatever way: a page that has the script and imports
// the module, a process that imports and requires. So they have one engine, one memory and one `Network`.

import type { Configuration } from '../engine/engine.js';
import type { PackageFiles, WorkerText } from '../engine/files.js';
import type { gather } from '../graph/home.js';
import type * as Api from './api.js';

/** Set by the build. */
declare const VERSION: string;

/** The library's name in `globalThis`; two versions keep apart. */
const KEY: unique symbol = Symbol.for(`engram ${VERSION}`);

/** A library, and what the entry that has found it tells it. */
export interface Library {
  api: typeof Api;
  /** The graph of neurons and their ids in it, which `engram/exchange` reads. */
  gather: typeof gather;
  configuration: Configuration;
  locateFiles(files: PackageFiles): void;
  carryWorker(source: () => WorkerText): void;
  provide(module: () => WebAssembly.Module): void;
  suggest(module: () => WebAssembly.Module | undefined): void;
}

const holder = globalThis as { [KEY]?: Library };

/** Offers a library; the first one is taken. */
export function offer(library: Library): void {
  holder[KEY] ??= library;
}

/** The library that was taken. */
export function taken(): Library {
  const library = holder[KEY];
  if (library === undefined) throw new Error('engram: an entry was loaded without the library');
  return library;
}
