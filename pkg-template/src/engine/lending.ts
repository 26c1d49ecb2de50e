// Views of the engine's memory in programs' hands. A view does not keep its place by itself: once that were given to
// others, the view would show their numbers, and what is written to it would be theirs.

import { configuration } from './engine.js';

/** What has a place in the engine. */
interface Owner {
  free(): void;
}

/** The part of the engine's memory that may be kept for views of what programs have freed. */
const MOST = 1 / 16;

/** What was freed while views of it may be held, from the oldest on. */
const setAside: { readonly owner: WeakRef<Owner>; readonly bytes: number }[] = [];
let kept = 0;

/** A view that keeps its owner, as what `subarray` makes of it does, from the garbage collector, which would free it. */
export function lend(view: Float64Array, owner: Owner): Float64Array {
  return Object.defineProperty(view, 'subarray', {
    configurable: true,
    writable: true,
    value: (begin?: number, end?: number) => lend(Float64Array.prototype.subarray.call(view, begin, end), owner),
  });
}

/**
 * Leaves what was lent, of so many bytes, to the garbage collector, which frees it when nobody holds a view of it any
 * more. It is freed before that where more is left so after it than may be kept.
 */
export function freeLent(owner: Owner, bytes: number): void {
  setAside.push({ owner: new WeakRef(owner), bytes });
  kept += bytes;
  while (kept > configuration.maxMemory * MOST) freeOldest();
}

function freeOldest(): void {
  const oldest = setAside.shift();
  if (oldest === undefined) return;
  kept -= oldest.bytes;
  oldest.owner.deref()?.free();
}

/** Frees all that was lent and left, as there is no room; false where that was nothing. */
export function freeAllLent(): boolean {
  const some = setAside.length > 0;
  while (setAside.length > 0) freeOldest();
  return some;
}
