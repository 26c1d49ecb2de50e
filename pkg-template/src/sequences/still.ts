// Samples as they are now, for runs that look at them time and again while the caller's may change.

/** Levels of a list of samples: the list, a sample, its input, a row, a row's values. */
const LEVELS = 5;

/** @internal A copy of plain data: of arrays, typed arrays and plain objects, so many levels deep; of whatever else, itself. */
export function still<T>(value: T, levels = LEVELS): T {
  if (levels === 0) return value;
  if (Array.isArray(value)) return Array.from(value, (entry) => still(entry, levels - 1)) as T;
  if (ArrayBuffer.isView(value)) return 'slice' in value ? ((value as unknown as Float64Array).slice() as T) : value;
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  // Plain objects of any realm.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, still(entry, levels - 1)])) as T;
}
