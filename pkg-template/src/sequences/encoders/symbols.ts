// Lists of symbols: notes, commands, identifiers.

import { checkNumber, checkOptions, isVector, outOfRange, wrongType } from '../../checks/errors.js';
import type { Sliced } from '../../checks/slices.js';
import { type Codes, type Coding, counted, countedSymbols, type NamedInput, notFitted } from './coding.js';
import { Vocabulary } from './vocabulary.js';

/** A list of symbols: texts or numbers, of which each stands for itself alone. */
export type SymbolSequence = readonly (string | number)[] | ArrayLike<number>;

/** Options of {@link Encoder.symbols}. */
export interface SymbolsOptions {
  /**
   * The known symbols, each once, 1,000,000 at most. Default: the most frequent of the training set.
   */
  symbols?: readonly (string | number)[];
  /** Most symbols that are taken from the training set, 1 to 1,000,000; not with `symbols`. Default 1,000. */
  most?: number;
  /** Length of the vector that is learnt for every symbol, up to 65,536; 0 for none. Default 0. */
  embedding?: number;
}

/** A stored encoder of {@link Encoder.symbols}. */
export interface SymbolsJSON {
  type: 'symbols';
  /** Null where the symbols were given. */
  most: number | null;
  embedding: number;
  /** The known symbols, each at its slot; null before the first `fit`. */
  vocabulary: (string | number)[] | null;
}

/** Checks a list of symbols. */
function checkSymbols(call: string, field: string, value: unknown): (string | number)[] {
  if (!isVector(value)) throw wrongType(call, field, 'an array of symbols (texts or numbers)', value);
  return Array.from<unknown, string | number>(value, (symbol, index) => {
    const place = `${field}[${index}]`;
    if (typeof symbol === 'string') return symbol;
    if (typeof symbol !== 'number') throw wrongType(call, place, 'a string or a number', symbol);
    if (!Number.isFinite(symbol)) throw outOfRange(call, place, 'a string or a finite number', symbol);
    return symbol;
  });
}

/** Checks known symbols, each of which may come once. */
function checkKnown(call: string, field: string, value: unknown, most: number): Vocabulary<string | number> {
  const symbols = checkSymbols(call, field, value);
  if (symbols.length > most) throw outOfRange(call, field, `at most ${most} symbols`, symbols);
  const seen = new Set<string | number>();
  symbols.forEach((symbol, index) => {
    if (seen.has(symbol)) throw outOfRange(call, `${field}[${index}]`, 'a symbol that has not come before', symbol);
    seen.add(symbol);
  });
  return new Vocabulary(symbols);
}

export class Symbols implements Coding<SymbolsJSON> {
  readonly embedding: number;
  /** Null where the symbols were given. */
  readonly #most: number | null;
  #vocabulary: Vocabulary<string | number> | null;

  private constructor(call: string, field: string, embedding: number, most: number | null) {
    this.embedding = checkNumber(call, `${field}.embedding`, embedding, { ...counted, min: 0 });
    this.#most = most === null ? null : checkNumber(call, `${field}.most`, most, countedSymbols);
    this.#vocabulary = null;
  }

  static from(call: string, options: unknown): Symbols {
    const given = checkOptions<SymbolsOptions>(call, options, ['symbols', 'most', 'embedding']);
    const { symbols, most, embedding = 0 } = given;
    if (symbols === undefined) return new Symbols(call, 'options', embedding, most ?? 1000);
    if (most !== undefined) throw outOfRange(call, 'options.most', 'left out where symbols are given', most);
    const coding = new Symbols(call, 'options', embedding, null);
    coding.#vocabulary = checkKnown(call, 'options.symbols', symbols, countedSymbols.max);
    if (coding.#vocabulary.symbols.length === 0) throw outOfRange(call, 'options.symbols', 'at least one', symbols);
    return coding;
  }

  static fromJSON(call: string, { most, embedding, vocabulary }: SymbolsJSON): Symbols {
    const coding = new Symbols(call, 'json', embedding, most);
    if (vocabulary === null && most !== null) return coding;
    coding.#vocabulary = checkKnown(call, 'json.vocabulary', vocabulary, most ?? countedSymbols.max);
    return coding;
  }

  get size(): number {
    return this.#vocabulary?.size ?? 0;
  }
  get learnt(): unknown {
    return this.#vocabulary;
  }
  set learnt(vocabulary: Vocabulary<string | number> | null) {
    // What was given is not forgotten.
    if (this.#most !== null) this.#vocabulary = vocabulary;
  }
  get known(): readonly (string | number)[] | null {
    return this.#vocabulary?.symbols ?? null;
  }
  alone(step: unknown): unknown {
    return [step];
  }
  join(symbols: readonly (string | number)[]): (string | number)[] {
    return [...symbols];
  }
  *study(call: string, inputs: readonly NamedInput[]): Sliced<void> {
    const most = this.#most ?? countedSymbols.max;
    const found = yield* Vocabulary.of(inputs, most, (field, input) => checkSymbols(call, field, input));
    this.learnt = found;
  }
  extended(call: string, inputs: readonly NamedInput[]): () => () => void {
    const before = this.#vocabulary;
    if (before === null) throw notFitted(call, 'no symbols');
    const symbols = (field: string, input: unknown) => checkSymbols(call, field, input);
    const more = before.with(inputs, countedSymbols.max, symbols);
    return () => {
      this.#vocabulary = more;
      return () => {
        this.#vocabulary = before;
      };
    };
  }
  codes(call: string, field: string, input: unknown): Codes {
    if (this.#vocabulary === null) throw notFitted(call, 'no symbols');
    return this.#vocabulary.codes(checkSymbols(call, field, input));
  }
  parts(call: string, field: string, input: unknown): string[] {
    return checkSymbols(call, field, input).map(String);
  }
  toJSON(): SymbolsJSON {
    const vocabulary = this.#vocabulary === null ? null : [...this.#vocabulary.symbols];
    const most = this.#most === null ? null : Math.max(this.#most, vocabulary?.length ?? 0);
    return { type: 'symbols', most, embedding: this.embedding, vocabulary };
  }
}
