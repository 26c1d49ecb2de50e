// The worker's script as entries carry it, dist/worker-text.js, for where its file is lost on the way.

import text from '../engine/generated/worker.txt';

/** The script. */
export const workerText = (): string => text;
