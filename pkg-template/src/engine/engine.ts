// The page's instance of the engine: made at first use, so that importing costs nothing and
// `configure` can come before it.

import { checkChoice, checkNumber, checkOptions, wrongType } from '../checks/errors.js';
import { isURL } from '../checks/realm.js';
import { INITIAL_MEMORY } from './generated/memory.js';
import { PAGE, start } from './instance.js';

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
  /**
   * Where `engram/slim` fetches `engram.wasm` from, as the page writes addresses; default: beside its module, where
   * bundlers see it.
   */
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
let compile: (() => WebAssembly.Module) | undefined;
const suggestions: (() => WebAssembly.Module | undefined)[] = [];

/** @internal Says how the engine's module is made: each entry of the package does that in its own way. */
export function provide(how: () => WebAssembly.Module): void {
  compile = how;
}

/** @internal Says where the module may be found, for when no entry has provided one. */
export function suggest(how: () => WebAssembly.Module | undefined): void {
  suggestions.push(how);
}

function moduleOfEngine(): WebAssembly.Module {
  if (compile !== undefined) return compile();
  for (const how of suggestions) {
    const module = how();
    if (module !== undefined) return module;
  }
  const advice = "await init() of 'engram/slim' first, or bundle with the condition 'module'";
  throw new TypeError(`engram: the engine is not there yet, and no engram.wasm is beside the package; ${advice}`);
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
    if (typeof url !== 'string' && !isURL(url)) throw wrongType(call, `options.${name}`, 'a string or URL', url);
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
    const module = moduleOfEngine();
    const memory = new WebAssembly.Memory({ ...memoryLimits(), shared: true });
    start(module, memory);
    instance = { module, memory };
  }
  return instance;
}

/** @internal A view of numbers in the engine's memory. It stays valid: shared memory never moves. */
export function float64(address: number, length: number): Float64Array {
  return new Float64Array(engine().memory.buffer, address, length);
}

/** @internal A view of counts in the engine's memory. */
export function uint32(address: number, length: number): Uint32Array {
  return new Uint32Array(engine().memory.buffer, address, length);
}

/** @internal A view of words in the engine's memory. */
export function uint8(address: number, length: number): Uint8Array {
  return new Uint8Array(engine().memory.buffer, address, length);
}

/** @internal */
export function int32(address: number, length: number): Int32Array {
  return new Int32Array(engine().memory.buffer, address, length);
}
