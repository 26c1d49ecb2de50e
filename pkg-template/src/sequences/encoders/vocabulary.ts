// A list of known symbols: each has a slot, and all others share one after the last.

import type { NamedInput } from './coding.js';

export class Vocabulary<T extends string | number> {
  /** The known symbols, each at its slot. */
  readonly symbols: readonly T[];
  readonly #slots: ReadonlyMap<unknown, number>;

  /** @param symbols the known symbols; one that comes again counts once. */
  constructor(symbols: Iterable<T>) {
    this.symbols = [...new Set(symbols)];
    this.#slots = new Map(this.symbols.map((symbol, slot) => [symbol, slot]));
  }

  /** The most frequent symbols of a training set, `most` at most. */
  static of<T extends string | number>(
    inputs: readonly NamedInput[],
    most: number,
    symbolsOf: (field: string, input: unknown) => readonly T[],
  ): Vocabulary<T> {
    const counts = new Map<T, number>();
    for (const { field, input } of inputs) {
      for (const symbol of symbolsOf(field, input)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
    // Ties in an order of their own, numbers before texts, so that the same set gives the same vocabulary.
    const before = (a: T, b: T) => (typeof a === typeof b ? a < b : typeof a === 'number');
    const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (before(a, b) ? -1 : 1));
    return new Vocabulary(ranked.slice(0, most).map(([symbol]) => symbol));
  }

  /** Slots: those of the symbols, and one for all others. */
  get size(): number {
    return this.symbols.length + 1;
  }

  /** One step per symbol, 1 in its slot and 0 elsewhere: (symbols, size). Undefined is never known. */
  steps(symbols: Iterable<T | undefined>): number[][] {
    return Array.from(symbols, (symbol) => {
      const step = new Array<number>(this.size).fill(0);
      step[this.#slots.get(symbol) ?? this.symbols.length] = 1;
      return step;
    });
  }
}
