// How the engine comes to who loads it apart: it is fetched, or given.

import { wrongType } from '../checks/errors.js';
import { isError, kindOf } from '../checks/realm.js';
import { builtin } from '../engine/builtin.js';
import { here } from './here.js';
import { taken } from './shared.js';

/**
 * Where {@link init} takes the engine from: `engram.wasm` compiled (a `WebAssembly.Module`, which is an object to
 * projects without the DOM's types), its bytes, or a response that brings them.
 */
export type EngineSource = { module: object } | ArrayBuffer | ArrayBufferView | Response | Promise<Response>;

let loading: Promise<void> | undefined;

async function received(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  // Whatever type the server says it is: compiling while it arrives would insist on application/wasm.
  return response.arrayBuffer();
}

async function compiled(from: string, code: () => Promise<BufferSource> | BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await code());
  } catch (error) {
    throw new Error(`init: no engine ${from}: ${isError(error) ? error.message : error}`, { cause: error });
  }
}

function addressOfCode(): URL {
  const { wasmUrl } = taken().configuration;
  try {
    // Bundlers look for exactly this text; what a program names begins at the page, as with workers.
    if (wasmUrl === undefined) return new URL('./engram.wasm', import.meta.url);
    const { document, location } = globalThis as Partial<typeof globalThis>;
    const page = document?.baseURI ?? location?.href;
    return new URL(wasmUrl, page?.startsWith('blob:') ? here.url : (page ?? here.url));
  } catch (cause) {
    const advice = 'give init its module, its bytes or a response';
    throw new TypeError(`init: the address of engram.wasm is not known here; ${advice}`, { cause });
  }
}

function fetched(): Promise<WebAssembly.Module> {
  const url = addressOfCode();
  return compiled(`at ${url}`, async () => {
    const files = url.protocol === 'file:' ? builtin<typeof import('node:fs/promises')>('node:fs/promises') : undefined;
    return files !== undefined ? ((await files.readFile(url)) as BufferSource) : received(await fetch(url));
  });
}

async function moduleOf(source: EngineSource | undefined): Promise<WebAssembly.Module> {
  if (source === undefined) return fetched();
  const given = await source;
  const kind = kindOf(given);
  if (kind === 'Response') return compiled('in the response', () => received(given as Response));
  if (kind === 'ArrayBuffer' || ArrayBuffer.isView(given)) return compiled('in the bytes', () => given as BufferSource);
  const { module } = Object(given) as { module?: WebAssembly.Module };
  if (module !== undefined) {
    if (kindOf(module) === 'WebAssembly.Module') return module;
    throw wrongType('init', 'source.module', 'a WebAssembly.Module', module);
  }
  throw wrongType('init', 'source', '{ module }, an ArrayBuffer, a view of one, or a Response', given);
}

/**
 * Loads the engine. Without a source it fetches `engram.wasm` from beside this module, or from
 * `configure({ wasmUrl })`, and compiles it. A platform that compiles WebAssembly itself (Cloudflare Workers,
 * Vercel Edge) gives `{ module }`. Before, nothing but `configure` works, except in Node, which can read the file.
 * Calling it again is free; after a failure it tries anew.
 *
 * @throws TypeError for a source that is none.
 * @throws Error that names where the engine was looked for and is not found, or not whole.
 * @example
 * import { Architect, init } from 'engram/slim';
 * await init(); // or init({ module }), init(bytes), init(fetch(url))
 * const network = new Architect.Perceptron(2, 3, 1);
 */
export function init(source?: EngineSource): Promise<void> {
  loading ??= moduleOf(source).then(
    (module) => taken().provide(() => module),
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}
