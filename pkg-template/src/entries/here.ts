// The files beside an entry that is a module. This is built into each of them, so the addresses are its own.

import type { PackageFiles } from '../engine/files.js';

export const here: PackageFiles = {
  url: import.meta.url,
  // Bundlers look for exactly this text.
  startWorker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
};
