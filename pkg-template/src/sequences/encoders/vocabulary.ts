// A list of known symbols: each has a slot, and all others share one after the last.

import { atOnce, type Sliced, sorted } from '../../checks/slices.js';
import type { Codes, NamedInput } from './coding.js';

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
  static *of<T extends string | number>(
    inputs: readonly NamedInput[],
    most: number,
    symbolsOf: (field: string, input: unknown) => readonly T[],
  ): Sliced<Vocabulary<T>> {
    const counts = new Map<T, number>();
    for (const { field, input } of inputs) {
      const symbols = symbolsOf(field, input);
      for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      yield 1 + symbols.length;
    }
    // Ties in an order of their own, numbers before texts, so that the same set gives the same vocabulary.
    const before = (a: T, b: T) => (typeof a === typeof b ? a < b : typeof a === 'number');
    const ranked = yield* sorted([...counts], ([a, m], [b, n]) => n - m || (before(a, b) ? -1 : 1));
    return new Vocabulary(ranked.slice(0, most).map(([symbol]) => symbol));
  }

  /** These symbols, and behind them what inputs have beside, the most frequent first; `most` in all at most. */
  with(
    inputs: readonly NamedInput[],
    most: number,
    symbolsOf: (field: string, input: unknown) => readonly T[],
  ): Vocabulary<T> {
    const others = (field: string, input: unknown) =>
      symbolsOf(field, input).filter((symbol) => !this.#slots.has(symbol));
    const found = atOnce(Vocabulary.of(inputs, most, others));
    return new Vocabulary([...this.symbols, ...found.symbols].slice(0, Math.max(most, this.symbols.length)));
  }

  /** Slots: those of the symbols, and one for all others. */
  get size(): number {
    return this.symbols.length + 1;
  }

  /** One step per symbol: its slot. Undefined is never known. */
  codes(symbols: readonly (T | undefined)[]): Codes {
    const steps = Uint32Array.from(symbols, (symbol) => this.#slots.get(symbol) ?? this.symbols.length);
    return { form: 'symbols', steps };
  }
}
