// Work that is done in slices, between which the page does other things.

/** Milliseconds of a slice. */
const SLICE = 10;
/**
 * Units of work that are done before the first break, whatever time they take: what is small is done at once, on every
 * machine. A unit is a step of a sequence or so, of which a page does some thousands in a millisecond.
 */
const AT_ONCE = 10_000;

/** Work that says how many units it has done, and gives what it made. */
export type Sliced<T> = Generator<number, T, undefined>;

/**
 * Does the first slice of some work now, and the others between what else the thread has to do; then `done` gets what
 * was made, or `failed` what was thrown. Work that is small is done when this returns.
 */
export function inSlices<T>(work: Sliced<T>, done: (made: T) => void, failed: (error: unknown) => void): void {
  let units = 0;
  const slice = (): void => {
    try {
      const start = performance.now();
      for (;;) {
        const { value, done: ended } = work.next();
        if (ended) {
          done(value as T);
          return;
        }
        units += value as number;
        if (units > AT_ONCE && performance.now() - start >= SLICE) break;
      }
    } catch (error) {
      failed(error);
      return;
    }
    setTimeout(slice);
  };
  slice();
}

/** Does all of some work now. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const { value, done } = work.next();
    if (done) return value;
  }
}

/** Numbers of items that are sorted at once: some milliseconds. */
const RUN = 4096;

/** Items in order, as `Array.prototype.sort` gives them, sorted in slices. */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Sliced<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort(compare));
    yield RUN;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let pair = 0; pair < runs.length; pair += 2) {
      merged.push(yield* merge(runs[pair] as T[], runs[pair + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Sliced<T[]> {
  const merged: T[] = [];
  for (let [a, b] = [0, 0]; a < left.length || b < right.length; ) {
    const takeLeft = b >= right.length || (a < left.length && compare(left[a] as T, right[b] as T) <= 0);
    merged.push((takeLeft ? left[a++] : right[b++]) as T);
    if (merged.length % RUN === 0) yield RUN;
  }
  return merged;
}
