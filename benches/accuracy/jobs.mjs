// Which runs the comparison has, and what is known of them: a line of JSON per run that is done, so that a run of the
// comparison that was ended goes on where it was.

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

export const READOUTS = ['last', 'mean', 'max', 'attention'];
export const WAYS = [1, 2];
/** Cells of each direction, where a recipe has no others. */
const HIDDEN = 32;

/**
 * Runs of every set with every one- or two-way model, read-out, initializer and seed, seed by seed: what was ended
 * early has all models with fewer seeds.
 */
export function jobsOf({ sets, library, ways, readouts, initializers, seeds }) {
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    sets.flatMap(({ name: set, recipe }) =>
      ways.flatMap((way) =>
        readouts.flatMap((readout) =>
          initializers.map((initializer) => ({
            library,
            set,
            ways: way,
            readout,
            initializer,
            hidden: HIDDEN,
            ...recipe,
            seed,
          })),
        ),
      ),
    ),
  );
}

/** Results by job, in a file of lines. */
export class Results {
  #path;
  #found = new Map();

  constructor(path, { keep }) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!keep) rmSync(path, { force: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
      const { job, result } = JSON.parse(line);
      this.#found.set(JSON.stringify(job), result);
    }
  }

  add(job, result) {
    this.#found.set(JSON.stringify(job), result);
    appendFileSync(this.#path, `${JSON.stringify({ job, result })}\n`);
  }

  /** `{ heldOut, trained, seconds }`: accuracies from 0 to 1, and the time it took; undefined before it is there. */
  of(job) {
    return this.#found.get(JSON.stringify(job));
  }
}
