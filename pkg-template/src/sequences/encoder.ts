// From texts and series to the steps that a network takes, and what has to be remembered for it.

import {
  checkBoolean,
  checkChoice,
  checkNumber,
  checkOptions,
  copyVector,
  isVector,
  outOfRange,
  wrongType,
} from '../checks/errors.js';

/** A numeric series: one vector of channels per step, or plain numbers where there is one channel. */
export type Series = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** An encoder as it is stored with a model. */
export type EncoderJSON =
  | { type: 'bits' }
  | { type: 'bytes' }
  | { type: 'oneHot'; alphabet: string }
  | { type: 'tokens'; most: number; embedding: number; vocabulary: string[] | null }
  | { type: 'numeric'; channels: number; normalize: boolean; mean: number[] | null; deviation: number[] | null };

/** Options of {@link Encoder.tokens}. */
export interface TokensOptions {
  /** Most words in the vocabulary; the most frequent of the training set are taken. Default 1,000. */
  most?: number;
  /** Length of the vector that is learnt for every word, 1 to 65,536. Default 32. */
  embedding?: number;
}

/** Options of {@link Encoder.numeric}. */
export interface NumericOptions {
  /** Values per step, 1 to 65,536. Default 1. */
  channels?: number;
  /** Shifts and scales every channel to mean 0 and deviation 1 over the training set. Default true. */
  normalize?: boolean;
}

const kinds = ['bits', 'bytes', 'oneHot', 'tokens', 'numeric'] as const;
const utf8 = new TextEncoder();

/**
 * Turns one input (a text, a series) into steps. An encoder is data: it is stored with the model,
 * with what it took from the training set.
 *
 * @example
 * Encoder.oneHot('abc').encode('ab'); // [[1, 0, 0, 0], [0, 1, 0, 0]]: the last slot is for other symbols
 */
export abstract class Encoder<Input = string> {
  /** Values per step. 0 while that depends on a training set that was not seen yet. */
  abstract readonly size: number;

  /** Length of the vector that a model learns for every symbol; 0 where steps go in as they are. */
  readonly embedding: number = 0;

  /** Takes from the training set what has to be known of it. */
  fit(_inputs: readonly Input[]): void {}

  /** @internal Forgets what {@link Encoder.fit} took. */
  forget(): void {}

  /**
   * The steps of one input, at least one, each of {@link Encoder.size} values.
   *
   * @throws TypeError for inputs of another kind, RangeError for empty ones.
   */
  encode(input: Input): number[][] {
    return this.steps('Encoder.encode', 'input', input);
  }

  /** @internal */
  abstract steps(call: string, field: string, input: unknown): number[][];

  /** The encoder as plain data. */
  abstract toJSON(): EncoderJSON;

  /** Texts bit by bit: the bits of UTF-8, most significant first, one step each, as -1 and 1. */
  static bits(): Encoder<string> {
    return new Bits();
  }

  /** Texts byte by byte: the bytes of UTF-8, one step of 8 values (its bits, as -1 and 1) each. */
  static bytes(): Encoder<string> {
    return new Bytes();
  }

  /**
   * Texts symbol by symbol: one step per character, 1 in its slot and 0 elsewhere. Characters
   * outside the alphabet share a last slot.
   */
  static oneHot(alphabet: string): Encoder<string> {
    const call = 'Encoder.oneHot';
    if (typeof alphabet !== 'string') throw wrongType(call, 'alphabet', 'a string', alphabet);
    if (alphabet === '') throw outOfRange(call, 'alphabet', 'at least one character', alphabet);
    return new OneHot([...new Set(alphabet)]);
  }

  /**
   * Texts word by word: letters and digits make words, case does not count, the vocabulary is that
   * of the training set. One step per word, 1 in its slot; models learn a vector for every word (an
   * embedding). Unknown words share a last slot.
   */
  static tokens(options?: TokensOptions): Encoder<string> {
    const call = 'Encoder.tokens';
    const { most = 1000, embedding = 32 } = checkOptions<TokensOptions>(call, options, ['most', 'embedding']);
    const counted = { min: 1, max: 65_536, integer: true };
    return new Tokens(
      checkNumber(call, 'options.most', most, counted),
      checkNumber(call, 'options.embedding', embedding, counted),
    );
  }

  /** Series of numbers, one step per vector of channels. */
  static numeric(options?: NumericOptions): Encoder<Series> {
    const call = 'Encoder.numeric';
    const { channels = 1, normalize = true } = checkOptions<NumericOptions>(call, options, ['channels', 'normalize']);
    checkNumber(call, 'options.channels', channels, { min: 1, max: 65_536, integer: true });
    checkBoolean(call, 'options.normalize', normalize);
    return new Numeric(channels, normalize);
  }

  /** An encoder from {@link Encoder.toJSON}. */
  static fromJSON(json: EncoderJSON): Encoder<never> {
    const call = 'Encoder.fromJSON';
    if (typeof json !== 'object' || json === null) throw wrongType(call, 'json', 'an object', json);
    switch (checkChoice(call, 'json.type', json.type, kinds)) {
      case 'bits':
        return new Bits();
      case 'bytes':
        return new Bytes();
      case 'oneHot':
        return Encoder.oneHot((json as { alphabet: string }).alphabet);
      case 'tokens': {
        const { most, embedding, vocabulary } = json as Extract<EncoderJSON, { type: 'tokens' }>;
        const encoder = Encoder.tokens({ most, embedding }) as Tokens;
        if (vocabulary === null) return encoder;
        if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === 'string')) {
          throw wrongType(call, 'json.vocabulary', 'an array of strings, or null', vocabulary);
        }
        if (vocabulary.length > most) throw outOfRange(call, 'json.vocabulary', `at most ${most} words`, vocabulary);
        encoder.learn(vocabulary);
        return encoder;
      }
      case 'numeric': {
        const { channels, normalize, mean, deviation } = json as Extract<EncoderJSON, { type: 'numeric' }>;
        const encoder = Encoder.numeric({ channels, normalize }) as unknown as Numeric;
        if (mean === null || deviation === null) return encoder as Encoder<never>;
        const numbers = (field: string, values: unknown) => {
          const copy = new Float64Array(channels);
          copyVector(call, `json.${field}`, values, channels, 'the encoder has', copy);
          return [...copy];
        };
        const scale = numbers('deviation', deviation);
        if (!scale.every((value) => value > 0)) {
          throw outOfRange(call, 'json.deviation', 'positive numbers', deviation);
        }
        encoder.learn(numbers('mean', mean), scale);
        return encoder as Encoder<never>;
      }
    }
  }
}

function text(call: string, field: string, input: unknown): string {
  if (typeof input !== 'string') throw wrongType(call, field, 'a string', input);
  if (input === '') throw outOfRange(call, field, 'at least one character', input);
  return input;
}

const bitsOf = (byte: number): number[] => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((byte >> bit) & 1) * 2 - 1);

class Bits extends Encoder<string> {
  readonly size = 1;
  override steps(call: string, field: string, input: unknown): number[][] {
    return Array.from(utf8.encode(text(call, field, input)), bitsOf).flatMap((bits) => bits.map((bit) => [bit]));
  }
  override toJSON(): EncoderJSON {
    return { type: 'bits' };
  }
}

class Bytes extends Encoder<string> {
  readonly size = 8;
  override steps(call: string, field: string, input: unknown): number[][] {
    return Array.from(utf8.encode(text(call, field, input)), bitsOf);
  }
  override toJSON(): EncoderJSON {
    return { type: 'bytes' };
  }
}

/** A vector with a 1 in one slot. */
function hot(size: number, slot: number): number[] {
  const step = new Array<number>(size).fill(0);
  step[slot] = 1;
  return step;
}

class OneHot extends Encoder<string> {
  readonly size: number;
  readonly #slots: Map<string, number>;
  constructor(readonly symbols: readonly string[]) {
    super();
    this.size = symbols.length + 1;
    this.#slots = new Map(symbols.map((symbol, slot) => [symbol, slot]));
  }
  override steps(call: string, field: string, input: unknown): number[][] {
    return Array.from(text(call, field, input), (symbol) =>
      hot(this.size, this.#slots.get(symbol) ?? this.symbols.length),
    );
  }
  override toJSON(): EncoderJSON {
    return { type: 'oneHot', alphabet: this.symbols.join('') };
  }
}

const words = (input: string): string[] => input.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

class Tokens extends Encoder<string> {
  #slots: Map<string, number> | null = null;
  constructor(
    readonly most: number,
    override readonly embedding: number,
  ) {
    super();
  }
  get size(): number {
    return this.#slots === null ? 0 : this.#slots.size + 1;
  }
  override forget(): void {
    this.#slots = null;
  }
  learn(vocabulary: readonly string[]): void {
    this.#slots = new Map([...new Set(vocabulary)].map((word, slot) => [word, slot]));
  }
  override fit(inputs: readonly string[]): void {
    const counts = new Map<string, number>();
    const found = inputs.flatMap((input, index) => words(text('Encoder.fit', `inputs[${index}]`, input)));
    for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
    // Ties in the alphabet's order, so that the same set gives the same vocabulary.
    const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    this.learn(ranked.slice(0, this.most).map(([word]) => word));
  }
  override steps(call: string, field: string, input: unknown): number[][] {
    const slots = this.#slots;
    if (slots === null) throw new TypeError(`${call}: the encoder has no vocabulary yet; fit it first`);
    const found = words(text(call, field, input));
    if (found.length === 0) throw outOfRange(call, field, 'at least one word', input);
    return found.map((word) => hot(slots.size + 1, slots.get(word) ?? slots.size));
  }
  override toJSON(): EncoderJSON {
    const { most, embedding } = this;
    return { type: 'tokens', most, embedding, vocabulary: this.#slots === null ? null : [...this.#slots.keys()] };
  }
}

class Numeric extends Encoder<Series> {
  readonly size: number;
  #mean: number[] | null = null;
  #deviation: number[] | null = null;
  constructor(
    channels: number,
    readonly normalize: boolean,
  ) {
    super();
    this.size = channels;
  }
  override forget(): void {
    this.#mean = null;
    this.#deviation = null;
  }
  learn(mean: number[], deviation: number[]): void {
    this.#mean = mean;
    this.#deviation = deviation;
  }
  #vectors(call: string, field: string, input: unknown): Float64Array[] {
    if (!isVector(input)) throw wrongType(call, field, 'an array of steps', input);
    if (input.length === 0) throw outOfRange(call, field, 'at least one step', input);
    return Array.from(input as ArrayLike<unknown>, (step, index) => {
      const vector = new Float64Array(this.size);
      const given = this.size === 1 && !isVector(step) ? [step] : step;
      copyVector(call, `${field}[${index}]`, given, this.size, 'the encoder takes', vector);
      return vector;
    });
  }
  override fit(inputs: readonly Series[]): void {
    if (!this.normalize) return;
    const steps = inputs.flatMap((input, index) => this.#vectors('Encoder.fit', `inputs[${index}]`, input));
    const channels = Array.from({ length: this.size }, (_, channel) => channel);
    const mean = channels.map((channel) => steps.reduce((sum, step) => sum + (step[channel] ?? 0), 0) / steps.length);
    const deviation = channels.map((channel) => {
      const squares = steps.reduce((sum, step) => sum + ((step[channel] ?? 0) - (mean[channel] ?? 0)) ** 2, 0);
      // A channel that stands still is shifted only.
      return Math.sqrt(squares / steps.length) || 1;
    });
    this.learn(mean, deviation);
  }
  override steps(call: string, field: string, input: unknown): number[][] {
    const [mean, deviation] = [this.#mean, this.#deviation];
    if (this.normalize && mean === null) {
      throw new TypeError(`${call}: the encoder has not seen a training set yet; fit it first`);
    }
    return this.#vectors(call, field, input).map((step) =>
      Array.from(step, (value, channel) => (value - (mean?.[channel] ?? 0)) / (deviation?.[channel] ?? 1)),
    );
  }
  /** The values that steps stand for. */
  decode(step: ArrayLike<number>): number[] {
    const [mean, deviation] = [this.#mean, this.#deviation];
    return Array.from(step, (value, channel) => value * (deviation?.[channel] ?? 1) + (mean?.[channel] ?? 0));
  }
  override toJSON(): EncoderJSON {
    const { size: channels, normalize } = this;
    return { type: 'numeric', channels, normalize, mean: this.#mean, deviation: this.#deviation };
  }
}

/** @internal The values that a step of a numeric encoder stands for. */
export function decode(encoder: Encoder<Series>, step: ArrayLike<number>): number[] {
  return encoder instanceof Numeric ? encoder.decode(step) : Array.from(step);
}
