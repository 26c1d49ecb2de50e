// One thread's instance of the engine, on a memory that all threads share: how it hears that another thread has
// grown the memory, and where it notes that it has trapped.

import { type InitOutput, initSync } from './generated/engram.js';

/** Bytes of a page of WebAssembly's memory. */
export const PAGE = 65_536;

/** What an instance gives beyond what wasm-bindgen's types say. */
interface Exports extends InitOutput {
  /** Address of the note; an instance's own (`tools/bindgen`). */
  readonly __instance_terminated: { value: number };
}

/** This thread's note that its engine has trapped; none before it has started. */
let trapped: Int32Array | undefined;

/** Whether this thread's engine has trapped: it must not be called any more. */
export function hasTrapped(): boolean {
  return trapped !== undefined && trapped[0] !== 0;
}

/**
 * Makes `memory.buffer` reach as far as any thread uses the memory; gives what to call once the engine says where
 * it counts the pages in use. V8 tells a thread at its next loop or call only that another one has grown a shared
 * memory, and until then its buffer ends too early; growing by nothing asks. This may go when runtimes look at every
 * access, as https://github.com/WebAssembly/threads/pull/255 has it.
 */
function followGrowth(memory: WebAssembly.Memory): (pages: Int32Array) => void {
  const property = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer');
  const current = property?.get as () => ArrayBuffer;
  let buffer = current.call(memory);
  let known = buffer.byteLength / PAGE;
  let used: Int32Array = Int32Array.of(known);
  Object.defineProperty(memory, 'buffer', {
    get() {
      // Every call of the engine asks: so this reads no more than two numbers.
      if (Atomics.load(used, 0) > known) {
        memory.grow(0);
        buffer = current.call(memory);
        known = buffer.byteLength / PAGE;
      }
      return buffer;
    },
  });
  return (pages) => {
    used = pages;
  };
}

/**
 * Starts this thread's engine; gives its functions. A thread that is not the first in the memory needs a stack, of
 * so many bytes.
 */
export function start(module: WebAssembly.Module, memory: WebAssembly.Memory, stack?: number): InitOutput {
  // wasm-bindgen asks by `instanceof`, and would compile the module of another realm as if it were bytes.
  Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  const follow = followGrowth(memory);
  const functions = initSync({ module, memory, thread_stack_size: stack }) as Exports;
  follow(new Int32Array(memory.buffer, functions.pagesAddress() >>> 0, 1));
  const address = functions.trapAddress() >>> 0;
  trapped = new Int32Array(memory.buffer, address, 1);
  functions.__instance_terminated.value = address;
  return functions;
}
