// What the outputs of a transcriber say, of which the last is the blank: the most probable path (Graves et al. 2006,
// section 3.2), or the most probable list, by a search among the beginnings of lists (Hannun 2014, algorithm 1).

import { argmax } from '../checks/argmax.js';

/** The most probable output of every step, read step by step, without repetitions and blanks. */
export class BestPath {
  /** Places of the symbols that the steps so far say. */
  readonly slots: number[] = [];
  #last = -1;
  /** Whether the last place is that of a step that is taken back by the next. */
  #mayGo = false;

  /** Reads the outputs of a step; unless it `stays`, the next step comes in its place. */
  step(outputs: ArrayLike<number>, stays: boolean): void {
    if (this.#mayGo) this.slots.pop();
    const slot = argmax(outputs);
    const says = slot !== this.#last && slot !== outputs.length - 1;
    if (says) this.slots.push(slot);
    if (stays) this.#last = slot;
    this.#mayGo = says && !stays;
  }

  /** Forgets what was read. */
  reset(): void {
    this.slots.length = 0;
    this.#last = -1;
    this.#mayGo = false;
  }
}

/** The places of the symbols that the most probable output of every step says, without repetitions and blanks. */
export function bestPath(outputs: readonly (readonly number[])[]): number[] {
  const path = new BestPath();
  for (const row of outputs) path.step(row, true);
  return path.slots;
}

/** A beginning of a list, as its last symbol and what is before that. */
interface Beginning {
  symbol: number;
  before: Beginning | undefined;
  after: Map<number, Beginning>;
  /** Probability of the paths so far that say it and end with a blank, and with its last symbol. */
  blank: number;
  last: number;
}

/**
 * The places of the symbols of the most probable list, of all those whose beginnings were among the `beam` most probable
 * ones at every step.
 *
 * @param outputs probabilities, (steps, outputs).
 */
export function beamSearch(outputs: readonly (readonly number[])[], beam: number): number[] {
  const begin = (symbol: number, before?: Beginning): Beginning => {
    return { symbol, before, after: new Map(), blank: 0, last: 0 };
  };
  let beginnings: Beginning[] = [{ ...begin(-1), blank: 1 }];
  for (const row of outputs) {
    const blank = row.length - 1;
    const now = new Map<Beginning, { blank: number; last: number }>();
    const at = (beginning: Beginning) => {
      const found = now.get(beginning) ?? { blank: 0, last: 0 };
      now.set(beginning, found);
      return found;
    };
    for (const beginning of beginnings) {
      const whole = beginning.blank + beginning.last;
      const own = at(beginning);
      own.blank += whole * (row[blank] as number);
      if (beginning.before !== undefined) own.last += beginning.last * (row[beginning.symbol] as number);
      for (let symbol = 0; symbol < blank; symbol++) {
        const share = row[symbol] as number;
        if (share === 0) continue;
        const longer = beginning.after.get(symbol) ?? begin(symbol, beginning);
        beginning.after.set(symbol, longer);
        // Its like follows only after a blank.
        at(longer).last += (symbol === beginning.symbol ? beginning.blank : whole) * share;
      }
    }
    const ranked = [...now].sort(([, a], [, b]) => b.blank + b.last - a.blank - a.last).slice(0, beam);
    // As shares of the whole: probabilities of long sequences are below the smallest number.
    const sum = ranked.reduce((total, [, { blank, last }]) => total + blank + last, 0);
    beginnings = ranked.map(([beginning, { blank, last }]) => {
      return Object.assign(beginning, { blank: blank / sum, last: last / sum });
    });
  }
  const list: number[] = [];
  for (let end = beginnings[0]; end?.before !== undefined; end = end.before) list.unshift(end.symbol);
  return list;
}

/** Fewest insertions, deletions and replacements that make one list the other (Levenshtein 1966). */
export function editDistance(from: readonly number[], to: readonly number[]): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  from.forEach((symbol, index) => {
    const next = [index + 1];
    to.forEach((other, at) => {
      const replaced = (row[at] as number) + (symbol === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] as number) + 1, (next[at] as number) + 1));
    });
    row = next;
  });
  return row[to.length] as number;
}
