// The page's instance of the engine: made at first use, so that importing costs nothing and
// `configure` can come before it.

import { checkChoice, checkNumber, checkOptions, wrongType } from '../checks/errors.js';
import { initSync } from './generated/engram.js';
import { INITIAL_MEMORY } from './generated/memory.js';

const PAGE = 65_536;
const GIB = 2 ** 30;

/** Settings of {@link configure}. */
export interface Configuration {
  /**
   * Most memory of the engine in bytes, 16 MiB to 4 GiB; default 1 GiB. Address space, not memory,
   * is taken at the start.
   */
  maxMemory?: number;
  /** Where the worker's script is; default: beside this module, else a copy that is carried inline. */
  workerUrl?: string | URL;
  /** Where `engram/slim` fetches `engram.wasm` from; default: beside its module. */
  wasmUrl?: string | URL;
  /**
   * `'auto'` (default) shares the memory with workers where the page may, `'never'` sends copies
   * even then.
   */
  shareMemory?: 'auto' | 'never';
}

const settings: Required<Pick<Configuration, 'maxMemory' | 'shareMemory'>> &
  Pick<Configuration, 'workerUrl' | 'wasmUrl'> = {
  maxMemory: GIB,
  shareMemory: 'auto',
};

/** @internal What workers are started with. */
export interface Engine {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

let instance: Engine | undefined;
let compile = (): WebAssembly.Module => {
  throw new TypeError('engram/slim: the engine is not there yet; await init() first');
};

/** @internal Says how the engine's module is made: each entry of the package does that in its own way. */
export function provide(how: () => WebAssembly.Module): void {
  compile = how;
}

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
  const given = checkOptions<Configuration>(call, options, ['maxMemory', 'workerUrl', 'wasmUrl', 'shareMemory']);
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
  for (const name of ['workerUrl', 'wasmUrl'] as const) {
    const url = given[name];
    if (url === undefined) continue;
    if (typeof url !== 'string' && !(url instanceof URL))
      throw wrongType(call, `options.${name}`, 'a string or URL', url);
    changes[name] = url;
  }
  Object.assign(settings, changes);
}

/** @internal The settings in force. */
export const configuration: Readonly<typeof settings> = settings;

/** @internal Limits of a memory that an instance can be made with. */
export function memoryLimits(): { initial: number; maximum: number } {
  return { initial: INITIAL_MEMORY / PAGE, maximum: Math.floor(settings.maxMemory / PAGE) };
}

/** @internal The engine, started if it is not yet. */
export function engine(): Engine {
  if (instance === undefined) {
    const module = compile();
    const memory = new WebAssembly.Memory({ ...memoryLimits(), shared: true });
    initSync({ module, memory });
    instance = { module, memory };
  }
  return instance;
}

/** A view of the engine's memory, also of what another thread has added a moment ago. */
function view<T>(make: (buffer: ArrayBuffer) => T): T {
  const { memory } = engine();
  try {
    return make(memory.buffer);
  } catch {
    // V8 tells a thread late that another one has grown the memory; growing by nothing asks.
    memory.grow(0);
    return make(memory.buffer);
  }
}

/** @internal A view of numbers in the engine's memory. It stays valid: shared memory never moves. */
export function float64(address: number, length: number): Float64Array {
  return view((buffer) => new Float64Array(buffer, address, length));
}

/** @internal A view of counts in the engine's memory. */
export function uint32(address: number, length: number): Uint32Array {
  return view((buffer) => new Uint32Array(buffer, address, length));
}

/** @internal A view of words in the engine's memory. */
export function int32(address: number, length: number): Int32Array {
  return view((buffer) => new Int32Array(buffer, address, length));
}
