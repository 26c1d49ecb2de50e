// Texts character by character, each of an alphabet.

import { outOfRange, wrongType } from '../../checks/errors.js';
import { type Codes, countedSymbols, type NamedInput } from './coding.js';
import { checkText, TextCoding } from './text.js';
import { Vocabulary } from './vocabulary.js';

/** A stored encoder of {@link Encoder.oneHot}. */
export interface OneHotJSON {
  type: 'oneHot';
  alphabet: string;
}

export class OneHot extends TextCoding<OneHotJSON> {
  #vocabulary: Vocabulary<string>;

  constructor(call: string, field: string, alphabet: unknown) {
    super();
    if (typeof alphabet !== 'string') throw wrongType(call, field, 'a string', alphabet);
    if (alphabet === '') throw outOfRange(call, field, 'at least one character', alphabet);
    this.#vocabulary = new Vocabulary(alphabet);
  }
  override get size(): number {
    return this.#vocabulary.size;
  }
  get known(): readonly string[] {
    return this.#vocabulary.symbols;
  }
  join(symbols: readonly (string | number)[]): string {
    return symbols.join('');
  }
  extended(call: string, inputs: readonly NamedInput[]): () => () => void {
    const before = this.#vocabulary;
    const characters = (field: string, input: unknown) => Array.from(checkText(call, field, input));
    const more = before.with(inputs, countedSymbols.max, characters);
    return () => {
      this.#vocabulary = more;
      return () => {
        this.#vocabulary = before;
      };
    };
  }
  override codes(call: string, field: string, input: unknown): Codes {
    return this.#vocabulary.codes(Array.from(checkText(call, field, input)));
  }
  override parts(call: string, field: string, input: unknown): string[] {
    return Array.from(checkText(call, field, input));
  }
  override toJSON(): OneHotJSON {
    return { type: 'oneHot', alphabet: this.#vocabulary.symbols.join('') };
  }
}
