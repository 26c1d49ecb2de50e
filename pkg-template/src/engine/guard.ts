// Calls of the engine as the package makes them: what they throw says what has happened.

import { isError } from '../checks/realm.js';
import { hasTrapped } from './instance.js';

/** Bytes that arguments take in the engine, about. */
function bytesOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return Array.isArray(value) ? value.reduce<number>((sum, entry) => sum + bytesOf(entry), 0) : 8;
}

const outOfMemory = (bytes: number | 'some'): RangeError =>
  new RangeError(
    `out of memory: ${bytes} bytes more than options.maxMemory of configure allows; free() gives back what is not used any more`,
  );

/** What a call of the engine threw, as its caller is to see it. */
function explained(thrown: unknown, given: unknown[]): unknown {
  // A panic of the allocator that came when the engine did not catch any more.
  if (Object.prototype.toString.call(thrown) === '[object WebAssembly.Exception]') {
    return outOfMemory('some');
  }
  if (!isError(thrown)) return thrown;
  // A panic of the allocator (src/bindings/mod.rs).
  if (thrown.name === 'PanicError' && thrown.message.startsWith('out of memory')) return new RangeError(thrown.message);
  // The engine has not trapped: so it was not called yet, and there was no room for the arguments.
  if (thrown.name === 'RuntimeError' && !hasTrapped()) {
    return outOfMemory(bytesOf(given));
  }
  return thrown;
}

/** Refuses calls of an engine that has trapped. */
function refuse(): void {
  if (hasTrapped()) throw new Error('the engine has trapped in an earlier call and can not be used any more');
}

/** A function of the engine whose errors are explained. */
export function guarded<F extends (...given: never[]) => unknown>(call: F): F {
  function guard(this: unknown, ...given: unknown[]): unknown {
    refuse();
    try {
      return call.apply(this, given as never[]);
    } catch (thrown) {
      throw explained(thrown, given);
    }
  }
  return guard as unknown as F;
}

/** A class of the engine whose constructor, methods and static functions are guarded. */
export function guardedClass<C extends { prototype: object }>(Class: C): C {
  for (const owner of [Class, Class.prototype] as Record<string, unknown>[]) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      // What begins with two underscores is wasm-bindgen's own business.
      if (typeof owner[name] !== 'function' || name === 'constructor' || name.startsWith('__')) continue;
      owner[name] = guarded(owner[name] as () => unknown);
    }
  }
  const Base = Class as unknown as new (...given: unknown[]) => object;
  class Guarded extends Base {
    constructor(...given: unknown[]) {
      refuse();
      try {
        super(...given);
      } catch (thrown) {
        throw explained(thrown, given);
      }
    }
  }
  return Guarded as unknown as C;
}
