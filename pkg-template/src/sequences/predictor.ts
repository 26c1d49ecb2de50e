// What comes next in a series.

import { checkNumber, checkOptions, isVector, outOfRange, wrongType } from '../checks/errors.js';
import type { SetBuilder } from '../data/set-builder.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import { Encoder, type Series } from './encoders/index.js';
import type { Numeric } from './encoders/numeric.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import { SequenceModel } from './model.js';
import type { NetworkOptions, SequenceModelJSON, SequenceModelOptions } from './model-options.js';
import { checkList, type Parts, type Ready } from './ready.js';

/** Options of {@link SequencePredictor}; the encoder is a numeric one, one channel by default. */
export type SequencePredictorOptions<Input = Series> = Partial<Omit<SequenceModelOptions<Input>, 'bidirectional'>>;

interface CheckedSeries extends NamedInput {
  /** First step that is a target; those before are context. */
  from: number;
}

/** A stored predictor. */
export interface SequencePredictorJSON extends SequenceModelJSON {
  type: 'SequencePredictor';
}

/**
 * Learns to continue numeric series: at every step, the values of the next one. What it predicts are rows of
 * numbers in the order of the channels. With an encoder that takes gaps, a step is learnt from where no value of the
 * next one is missing.
 *
 * @example
 * const predictor = new SequencePredictor();
 * const wave = Array.from({ length: 100 }, (_, step) => Math.sin(step / 4));
 * await predictor.fit([wave]);
 * predictor.predict(wave); // [about sin(25)]
 * predictor.generate(wave, 20); // the next twenty steps
 */
export class SequencePredictor<Input = Series> extends SequenceModel<Input> {
  readonly #coding: Numeric;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options?: SequencePredictorOptions<Input>) {
    const call = 'new SequencePredictor';
    const given = checkOptions<SequencePredictorOptions<Input>>(call, options, [
      'encoder',
      'hidden',
      'dropout',
      'variant',
      'initializer',
      'seed',
    ]);
    super(call, { encoder: Encoder.numeric() as Encoder<Input>, ...given });
    const coding = this.encoder.numericCoding;
    if (coding === null) throw outOfRange(call, 'options.encoder', 'an encoder of numeric series', this.encoder);
    if (coding.window > 1) {
      const expected = 'one without a window: a predictor continues a series row by row';
      throw outOfRange(call, 'options.encoder', expected, this.encoder);
    }
    this.#coding = coding;
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.#coding.channels, kind: 'linear' };
  }

  /**
   * Learns from series of at least two steps, in a worker; a later call goes on from where the last
   * one ended. What is wrong with the arguments rejects the promise. The result has an error, squared and
   * averaged over the channels, but no accuracy.
   */
  fit(series: Input[], options?: FitOptions<Input>): TrainingRun {
    const call = 'SequencePredictor.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, series, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(series: Input[], options?: FitOptions<Input>): Promise<Uint8Array> {
    const call = 'SequencePredictor.pack';
    const copy = SequencePredictor.fromJSON<Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, series, options));
  }

  #ready(call: string, series: unknown, options: unknown): Ready<CheckedSeries> {
    const given = checkOptions<FitOptions<Input>>(call, options, fitOptions);
    const check = (list: string, all: unknown) =>
      checkList(call, list, all).map((input, index): CheckedSeries => {
        return { input, field: `${list}[${index}]`, from: 1 };
      });
    const parts =
      this.#end(call, series, given.validation) ?? this.split(call, 'series', series, given.validation, check);
    const encode = ({ input, field, from }: CheckedSeries, set: SetBuilder) => {
      const steps = this.encoder.steps(call, field, input).steps as number[][];
      if (steps.length < 2) throw outOfRange(call, field, 'at least two steps', input);
      const output = steps.slice(1).map((step, index) => (index + 1 < from ? null : this.#target(step)));
      if (output.every((target) => target === null)) {
        const after = from === 1 ? 'the first' : `the first ${from}`;
        throw outOfRange(call, field, `at least one step, after ${after}, of which no value is missing`, input);
      }
      set.add({ form: 'rows', steps: steps.slice(0, -1) }, (step) => output[step] ?? null);
    };
    return { parts, encode, options: given };
  }

  /** A single series as two: its begin to train on, and all of it, of which a share at the end is judged. */
  #end(call: string, series: unknown, validation: unknown): Parts<CheckedSeries> | undefined {
    if (!Array.isArray(series) || series.length !== 1 || typeof validation !== 'number' || validation === 0) return;
    const [input] = series as unknown[];
    if (!isVector(input)) throw wrongType(call, 'series[0]', 'an array of steps', input);
    const share = checkNumber(call, 'options.validation', validation, { min: 0, max: 1 });
    const from = input.length - Math.round(share * input.length);
    if (from < 2 || from >= input.length) {
      const expected = `a share that holds out some steps of ${input.length} and leaves at least two`;
      throw outOfRange(call, 'options.validation', expected, share);
    }
    const field = 'series[0]';
    const begin = (input as unknown[]).slice(0, from);
    return { trained: [{ input: begin, field, from: 1 }], heldOut: [{ input, field, from }] };
  }

  /** The values of a step as a target; null, which is not learnt from, where one is missing. */
  #target(step: number[]): number[] | null {
    const { channels } = this.#coding;
    return step.slice(channels).includes(0) ? null : step.slice(0, channels);
  }

  /** The values that follow a series. */
  predict(series: Input): number[] {
    return this.#continue('SequencePredictor.predict', series, 1)[0] as number[];
  }

  /** The `count` steps that follow a series, each made from those before it. */
  generate(series: Input, count: number): number[][] {
    const call = 'SequencePredictor.generate';
    checkNumber(call, 'count', count, { min: 1, max: 1_000_000, integer: true });
    return this.#continue(call, series, count);
  }

  #continue(call: string, series: Input, count: number): number[][] {
    // Of a predicted step every value is there.
    const present = new Array<number>(this.encoder.size - this.#coding.channels).fill(1);
    const network = this.fitted(call).clone();
    try {
      network.resetContext();
      let next: number[] = [];
      const steps = this.steps(call, 'series', series).steps as number[][];
      for (const step of steps) next = network.activate(step);
      const made = [next];
      while (made.length < count) made.push(network.activate([...(made.at(-1) as number[]), ...present]));
      return made.map((step) => this.#coding.decode(step));
    } finally {
      network.free();
    }
  }

  /** The predictor as plain data. */
  toJSON(): SequencePredictorJSON {
    return this.stored('SequencePredictor');
  }

  /**
   * A predictor around a network, such as one of `engram/exchange`, which becomes the predictor's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names.
   *
   * @param network linear outputs, a channel each, and an input per number of the encoder's steps; not bidirectional.
   * @param options the encoder, as it was when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Input = Series>(
    network: Network,
    options: Partial<NetworkOptions<Input>> = {},
  ): SequencePredictor<Input> {
    const call = 'SequencePredictor.fromNetwork';
    const complete = { encoder: Encoder.numeric() as Encoder<Input>, ...options };
    return SequenceModel.around(call, network, complete, 'SequencePredictor', ({ bidirectional, ...all }) => {
      if (bidirectional)
        throw new TypeError(`${call}: the network reads from both ends, and what comes next is not known`);
      return new SequencePredictor(all);
    });
  }

  /** A predictor from {@link SequencePredictor.toJSON}. */
  static fromJSON<Input = Series>(json: SequencePredictorJSON): SequencePredictor<Input> {
    const call = 'SequencePredictor.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequencePredictor',
      ({ bidirectional: _, ...options }: SequenceModelOptions<Input>) => {
        return new SequencePredictor<Input>(options);
      },
    );
  }
}
