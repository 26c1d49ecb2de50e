// What comes next in a series.

import { checkNumber, checkOptions, isVector, outOfRange } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import type { TrainingRun } from '../training/training-run.js';
import { decode, Encoder, type Series } from './encoder.js';
import {
  checkList,
  type FitOptions,
  fitOptions,
  type Parts,
  SequenceModel,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from './model.js';

/** Options of {@link SequencePredictor}; the encoder is a numeric one, one channel by default. */
export type SequencePredictorOptions = Partial<Omit<SequenceModelOptions<Series>, 'bidirectional'>>;

interface CheckedSeries {
  input: Series;
  field: string;
  /** First step that is a target; those before are context. */
  from: number;
}

/** A stored predictor. */
export interface SequencePredictorJSON extends SequenceModelJSON {
  type: 'SequencePredictor';
}

/**
 * Learns to continue numeric series: at every step, the values of the next one.
 *
 * @example
 * const predictor = new SequencePredictor();
 * const wave = Array.from({ length: 100 }, (_, step) => Math.sin(step / 4));
 * await predictor.fit([wave]);
 * predictor.predict(wave); // [about sin(25)]
 * predictor.generate(wave, 20); // the next twenty steps
 */
export class SequencePredictor extends SequenceModel<Series> {
  constructor(options?: SequencePredictorOptions) {
    const call = 'new SequencePredictor';
    const given = checkOptions<SequencePredictorOptions>(call, options, [
      'encoder',
      'hidden',
      'dropout',
      'variant',
      'seed',
    ]);
    super(call, { encoder: Encoder.numeric(), ...given });
    if (this.encoder.toJSON().type !== 'numeric') {
      throw outOfRange(call, 'options.encoder', 'an encoder of numeric series', this.encoder);
    }
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.encoder.size, kind: 'linear' };
  }

  /**
   * Learns from series of at least two steps, in a worker; a later call goes on from where the last
   * one ended. What is wrong with the arguments rejects the promise. The result has an error, squared and
   * averaged over the channels, but no accuracy.
   */
  fit(series: Series[], options?: FitOptions<Series>): TrainingRun {
    const call = 'SequencePredictor.fit';
    return SequenceModel.launching(() => {
      const given = checkOptions<FitOptions<Series>>(call, options, fitOptions);
      const check = (list: string, all: unknown) =>
        checkList(call, list, all).map((input, index): CheckedSeries => {
          return { input: input as Series, field: `${list}[${index}]`, from: 1 };
        });
      const parts =
        this.#end(call, series, given.validation) ?? this.split(call, 'series', series, given.validation, check);
      const encode = ({ input, field, from }: CheckedSeries) => {
        const steps = this.encoder.steps(call, field, input);
        if (steps.length < 2) throw outOfRange(call, field, 'at least two steps', input);
        const targets = steps.slice(1).map((step, index) => (index + 1 < from ? null : step));
        return { input: steps.slice(0, -1), output: targets };
      };
      return this.train(call, parts, encode, given);
    });
  }

  /** A single series as two: its begin to train on, and all of it, of which a share at the end is judged. */
  #end(call: string, series: unknown, validation: unknown): Parts<CheckedSeries> | undefined {
    if (!Array.isArray(series) || series.length !== 1 || typeof validation !== 'number' || validation === 0) return;
    const [input] = series as unknown[];
    if (!isVector(input)) return;
    const share = checkNumber(call, 'options.validation', validation, { min: 0, max: 1 });
    const from = input.length - Math.round(share * input.length);
    if (from < 2 || from >= input.length) {
      const expected = `a share that holds out some steps of ${input.length} and leaves at least two`;
      throw outOfRange(call, 'options.validation', expected, share);
    }
    const field = 'series[0]';
    const begin = (input as number[]).slice(0, from);
    return { trained: [{ input: begin, field, from: 1 }], heldOut: [{ input: input as Series, field, from }] };
  }

  /** The values that follow a series. */
  predict(series: Series): number[] {
    return this.#continue('SequencePredictor.predict', series, 1)[0] as number[];
  }

  /** The `count` steps that follow a series, each made from those before it. */
  generate(series: Series, count: number): number[][] {
    const call = 'SequencePredictor.generate';
    checkNumber(call, 'count', count, { min: 1, max: 1_000_000, integer: true });
    return this.#continue(call, series, count);
  }

  #continue(call: string, series: Series, count: number): number[][] {
    const network = this.fitted(call).clone();
    try {
      network.resetContext();
      let next: number[] = [];
      for (const step of this.encoder.steps(call, 'series', series)) next = network.activate(step);
      const made = [next];
      while (made.length < count) made.push(network.activate(made.at(-1) as number[]));
      return made.map((step) => decode(this.encoder, step));
    } finally {
      network.free();
    }
  }

  /** The predictor as plain data. */
  toJSON(): SequencePredictorJSON {
    return this.stored('SequencePredictor');
  }

  /** A predictor from {@link SequencePredictor.toJSON}. */
  static fromJSON(json: SequencePredictorJSON): SequencePredictor {
    const call = 'SequencePredictor.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequencePredictor',
      ({ bidirectional: _, ...options }: SequenceModelOptions<Series>) => {
        return new SequencePredictor(options);
      },
    );
  }
}
