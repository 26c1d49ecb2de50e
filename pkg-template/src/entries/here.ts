// The place of an entry that is a module. It is built into each of them, so the addresses are its own.

import type { Place } from '../engine/files.js';

export const here: Place = {
  url: import.meta.url,
  // Bundlers look for exactly this text.
  startWorker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
};
