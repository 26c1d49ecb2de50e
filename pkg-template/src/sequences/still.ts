// Samples as they are now, for runs that look at them time and again while the caller's may change.

/** That of all typed arrays: the one of Node's `Buffer` copies nothing. */
const { slice } = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/** Levels of options: these, a list of samples, a sample, its input, a row, a row's values. */
const LEVELS = 6;

/** @internal A copy of plain data: of arrays, typed arrays and plain objects, so many levels deep; of whatever else, itself. */
export function still<T>(value: T, levels = LEVELS): T {
  if (levels === 0) return value;
  if (Array.isArray(value)) return Array.from(value, (entry) => still(entry, levels - 1)) as T;
  if (ArrayBuffer.isView(value)) return 'length' in value ? (slice.call(value as never) as T) : value;
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  // Plain objects of any realm.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, still(entry, levels - 1)])) as T;
}
