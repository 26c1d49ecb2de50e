// What goes on in the manner of texts, or of lists of symbols.

import { checkNumber, checkOptions, outOfRange } from '../checks/errors.js';
import { valuesOfClasses } from '../data/data-set.js';
import type { SetBuilder } from '../data/set-builder.js';
import { engineOptions } from '../engine/generated/tables.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import { Stepper } from '../network/stepper.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import { checkExtendable, type ExtendOptions, extendOptions, sampleAsInput } from './extend-options.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import { SequenceModel } from './model.js';
import type { NetworkOptions, SequenceModelJSON, SequenceModelOptions } from './model-options.js';
import { randomFrom } from './random.js';
import { checkList, type InputWeights, type Ready, weigh } from './ready.js';
import { draw, type Sampling } from './sampling.js';
import { surprise } from './scores.js';
import type { SequenceStream, StreamStep } from './stream.js';

/** Options of {@link SequenceGenerator}; the encoder is one of symbols: `oneHot`, `tokens` or `symbols`. */
export type SequenceGeneratorOptions<Input> = Omit<SequenceModelOptions<Input>, 'bidirectional'>;

/** Options of {@link SequenceGenerator.fit}. */
export interface GeneratorFitOptions<Input = string> extends FitOptions<Input>, InputWeights {
  /**
   * Symbols of a piece, from 1: longer texts are learnt in pieces of so many, each read after the piece before it, of
   * which nothing is learnt then. Default 100. Left out with `truncate`.
   */
  piece?: number;
  /**
   * Learns texts from begin to end, instead of in pieces: with an update of the weights after every so many symbols (from
   * 1) of the texts of a batch, each of which takes its states along, however long it is. The gradient goes back within
   * those. With `stateful: false` there is one update, after the ends of the texts. Default: in pieces.
   */
  truncate?: number | null;
}

/** Options of {@link SequenceGenerator.generate}. */
export interface GenerateOptions {
  /** Most symbols to make, 1 to 1,000,000. Default 100. */
  count?: number;
  /** A symbol that ends what is made, which does not come with it. Default: none but the end of a text. */
  until?: string | number;
  /**
   * 0 and above: with 0 the most probable symbol is taken, with less than 1 (default) the probable ones more often than
   * their probability says, with more less often.
   */
  temperature?: number;
  /** Draws from so many of the most probable symbols, from 1. Default: all. */
  topK?: number;
  /** Draws from the most probable symbols that together have this share, above 0, up to 1 (default). */
  topP?: number;
  /** Fixes what is drawn: an integer from 0. Default: random. */
  seed?: number;
}

/** What may come next. */
export interface NextSymbol {
  /** Probability of every known symbol, the most probable first; with `end` they sum to 1. */
  probabilities: Map<string | number, number>;
  /** Probability that the text ends here. */
  end: number;
}

/** A stored generator. */
export interface SequenceGeneratorJSON extends SequenceModelJSON {
  type: 'SequenceGenerator';
}

const generateOptions = ['count', 'until', 'temperature', 'topK', 'topP', 'seed'] as const;
const MOST = 1_000_000;

/**
 * Learns to go on in the manner of texts, symbol by symbol: characters with `Encoder.oneHot` or
 * `Encoder.tokens({ split: 'characters' })`, words with `tokens`, notes or commands with `symbols`. It learns where
 * texts begin and end, too.
 *
 * @example
 * const generator = new SequenceGenerator({ encoder: Encoder.oneHot('abc'), seed: 1 });
 * await generator.fit(['abcabc', 'bcabca', 'cabc']);
 * generator.generate('ab', { count: 4, temperature: 0 }); // 'cabc'
 */
export class SequenceGenerator<Input = string> extends SequenceModel<Input> {
  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options: SequenceGeneratorOptions<Input>) {
    const call = 'new SequenceGenerator';
    const given = checkOptions<SequenceGeneratorOptions<Input>>(call, options, [
      'encoder',
      'hidden',
      'convolution',
      'dropout',
      'variant',
      'initializer',
      'seed',
    ]);
    super(call, given);
    if (this.encoder.form !== 'symbols') {
      throw outOfRange(call, 'options.encoder', 'an encoder of symbols: oneHot, tokens or symbols', this.encoder);
    }
  }

  /** Slots of the encoder, and one step before every text, from which its first symbol is told. */
  protected override inputSize(): number {
    return this.encoder.size + 1;
  }

  /** The known symbols, and the end, in the slot that the encoder has for symbols that are not known. */
  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.encoder.size, kind: 'softmax' };
  }

  /**
   * Learns from texts, in a worker; a later call goes on from where the last one ended. What is wrong with the
   * arguments rejects the promise. Symbols that the encoder does not know are read, and not learnt to be made.
   *
   * @param texts texts, or lists of symbols, that begin and end where such begin and end.
   */
  fit(texts: Input[], options?: GeneratorFitOptions<Input>): TrainingRun {
    const call = 'SequenceGenerator.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, texts, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(texts: Input[], options?: GeneratorFitOptions<Input>): Promise<Uint8Array> {
    const call = 'SequenceGenerator.pack';
    const copy = SequenceGenerator.fromJSON<Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, texts, options));
  }

  #check(call: string, list: string, texts: unknown): NamedInput[] {
    return checkList(call, list, texts).map((input, index) => ({ input, field: `${list}[${index}]` }));
  }

  #ready(call: string, texts: unknown, options: unknown): Ready<NamedInput> {
    const given = checkOptions<GeneratorFitOptions<Input>>(call, options, [...fitOptions, 'piece', 'weights']);
    const { piece: asked, weights, ...rest } = given;
    const whole = (given.truncate ?? null) !== null;
    if (whole && asked !== undefined) {
      throw outOfRange(call, 'options.piece', 'left out with options.truncate, which texts are read whole with', asked);
    }
    const piece = whole
      ? Infinity
      : checkNumber(call, 'options.piece', asked ?? 100, { min: 1, max: MOST, integer: true });
    const check = (field: string, list: unknown) =>
      weigh(call, this.#check(call, field, list), field === 'texts' ? weights : undefined);
    const parts = this.split(call, 'texts', texts, given.validation, check);
    const encode = ({ field, input }: NamedInput, set: SetBuilder) => {
      const codes = this.#codes(call, field, input);
      this.refuseEmpty(call, field, input, codes.length - 1);
      for (let from = 0; from < codes.length; from += piece) {
        const [first, end] = [Math.max(from - piece, 0), Math.min(from + piece, codes.length)];
        const target = (step: number) => (first + step < from ? null : this.#target(codes, first + step));
        set.add({ form: 'symbols', steps: codes.subarray(first, end) }, target);
      }
    };
    const classes = () => valuesOfClasses(this.encoder.size);
    return { parts, encode, options: { stateful: whole, ...rest }, orders: { classes } };
  }

  /** The steps of a text: the one before it, then a symbol each. The empty text has none but that. */
  #codes(call: string, field: string, input: unknown): Uint32Array {
    // An encoder of words tells a text without any from one of none.
    const steps = input === '' ? [] : (this.encoder.steps(call, field, input).steps as Uint32Array);
    const codes = new Uint32Array(steps.length + 1);
    codes[0] = this.encoder.size;
    codes.set(steps, 1);
    return codes;
  }

  /** What follows a step: a symbol, or the end; null for a symbol that is not known. */
  #target(codes: Uint32Array, step: number): number | null {
    const end = this.encoder.size - 1;
    if (step === codes.length - 1) return end;
    const next = codes[step + 1] as number;
    return next === end ? null : next;
  }

  /** A text that has not begun. */
  #stepper(call: string): Stepper {
    return new Stepper(call, this.fitted(call), 'symbols');
  }

  /** What the network says after all of a text. */
  #after(call: string, stepper: Stepper, codes: Uint32Array): Float64Array {
    for (const code of codes) stepper.push(call, code);
    return stepper.outputs;
  }

  /**
   * What goes on from the start of a text, which may be empty: what is made, without the start. It ends where the model
   * ends a text, at `until`, or after `count` symbols. One seed makes one text, in every runtime. Works while `fit` runs,
   * too.
   */
  generate(start: Input, options?: GenerateOptions): Input {
    const call = 'SequenceGenerator.generate';
    const given = checkOptions<GenerateOptions>(call, options, generateOptions);
    const { count = 100, until, temperature = 1, topK = MOST, topP = 1 } = given;
    const { seed = Math.floor(Math.random() * 2 ** 32) } = given;
    checkNumber(call, 'options.count', count, { min: 1, max: MOST, integer: true });
    const sampling: Sampling = {
      temperature: checkNumber(call, 'options.temperature', temperature, { min: 0 }),
      topK: checkNumber(call, 'options.topK', topK, { min: 1, max: MOST, integer: true }),
      topP: checkNumber(call, 'options.topP', topP, { min: 0, max: 1 }),
    };
    if (topP === 0) throw outOfRange(call, 'options.topP', 'a number above 0, up to 1', topP);
    checkNumber(call, 'options.seed', seed, engineOptions.seed);
    const stepper = this.#stepper(call);
    try {
      const { known, size } = this.encoder;
      const last = until === undefined ? -1 : known.indexOf(until);
      if (until !== undefined && last < 0) {
        throw outOfRange(call, 'options.until', `a symbol that the encoder knows, one of ${known.length}`, until);
      }
      const probabilities = this.#after(call, stepper, this.#codes(call, 'start', start));
      const random = randomFrom(seed);
      const made: (string | number)[] = [];
      while (made.length < count) {
        const code = draw(probabilities, sampling, random());
        if (code === size - 1 || code === last) break;
        made.push(known[code] as string | number);
        if (made.length < count) stepper.push(call, code);
      }
      return this.encoder.join(made) as Input;
    } finally {
      stepper.free();
    }
  }

  /** How probable each symbol is to follow a text, which may be empty. */
  next(text: Input): NextSymbol {
    const call = 'SequenceGenerator.next';
    const stepper = this.#stepper(call);
    try {
      return this.#said(this.#after(call, stepper, this.#codes(call, 'text', text)));
    } finally {
      stepper.free();
    }
  }

  /** What may come next by the network's outputs; written to `into`, if given. */
  #said(outputs: Float64Array, into: NextSymbol = { probabilities: new Map(), end: 0 }): NextSymbol {
    const { known } = this.encoder;
    const order = Uint32Array.from(known, (_, slot) => slot);
    order.sort((a, b) => (outputs[b] as number) - (outputs[a] as number) || a - b);
    into.probabilities.clear();
    for (const slot of order) into.probabilities.set(known[slot] as string | number, outputs[slot] as number);
    into.end = outputs[known.length] as number;
    return into;
  }

  /**
   * A text that comes step by step: after each piece, what {@link SequenceGenerator.next} says of the text so far, to the
   * bit.
   *
   * @throws TypeError before `fit`.
   */
  stream(): SequenceStream<StreamStep<Input>, NextSymbol> {
    const written: NextSymbol = { probabilities: new Map(), end: 0 };
    const answer = (outputs: Float64Array) => this.#said(outputs, written);
    return this.streaming('SequenceGenerator.stream', { begin: this.encoder.size, answer });
  }

  /**
   * How surprising texts are to the model: e to the mean of minus the logarithm of the probability of each next symbol,
   * ends included. 1 is foreseen, as many as there are symbols is guessed. Symbols that the encoder does not know are not
   * counted.
   */
  perplexity(texts: Input[]): number {
    const call = 'SequenceGenerator.perplexity';
    const stepper = this.#stepper(call);
    try {
      let [sum, count] = [0, 0];
      for (const { field, input } of this.#check(call, 'texts', texts)) {
        const codes = this.#codes(call, field, input);
        stepper.reset(call);
        codes.forEach((code, step) => {
          const probabilities = stepper.push(call, code);
          const target = this.#target(codes, step);
          if (target === null) return;
          sum += surprise(probabilities[target] as number);
          count++;
        });
      }
      return Math.exp(sum / count);
    } finally {
      stepper.free();
    }
  }

  /**
   * The generator keeps what it has learnt, and knows more: symbols of texts. Weights stay as
   * they are, to the bit. Between the symbols it had, and the end, probabilities stay in their ratios. What the encoder did not know was read as unknown, and
   * goes on to be, until `fit` has learnt it: `fit` itself adds nothing to what the first one found. {@link SequenceGenerator.network}
   * is a new one; the old one, and its streams, end.
   *
   * @returns itself.
   * @throws TypeError before `fit`, while one runs, and for a network that the model has not made (`fromNetwork`) where
   *   that would have to grow; RangeError for samples that it does not read.
   * @example
   * generator.extend({ samples: ['new words'] });
   * await generator.fit([...texts, 'new words']);
   */
  extend(options: ExtendOptions<Input>): this {
    const call = 'SequenceGenerator.extend';
    const given = checkOptions<ExtendOptions<Input>>(call, options, extendOptions);
    const check = (inputs: readonly NamedInput[]) => {
      for (const { field, input } of inputs) this.#codes(call, field, input);
    };
    this.grow(call, checkExtendable(call, given, check, sampleAsInput), [], true);
    return this;
  }

  /** The generator as plain data. */
  toJSON(): SequenceGeneratorJSON {
    return this.stored('SequenceGenerator');
  }

  /**
   * A generator around a network, such as one of `engram/exchange`, which becomes the generator's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names.
   *
   * @param network an input per slot of the encoder, and one that is 1 at the step before a text; softmax outputs, one
   *   per known symbol, and one for the end of a text; not bidirectional.
   * @param options the encoder, as it was when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Input = string>(network: Network, options: NetworkOptions<Input>): SequenceGenerator<Input> {
    const call = 'SequenceGenerator.fromNetwork';
    return SequenceModel.around(call, network, options, 'SequenceGenerator', ({ bidirectional, ...all }) => {
      if (bidirectional)
        throw new TypeError(`${call}: the network reads from both ends, and what comes next is not known`);
      return new SequenceGenerator<Input>(all);
    });
  }

  /** A generator from {@link SequenceGenerator.toJSON}. */
  static fromJSON<Input = string>(json: SequenceGeneratorJSON): SequenceGenerator<Input> {
    const call = 'SequenceGenerator.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequenceGenerator',
      ({ bidirectional: _, ...options }: SequenceModelOptions<Input>) => new SequenceGenerator<Input>(options),
    );
  }
}
