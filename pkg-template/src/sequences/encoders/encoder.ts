// From texts and series to the steps that a network takes, and what has to be remembered for it.

import { checkChoice, wrongType } from '../../checks/errors.js';
import { atOnce, type Sliced } from '../../checks/slices.js';
import { rowOf } from '../../data/flat-set.js';
import type { Steps } from '../../data/set-builder.js';
import { Bits, type BitsJSON } from './bits.js';
import { Bytes, type BytesJSON } from './bytes.js';
import type { Coding, ExplainedPart, NamedInput } from './coding.js';
import { Numeric, type NumericJSON, type NumericOptions, type SeriesOf, sumOf } from './numeric.js';
import { OneHot, type OneHotJSON } from './one-hot.js';
import { type SymbolSequence, Symbols, type SymbolsJSON, type SymbolsOptions } from './symbols.js';
import { Tokens, type TokensJSON, type TokensOptions } from './tokens.js';

/** An encoder as it is stored with a model. */
export type EncoderJSON = BitsJSON | BytesJSON | OneHotJSON | TokensJSON | SymbolsJSON | NumericJSON;

const kinds = ['bits', 'bytes', 'oneHot', 'tokens', 'symbols', 'numeric'] as const;

function codingOf(call: string, json: EncoderJSON): Coding<EncoderJSON> {
  if (typeof json !== 'object' || json === null) throw wrongType(call, 'json', 'an object', json);
  // A word that is none of these is refused before the switch.
  checkChoice(call, 'json.type', json.type, kinds);
  switch (json.type) {
    case 'bits':
      return new Bits();
    case 'bytes':
      return new Bytes();
    case 'oneHot':
      return new OneHot(call, 'json.alphabet', json.alphabet);
    case 'tokens':
      return Tokens.fromJSON(call, json);
    case 'symbols':
      return Symbols.fromJSON(call, json);
    case 'numeric':
      return Numeric.fromJSON(call, json);
  }
}

/** What only this file has: who has not got it makes no encoder. */
const key = Symbol('key');

/**
 * Turns one input (a text, a series) into steps. An encoder is data: it is stored with the model, with what it took
 * from the training set. A model has a copy of the encoder that it is given, so that several may be given the same.
 *
 * Encoders are made by the functions below, and by nothing else: the class cannot be extended. For an encoding of
 * your own, make lists of symbols for {@link Encoder.symbols}, or rows of numbers for {@link Encoder.numeric} with
 * `normalize: false`.
 *
 * @example
 * Encoder.oneHot('abc').encode('ab'); // [[1, 0, 0, 0], [0, 1, 0, 0]]: the last slot is for other symbols
 */
export class Encoder<Input = string> {
  readonly #coding: Coding<EncoderJSON>;
  #ofModel = false;

  private constructor(coding: Coding<EncoderJSON>, given: symbol) {
    if (given !== key || new.target !== Encoder) {
      throw new TypeError(
        'new Encoder: the class is neither called nor extended, expected Encoder.symbols(), Encoder.numeric() or another',
      );
    }
    this.#coding = coding;
  }

  /** Values per step. 0 while that depends on a training set that was not seen yet. */
  get size(): number {
    return this.#coding.size;
  }

  /** Length of the vector that a model learns for every symbol; 0 where steps go in as they are. */
  get embedding(): number {
    return this.#coding.embedding;
  }

  /**
   * Takes from the training set what has to be known of it, in place of what was known before. A model does so
   * with its copy at the first `fit`, unless the encoder that it was given had been fitted.
   *
   * @throws TypeError or RangeError for what {@link Encoder.encode} refuses, and TypeError for `model.encoder`.
   */
  fit(inputs: readonly Input[]): void {
    const call = 'Encoder.fit';
    if (this.#ofModel) throw new TypeError(`${call}: the encoder is a model's own; fit the model, or Encoder.fromJSON`);
    if (!Array.isArray(inputs)) throw wrongType(call, 'inputs', 'an array', inputs);
    const named = Array.from<Input, NamedInput>(inputs, (input, index) => ({ field: `inputs[${index}]`, input }));
    atOnce(this.study(call, named));
  }

  /**
   * The steps of one input, each of {@link Encoder.size} values. An empty text or list has none, which no model
   * takes; but to {@link Encoder.tokens} a text without words, also the empty one, is one unknown word.
   *
   * @throws TypeError for inputs of another kind, and before `fit` where that is needed; RangeError for numbers that
   * are not finite, and rows of another length.
   */
  encode(input: Input): number[][] {
    const { form, steps } = this.steps('Encoder.encode', 'input', input);
    if (form === 'rows') return steps as number[][];
    const { size } = this;
    return Array.from(steps, (code) => Array.from(rowOf(form, code, size)));
  }

  /**
   * What each step of an input stands for, as many texts as {@link Encoder.encode} gives steps: the words of a text (to
   * write their labels down for a `SequenceTagger`), its characters, for bits and bytes the character that they belong
   * to, symbols; for series the number of the step, from 1. A text without words is one step, ''.
   *
   * @throws TypeError for inputs of another kind.
   * @example
   * Encoder.tokens().parts('Play C#4, -3.5!'); // ['play', 'c#4', '-3.5']
   */
  parts(input: Input): string[] {
    return this.#coding.parts('Encoder.parts', 'input', input);
  }

  /** @internal The pieces of an input, by what each number of its steps did: (steps, numbers). */
  explained(call: string, field: string, input: unknown, steps: readonly Float64Array[]): ExplainedPart[] {
    const coding = this.#coding;
    if (coding instanceof Numeric) return coding.explained(coding.rows(call, field, input).length, steps);
    const texts = coding.parts(call, field, input);
    const parts: ExplainedPart[] = [];
    for (let step = 0; step < texts.length; ) {
      const part = texts[step] as string;
      const end = step + (coding.stepsOfCharacter?.(part) ?? 1);
      parts.push({ part, attribution: sumOf(steps.slice(step, end).map(sumOf)) });
      step = end;
    }
    return parts;
  }

  /** The encoder as plain data. */
  toJSON(): EncoderJSON {
    return this.#coding.toJSON();
  }

  /** @internal The steps of an input, as one number each where the encoder knows them so, else as rows. */
  steps(call: string, field: string, input: unknown): Steps {
    const coding = this.#coding;
    return coding.codes?.(call, field, input) ?? { form: 'rows', steps: coding.steps?.(call, field, input) ?? [] };
  }

  /** @internal The input that a step, or a piece of a text, is alone. */
  alone(step: unknown): unknown {
    return this.#coding.alone?.(step) ?? step;
  }

  /** @internal The known symbols, each at its slot; none before a training set was seen. */
  get known(): readonly (string | number)[] {
    return this.#coding.known ?? [];
  }

  /** @internal An input of these symbols, for encoders whose {@link Encoder.form} is `'symbols'`. */
  join(symbols: readonly (string | number)[]): unknown {
    return this.#coding.join?.(symbols);
  }

  /** @internal In which form {@link Encoder.steps} gives steps. */
  get form(): Steps['form'] {
    if (this.#coding.codes === undefined) return 'rows';
    return this.#coding instanceof Bits || this.#coding instanceof Bytes ? 'bits' : 'symbols';
  }

  /** @internal What {@link Encoder.fit} does, for the call and the fields of a model, in slices. */
  *study(call: string, inputs: readonly NamedInput[]): Sliced<void> {
    yield* this.#coding.study(call, inputs) ?? [];
  }

  /** @internal See {@link Coding.extended}. */
  extended(call: string, inputs: readonly NamedInput[], renew: boolean): () => () => void {
    return this.#coding.extended?.(call, inputs, renew) ?? (() => () => {});
  }

  /** @internal What was taken from a training set; null before, and where there is nothing to take. */
  get learnt(): unknown {
    return this.#coding.learnt;
  }
  /** @internal */
  set learnt(learnt: unknown) {
    this.#coding.learnt = learnt;
  }

  /** @internal The coding, if it is one of series. */
  get numericCoding(): Numeric | null {
    return this.#coding instanceof Numeric ? this.#coding : null;
  }

  /** @internal A model's own copy of what may be an encoder; undefined if it is none. */
  static copyOf<Input>(value: unknown): Encoder<Input> | undefined {
    if (typeof value !== 'object' || value === null || !(#coding in value)) return undefined;
    const copy = new Encoder<Input>(codingOf('Encoder.copyOf', value.toJSON()), key);
    copy.#ofModel = true;
    return copy;
  }

  /** Texts bit by bit: the bits of UTF-8, most significant first, one step each, as -1 and 1. */
  static bits(): Encoder<string> {
    return new Encoder(new Bits(), key);
  }

  /** Texts byte by byte: the bytes of UTF-8, one step of 8 values (its bits, as -1 and 1) each. */
  static bytes(): Encoder<string> {
    return new Encoder(new Bytes(), key);
  }

  /**
   * Texts symbol by symbol: one step per character, 1 in its slot and 0 elsewhere. Characters
   * outside the alphabet share a last slot.
   */
  static oneHot(alphabet: string): Encoder<string> {
    return new Encoder(new OneHot('Encoder.oneHot', 'alphabet', alphabet), key);
  }

  /**
   * Texts word by word; {@link TokensOptions.split} says what a word is. Case does not count, nor whether letters
   * are composed of several characters (Unicode's form NFC); the vocabulary is that of the training set. One step per
   * word, 1 in its slot; models learn a vector for every word (an embedding). Unknown words share a last slot.
   *
   * @example
   * const encoder = Encoder.tokens();
   * encoder.fit(['Play C#4 at -3.5 dB 👍🏽']); // the words play, c#4, at, -3.5, db, 👍🏽
   * encoder.size; // 7: one slot more, for other words
   */
  static tokens(options?: TokensOptions): Encoder<string> {
    return new Encoder(Tokens.from('Encoder.tokens', options), key);
  }

  /**
   * Lists of symbols (notes, commands, identifiers), texts or numbers: one step per symbol, 1 in its slot and 0
   * elsewhere. The symbols are given, or those of the training set; each is taken as it stands, and 3 is not '3'.
   * Unknown symbols share a last slot.
   *
   * @example
   * const encoder = Encoder.symbols({ symbols: ['C4', 'C#4', 'E4'] });
   * encoder.encode(['E4', 'G4']); // [[0, 0, 1, 0], [0, 0, 0, 1]]
   */
  static symbols(options?: SymbolsOptions): Encoder<SymbolSequence> {
    return new Encoder(Symbols.from('Encoder.symbols', options), key);
  }

  /**
   * Series of numbers, one step per row of channels.
   *
   * @example
   * const encoder = Encoder.numeric({ channels: ['x', 'y'], normalize: false, missing: 'mask' });
   * encoder.encode([{ x: 7, y: 8 }, { x: null, y: 9 }]); // [[7, 8, 1, 1], [0, 9, 0, 1]]
   */
  static numeric<
    const Channels extends number | readonly string[] = number,
    Missing extends 'refuse' | 'mask' = 'refuse',
  >(options?: NumericOptions<Channels, Missing>): Encoder<SeriesOf<Channels, Missing>> {
    return new Encoder(Numeric.from('Encoder.numeric', options), key);
  }

  /**
   * An encoder from {@link Encoder.toJSON}.
   *
   * @typeParam Input what it encodes, which a file does not tell the compiler: `Encoder.fromJSON<string>(json)`.
   */
  static fromJSON<Input = never>(json: EncoderJSON): Encoder<Input> {
    return new Encoder(codingOf('Encoder.fromJSON', json), key);
  }
}
