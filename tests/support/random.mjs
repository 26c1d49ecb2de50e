// Seeded random numbers for tests. ENGRAM_TEST_SEED changes the seed of all of them.

export const SEED = Number(globalThis.process?.env.ENGRAM_TEST_SEED ?? 1);

/** A function that gives numbers in [0, 1), fixed by the seed (mulberry32). */
export function randomFrom(seed) {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0 up to, not including, `bound`. */
export const below = (random, bound) => Math.floor(random() * bound);
/** One of a list. */
export const pick = (random, list) => list[below(random, list.length)];
/** A vector with values in [low, high). */
export const vector = (random, length, low = 0, high = 1) =>
  Array.from({ length }, () => low + (high - low) * random());
