// Which symbols a sequence says, in their order, where nobody has written down at which steps.

import { checkNumber, checkOptions, describe, outOfRange, wrongType } from '../checks/errors.js';
import { stepsToSay } from '../data/data-set.js';
import type { SetBuilder } from '../data/set-builder.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import { Encoder, type Series } from './encoders/index.js';
import { checkExtendable, extendOptions, type TranscriberExtendOptions } from './extend-options.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import { SequenceModel } from './model.js';
import {
  modelOptions,
  type NetworkOptions,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from './model-options.js';
import { checkList, checkSamples, type Ready, type Weighted } from './ready.js';
import type { SequenceStream, StreamStep } from './stream.js';
import { BestPath, beamSearch, bestPath, editDistance } from './transcripts.js';

/** What a sequence says: a text, of which each character is a symbol, or a list of texts and numbers. */
export type Transcript = string | readonly (string | number)[];

/** Options of {@link SequenceTranscriber}. */
export interface SequenceTranscriberOptions<Input> extends Omit<SequenceModelOptions<Input>, 'encoder'> {
  /** Turns inputs into steps. Default: `Encoder.numeric()`, series of one channel. */
  encoder?: Encoder<Input>;
  /** All symbols that may be said, each once: texts and finite numbers. Default: those of the first `fit`. */
  symbols?: readonly (string | number)[];
}

/** A sequence and what it says. */
export interface TranscribedSequence<Output extends Transcript = string, Input = Series> extends Weighted {
  input: Input;
  /**
   * The symbols in their order: a text, or a list, in all samples alike; none where nothing is said. A sequence needs a
   * step for each, and one between two that are the same.
   */
  output: Output;
}

/** Options of {@link SequenceTranscriber.transcribe} and {@link SequenceTranscriber.evaluate}. */
export interface TranscribeOptions {
  /**
   * How many beginnings of lists are kept at every step of a search for the most probable list, 1 to 1,000. Default: no
   * search, but the most probable output of every step.
   */
  beam?: number;
}

/** How well a transcriber does on samples. */
export interface TranscriberEvaluation {
  /**
   * Symbols to be inserted, deleted or replaced to make what is right of what was read (Levenshtein 1966), as a share of
   * all symbols that are right: the character error rate. May be above 1. Where no sample says anything, the number
   * of symbols.
   */
  errorRate: number;
  /** Share of the sequences that are read without an error. */
  accuracy: number;
}

/** A stored transcriber. */
export interface SequenceTranscriberJSON extends SequenceModelJSON {
  type: 'SequenceTranscriber';
  /** Null before they are known. */
  symbols: (string | number)[] | null;
  /** Whether transcripts are texts. */
  text: boolean;
}

interface CheckedTranscript extends NamedInput {
  list: readonly unknown[];
}

const isSymbol = (value: unknown) => typeof value === 'string' || Number.isFinite(value);

/** Checks symbols that are given beforehand. */
function checkSymbols(call: string, field: string, given: unknown): readonly (string | number)[] {
  const symbols = checkList(call, field, given);
  symbols.forEach((symbol, index) => {
    if (!isSymbol(symbol)) throw wrongType(call, `${field}[${index}]`, 'a text or a finite number', symbol);
    if (symbols.indexOf(symbol) < index) throw outOfRange(call, `${field}[${index}]`, 'every symbol once', symbol);
  });
  return Object.freeze(symbols) as readonly (string | number)[];
}

/**
 * Learns to read a short list of symbols out of a long sequence: letters of handwriting, gestures in a stream, words of
 * sounds. Samples say what a sequence says, and not when; the model finds that out (connectionist temporal
 * classification, Graves et al. 2006).
 *
 * @typeParam Output a text (default), or a list of symbols.
 *
 * @example
 * const transcriber = new SequenceTranscriber({ seed: 1 });
 * await transcriber.fit([
 *   { input: [0, 0, 5, 5, 0, 0, 0, -5, 0], output: 'ud' },
 *   { input: [0, -5, -5, 0, 0, -5, 0, 0], output: 'dd' },
 * ]);
 * transcriber.transcribe([0, 0, 5, 0, 5, 0, 0]); // a text of u and d
 */
export class SequenceTranscriber<Output extends Transcript = string, Input = Series> extends SequenceModel<Input> {
  /** Symbols that were given; else those of the first `fit` are learnt. */
  readonly #given: readonly (string | number)[] | null;
  #symbols: readonly (string | number)[] | null;
  #text = true;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options?: SequenceTranscriberOptions<Input>) {
    const call = 'new SequenceTranscriber';
    const known = [...modelOptions, 'symbols'] as const;
    const given = checkOptions<SequenceTranscriberOptions<Input>>(call, options, known);
    super(call, { encoder: Encoder.numeric() as Encoder<Input>, ...given });
    this.#given = given.symbols === undefined ? null : checkSymbols(call, 'options.symbols', given.symbols);
    this.#symbols = this.#given;
  }

  /** All symbols, in the order of the network's outputs, behind which stands one that says nothing; null before `fit`. */
  get symbols(): readonly (string | number)[] | null {
    return this.#symbols;
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: (this.#symbols?.length ?? 0) + 1, kind: 'softmax' };
  }

  protected override forgetTargets(): void {
    this.#symbols = this.#given;
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended. The model can be used
   * meanwhile. What is wrong with the arguments rejects the promise, also an output that is longer than its input can
   * say. The error of the run is minus the logarithm of the probability of an output, in nats, its accuracy the share of
   * the outputs that are read without an error.
   *
   * @param samples sequences with what they say.
   */
  fit(
    samples: TranscribedSequence<Output, Input>[],
    options?: FitOptions<TranscribedSequence<Output, Input>>,
  ): TrainingRun {
    const call = 'SequenceTranscriber.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, samples, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(
    samples: TranscribedSequence<Output, Input>[],
    options?: FitOptions<TranscribedSequence<Output, Input>>,
  ): Promise<Uint8Array> {
    const call = 'SequenceTranscriber.pack';
    const copy = SequenceTranscriber.fromJSON<Output, Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, samples, options));
  }

  #ready(call: string, samples: unknown, options: unknown): Ready<CheckedTranscript> {
    const given = checkOptions<FitOptions<TranscribedSequence<Output, Input>>>(call, options, fitOptions);
    // Transcripts of a first fit say whether they are texts; those of a later one are to be alike.
    let text = this.network === null ? undefined : this.#text;
    const check = (field: string, list: unknown) => {
      const checked = this.#check(call, field, list, text);
      text = checked.text;
      return checked.samples;
    };
    const parts = this.split(call, 'samples', samples, given.validation, check);
    const study = (trained: readonly CheckedTranscript[]) => {
      const found = new Set(trained.flatMap(({ list }) => list)) as Set<string | number>;
      this.#symbols ??= found.size > 0 ? Object.freeze([...found]) : null;
      this.#text = text === true;
      if (this.#symbols === null) {
        throw new RangeError(
          `${call}: samples say nothing, expected a symbol at least, or options.symbols of the model`,
        );
      }
    };
    const encode = (sample: CheckedTranscript, set: SetBuilder) => {
      const { list, slots, steps } = this.#encoded(call, sample);
      const [needed, has] = [stepsToSay(slots), steps.steps.length];
      if (needed > has) {
        const output = sample.field.replace(/input$/u, 'output');
        const symbols = `${list.length} symbol${list.length === 1 ? '' : 's'}`;
        throw new RangeError(
          `${call}: ${output} has ${symbols}, to say which takes ${needed} steps, of which the input has ${has}`,
        );
      }
      set.add(steps, (step) => slots[step] ?? null);
    };
    return { parts, study, encode, options: given, orders: { classes: () => 'lists' } };
  }

  /** Samples, and whether they say texts, which is `text` where that is known. */
  #check(call: string, list: string, samples: unknown, text: boolean | undefined) {
    let are = text;
    const check = ({ output }: { input: unknown; output: unknown }, field: string) => {
      const isText = typeof output === 'string';
      are ??= isText;
      if (isText !== are || !(isText || Array.isArray(output))) {
        const expected =
          text === undefined ? 'a text, or a list, as in all samples' : are ? 'a text' : 'a list of symbols';
        throw wrongType(call, `${field}.output`, expected, output);
      }
      const said: unknown[] = Array.from(output);
      said.forEach((symbol, at) => {
        if (!isSymbol(symbol)) throw wrongType(call, `${field}.output[${at}]`, 'a text or a finite number', symbol);
      });
      return { list: said };
    };
    return { samples: checkSamples(call, list, samples, '{ input, output }', check), text: are };
  }

  /** The steps of a sample, and the places of its symbols. */
  #encoded(call: string, { input, field, list }: CheckedTranscript) {
    const symbols = this.#symbols ?? [];
    const slots = list.map((symbol, at) => {
      const slot = symbols.indexOf(symbol as string);
      if (slot >= 0) return slot;
      const place = `${field.replace(/input$/u, 'output')}[${at}]`;
      throw outOfRange(call, place, `one of ${symbols.map(describe).join(', ')}`, symbol);
    });
    return { list, slots, steps: this.steps(call, field, input) };
  }

  /** Places of the symbols that inputs say. */
  #read(call: string, inputs: readonly { field: string; input: unknown }[], options: unknown): number[][] {
    const { beam } = checkOptions<TranscribeOptions>(call, options, ['beam']);
    if (beam !== undefined) checkNumber(call, 'options.beam', beam, { min: 1, max: 1000, integer: true });
    this.fitted(call);
    const encoded = inputs.map(({ field, input }) => this.steps(call, field, input));
    const read = (outputs: number[][]) => (beam === undefined ? bestPath(outputs) : beamSearch(outputs, beam));
    return this.answers(call, encoded, 'each').map(read);
  }

  #said(slots: readonly number[]): Output {
    const list = slots.map((slot) => (this.#symbols as (string | number)[])[slot] as string | number);
    return (this.#text ? list.join('') : list) as Output;
  }

  /** What a sequence says, as the samples had it: a text, or a list. Works while `fit` runs, too. */
  transcribe(input: Input, options?: TranscribeOptions): Output {
    const call = 'SequenceTranscriber.transcribe';
    const [slots = []] = this.#read(call, [{ field: 'input', input }], options);
    return this.#said(slots);
  }

  /** {@link SequenceTranscriber.transcribe} of several sequences at once. */
  transcribeAll(inputs: readonly Input[], options?: TranscribeOptions): Output[] {
    const call = 'SequenceTranscriber.transcribeAll';
    if (!Array.isArray(inputs)) throw wrongType(call, 'inputs', 'an array', inputs);
    const named = Array.from(inputs, (input: Input, index) => ({ field: `inputs[${index}]`, input }));
    if (named.length === 0) {
      this.fitted(call);
      return [];
    }
    return this.#read(call, named, options).map((slots) => this.#said(slots));
  }

  /**
   * A sequence that comes step by step: after each step, what {@link SequenceTranscriber.transcribe} reads in the sequence
   * so far, without `beam`. What has been read stays, but for what the last step of a window said that is not whole yet.
   *
   * @throws TypeError before `fit`, and for a bidirectional model.
   * @example
   * const stream = transcriber.stream();
   * stream.push(0); // ''
   * stream.push(5); // 'u'
   */
  stream(): SequenceStream<StreamStep<Input>, Output> {
    const path = new BestPath();
    let said = this.#said([]);
    let slots = '';
    return this.streaming<Output>('SequenceTranscriber.stream', {
      step: (outputs, stays) => path.step(outputs, stays),
      reset: () => {
        path.reset();
        slots = '';
      },
      answer: () => {
        const now = `${path.slots.length} ${path.slots.at(-1)}`;
        if (now !== slots) said = this.#said(path.slots);
        slots = now;
        return said;
      },
    });
  }

  /**
   * Lets a model that has learnt know more: symbols to read, and words or symbols of its inputs. All weights stay; what
   * it reads stays nearly the same, until `fit` is given samples of the new, with some of the old ones. Nothing is learnt
   * here, and what is refused changes nothing.
   *
   * @returns the model itself.
   * @throws TypeError before `fit`, while a run works with the network, and for an encoder or a network that would have to
   *   grow and cannot; RangeError for symbols that it has.
   * @example
   * transcriber.extend({ symbols: ['x'] });
   */
  extend(options: TranscriberExtendOptions<TranscribedSequence<Output, Input>>): this {
    const call = 'SequenceTranscriber.extend';
    const known = [...extendOptions, 'symbols'] as const;
    const given = checkOptions<TranscriberExtendOptions<TranscribedSequence<Output, Input>>>(call, options, known);
    const extendable = checkExtendable(call, given, (_, samples) => {
      const checked = this.#check(call, 'options.samples', samples, this.#text);
      for (const sample of checked.samples) this.#encoded(call, sample);
    });
    const before = this.#symbols;
    const more = given.symbols === undefined ? [] : checkSymbols(call, 'options.symbols', given.symbols);
    more.forEach((symbol, index) => {
      const field = `options.symbols[${index}]`;
      if (before?.includes(symbol)) throw outOfRange(call, field, 'a symbol that the model does not have', symbol);
      if (this.#text && !(typeof symbol === 'string' && Array.from(symbol).length === 1)) {
        throw outOfRange(call, field, 'one character, as what it reads are texts', symbol);
      }
    });
    const add = () => {
      this.#symbols = Object.freeze([...(before ?? []), ...more]);
      return () => {
        this.#symbols = before;
      };
    };
    // The output that says nothing stays the last.
    this.grow(call, extendable, [add], true);
    return this;
  }

  /** How well the transcriber reads samples; a weight of a sample does not count here. */
  evaluate(samples: TranscribedSequence<Output, Input>[], options?: TranscribeOptions): TranscriberEvaluation {
    const call = 'SequenceTranscriber.evaluate';
    this.fitted(call);
    const checked = this.#check(call, 'samples', samples, this.#text).samples;
    const right = checked.map((sample) => this.#encoded(call, sample).slots);
    const errors = this.#read(call, checked, options).map((slots, index) =>
      editDistance(slots, right[index] as number[]),
    );
    const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
    return {
      errorRate: sum(errors) / Math.max(sum(right.map(({ length }) => length)), 1),
      accuracy: errors.filter((count) => count === 0).length / errors.length,
    };
  }

  /** The transcriber as plain data: symbols, encoder and network. */
  toJSON(): SequenceTranscriberJSON {
    const symbols = this.#symbols && [...this.#symbols];
    return { ...this.stored('SequenceTranscriber'), symbols, text: this.#text };
  }

  /**
   * A transcriber around a network, such as one of `engram/exchange`, which becomes the transcriber's own: `fit`
   * fine-tunes it, and holds what its option `freeze` names.
   *
   * @param network softmax outputs, a symbol each, and a last one that says nothing; an input per number of the encoder's
   *   steps.
   * @param options symbols and encoder, as they were when the network was trained; and those that the network does not
   *   say. Transcripts are texts where all symbols are single characters.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Output extends Transcript = string, Input = Series>(
    network: Network,
    options: Partial<NetworkOptions<Input>> & Required<Pick<SequenceTranscriberOptions<Input>, 'symbols'>>,
  ): SequenceTranscriber<Output, Input> {
    const call = 'SequenceTranscriber.fromNetwork';
    const complete = { encoder: Encoder.numeric() as Encoder<Input>, ...options };
    return SequenceModel.around(call, network, complete, 'SequenceTranscriber', (all) => {
      const model = new SequenceTranscriber<Output, Input>(all);
      const isCharacter = (symbol: string | number) => typeof symbol === 'string' && [...symbol].length === 1;
      model.#text = (model.#symbols ?? []).every(isCharacter);
      return model;
    });
  }

  /** A transcriber from {@link SequenceTranscriber.toJSON}. */
  static fromJSON<Output extends Transcript = string, Input = Series>(
    json: SequenceTranscriberJSON,
  ): SequenceTranscriber<Output, Input> {
    const call = 'SequenceTranscriber.fromJSON';
    return SequenceModel.load(call, json, 'SequenceTranscriber', (options: SequenceModelOptions<Input>, stored) => {
      const { symbols = null, text, network = null } = stored;
      if (typeof text !== 'boolean') throw wrongType(call, 'json.text', 'true or false', text);
      const checked = symbols === null ? undefined : checkSymbols(call, 'json.symbols', symbols);
      if (network !== null && checked === undefined) throw wrongType(call, 'json.symbols', 'an array', symbols);
      const model = new SequenceTranscriber<Output, Input>({ ...options, symbols: checked });
      model.#text = text;
      return model;
    });
  }
}
