// engram/slim: everything but the engine, which is fetched. For pages that count bytes and may wait.

import { builtin } from '../engine/builtin.js';
import { configuration, provide } from '../engine/engine.js';
import { settle } from '../engine/files.js';
import * as api from './api.js';
import { nameClasses } from './class-names.js';
import { here } from './here.js';

export * from './api.js';
export { default } from './api.js';

nameClasses(api);
settle(here);

let loading: Promise<void> | undefined;

async function read(url: URL): Promise<BufferSource> {
  const files = url.protocol === 'file:' ? builtin<typeof import('node:fs/promises')>('node:fs/promises') : undefined;
  if (files !== undefined) return (await files.readFile(url)) as BufferSource;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.arrayBuffer();
}

async function load(): Promise<void> {
  const url = new URL(configuration.wasmUrl ?? new URL('./engram.wasm', import.meta.url), import.meta.url);
  try {
    // Whatever type the server says it is: compiling while it arrives would insist on application/wasm.
    const module = await WebAssembly.compile(await read(url));
    provide(() => module);
  } catch (error) {
    throw new Error(`init: no engine at ${url}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/**
 * Fetches and compiles the engine, from beside this module or from `configure({ wasmUrl })`. Nothing
 * but `configure` works before. Calling it again is free; after a failure it tries anew.
 *
 * @throws Error that names the address where the engine is not found, or not whole.
 * @example
 * import { Architect, init } from 'engram/slim';
 * await init();
 * const network = new Architect.Perceptron(2, 3, 1);
 */
export function init(): Promise<void> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
