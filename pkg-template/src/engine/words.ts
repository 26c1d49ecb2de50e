// The words beside a network's memory; the engine's `shared::Word`.

/** Position of each word. */
export const WORD = {
  version: 0,
  owner: 1,
  iteration: 2,
  examples: 3,
  error: 4,
  abort: 5,
  pause: 6,
  checkpoint: 7,
} as const;
/** Number of words. */
export const WORDS = 8;
