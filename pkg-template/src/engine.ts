// The page's instance of the engine: made at first use, so that importing costs nothing and
// `configure` can come before it.

import { checkChoice, checkNumber, checkOptions, wrongType } from './errors.js';
import { bytes, INITIAL_MEMORY } from './generated/bytes.js';
import { initSync } from './generated/engram.js';

const PAGE = 65_536;
const GIB = 2 ** 30;

/** Settings of {@link configure}. */
export interface Configuration {
  /**
   * Most memory of the engine in bytes, 16 MiB to 4 GiB; default 1 GiB. Address space, not memory,
   * is taken at the start.
   */
  maxMemory?: number;
  /** Where the worker's script is, for bundlers that do not find it; default: beside this module. */
  workerUrl?: string | URL;
  /**
   * `'auto'` (default) shares the memory with workers where the page may, `'never'` sends copies
   * even then.
   */
  shareMemory?: 'auto' | 'never';
}

const settings: Required<Pick<Configuration, 'maxMemory' | 'shareMemory'>> & Pick<Configuration, 'workerUrl'> = {
  maxMemory: GIB,
  shareMemory: 'auto',
};

/** What workers are started with. */
export interface Engine {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

let instance: Engine | undefined;

/**
 * Changes settings of the engine.
 *
 * @throws TypeError for unknown names, wrong types, and `maxMemory` after the engine has started.
 * @throws RangeError for a `maxMemory` out of bounds.
 * @example
 * configure({ maxMemory: 256 * 2 ** 20 });
 */
export function configure(options: Configuration): void {
  const call = 'configure';
  const given = checkOptions<Configuration>(call, options, ['maxMemory', 'workerUrl', 'shareMemory']);
  const changes: Partial<typeof settings> = {};
  if (given.maxMemory !== undefined) {
    const maxMemory = checkNumber(call, 'options.maxMemory', given.maxMemory, { min: 16 * 2 ** 20, max: 4 * GIB });
    if (instance !== undefined && maxMemory !== settings.maxMemory) {
      throw new TypeError(`${call}: options.maxMemory can be set before the first network is made only`);
    }
    changes.maxMemory = maxMemory;
  }
  if (given.shareMemory !== undefined) {
    changes.shareMemory = checkChoice(call, 'options.shareMemory', given.shareMemory, ['auto', 'never']);
  }
  if (given.workerUrl !== undefined) {
    if (typeof given.workerUrl !== 'string' && !(given.workerUrl instanceof URL)) {
      throw wrongType(call, 'options.workerUrl', 'a string or URL', given.workerUrl);
    }
    changes.workerUrl = given.workerUrl;
  }
  Object.assign(settings, changes);
}

/** The settings in force. */
export const configuration: Readonly<typeof settings> = settings;

/** Limits of a memory that an instance can be made with. */
export function memoryLimits(): { initial: number; maximum: number } {
  return { initial: INITIAL_MEMORY / PAGE, maximum: Math.floor(settings.maxMemory / PAGE) };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  // Node's own way is several times as fast, and so is that of browsers of 2025 and later.
  if (globalThis.Buffer !== undefined) return globalThis.Buffer.from(base64, 'base64');
  const native = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  return native.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** The engine, started if it is not yet. */
export function engine(): Engine {
  if (instance === undefined) {
    const module = new WebAssembly.Module(decode(bytes));
    const memory = new WebAssembly.Memory({ ...memoryLimits(), shared: true });
    initSync({ module, memory });
    instance = { module, memory };
  }
  return instance;
}

/** A view of numbers in the engine's memory. It stays valid: shared memory never moves. */
export function float64(address: number, length: number): Float64Array {
  return new Float64Array(engine().memory.buffer, address, length);
}

/** A view of words in the engine's memory. */
export function int32(address: number, length: number): Int32Array {
  return new Int32Array(engine().memory.buffer, address, length);
}
