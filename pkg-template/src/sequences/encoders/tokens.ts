// Texts word by word.

import { checkNumber, checkOptions, outOfRange, wrongType } from '../../checks/errors.js';
import type { Sliced } from '../../checks/slices.js';
import { type Codes, type Coding, counted, countedSymbols, type NamedInput, notFitted } from './coding.js';
import { splitter } from './split.js';
import { checkText } from './text.js';
import { Vocabulary } from './vocabulary.js';

/** Options of {@link Encoder.tokens}. */
export interface TokensOptions {
  /** Most words in the vocabulary; the most frequent of the training set are taken. 1 to 1,000,000. Default 1,000. */
  most?: number;
  /** Length of the vector that is learnt for every word, 1 to 65,536. Default 32. */
  embedding?: number;
  /**
   * How a text is cut.
   *
   * - `'words'` (default): letters and digits with their marks; a number keeps sign, point, comma and exponent
   *   (`-3.5`, `1,000`, `2e-5`), a note its sharp (`C#4`), and an emoji is a word, whatever it is joined from.
   *   What is written without spaces (Chinese, Japanese, Thai) is one word per run of letters: take
   *   `'characters'`, or cut it yourself and take `'whitespace'`.
   * - `'whitespace'`: whatever stands between spaces.
   * - `'characters'`: every letter with its marks, every emoji, every other character, spaces too.
   * - Any other text is the source of a regular expression, with the flag `u` and at most 1,000 characters, for
   *   what lies between words, as `String.prototype.split` takes it: `'[,;]\\s*'`. A pattern that takes for ever
   *   does so at every text, so load models with a pattern only from where you would load code.
   *
   * The rules go by Unicode's properties of characters, so that runtimes differ only in characters that are
   * newer than the Unicode of one of them.
   */
  split?: 'words' | 'whitespace' | 'characters' | (string & {});
}

/** A stored encoder of {@link Encoder.tokens}. */
export interface TokensJSON {
  type: 'tokens';
  most: number;
  embedding: number;
  /** Left out by versions that had no such choice; their words are letters and digits without marks. */
  split?: string;
  /** The known words, each at its slot; null before the first `fit`. */
  vocabulary: string[] | null;
}

export class Tokens implements Coding<TokensJSON> {
  readonly most: number;
  readonly embedding: number;
  readonly #split: string | undefined;
  readonly #words: (text: string) => string[];
  #vocabulary: Vocabulary<string> | null = null;

  constructor(call: string, field: string, { most = 1000, embedding = 32, split }: TokensOptions) {
    this.most = checkNumber(call, `${field}.most`, most, countedSymbols);
    this.embedding = checkNumber(call, `${field}.embedding`, embedding, counted);
    this.#words = splitter(call, `${field}.split`, split);
    this.#split = split;
  }

  static from(call: string, options: unknown): Tokens {
    const given = checkOptions<TokensOptions>(call, options, ['most', 'embedding', 'split']);
    const { split = 'words' } = given;
    return new Tokens(call, 'options', { ...given, split });
  }

  static fromJSON(call: string, json: TokensJSON): Tokens {
    const { vocabulary } = json;
    const tokens = new Tokens(call, 'json', json);
    if (vocabulary === null) return tokens;
    if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === 'string')) {
      throw wrongType(call, 'json.vocabulary', 'an array of strings, or null', vocabulary);
    }
    const { most } = tokens;
    if (vocabulary.length > most) throw outOfRange(call, 'json.vocabulary', `at most ${most} words`, vocabulary);
    tokens.learnt = new Vocabulary(vocabulary);
    return tokens;
  }

  get size(): number {
    return this.#vocabulary?.size ?? 0;
  }
  get learnt(): unknown {
    return this.#vocabulary;
  }
  set learnt(vocabulary: Vocabulary<string> | null) {
    this.#vocabulary = vocabulary;
  }
  get known(): readonly string[] | null {
    return this.#vocabulary?.symbols ?? null;
  }
  join(symbols: readonly (string | number)[]): string {
    return symbols.join(this.#split === 'characters' ? '' : ' ');
  }
  *study(call: string, inputs: readonly NamedInput[]): Sliced<void> {
    const words = (field: string, input: unknown) => this.#words(checkText(call, field, input));
    this.#vocabulary = yield* Vocabulary.of(inputs, this.most, words);
  }
  extended(call: string, inputs: readonly NamedInput[]): () => () => void {
    const before = this.#vocabulary;
    if (before === null) throw notFitted(call, 'no vocabulary');
    const words = (field: string, input: unknown) => this.#words(checkText(call, field, input));
    const more = before.with(inputs, countedSymbols.max, words);
    return () => {
      this.#vocabulary = more;
      return () => {
        this.#vocabulary = before;
      };
    };
  }
  codes(call: string, field: string, input: unknown): Codes {
    if (this.#vocabulary === null) throw notFitted(call, 'no vocabulary');
    const words = this.#words(checkText(call, field, input));
    // A text without words, the empty one too, is one word that nobody knows: there is always an answer.
    return this.#vocabulary.codes(words.length === 0 ? [undefined] : words);
  }
  parts(call: string, field: string, input: unknown): string[] {
    const words = this.#words(checkText(call, field, input));
    return words.length === 0 ? [''] : words;
  }
  toJSON(): TokensJSON {
    const { embedding } = this;
    const most = Math.max(this.most, this.#vocabulary?.symbols.length ?? 0);
    const split = this.#split === undefined ? {} : { split: this.#split };
    const vocabulary = this.#vocabulary === null ? null : [...this.#vocabulary.symbols];
    return { type: 'tokens', most, embedding, ...split, vocabulary };
  }
}
