// What comes next in a series.

import { checkNumber, checkOptions, outOfRange } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import type { TrainingRun } from '../training/training-run.js';
import { decode, Encoder, type Series } from './encoder.js';
import {
  checkList,
  type FitOptions,
  fitOptions,
  SequenceModel,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from './model.js';

/** Options of {@link SequencePredictor}; the encoder is a numeric one, one channel by default. */
export type SequencePredictorOptions = Partial<Omit<SequenceModelOptions<Series>, 'bidirectional'>>;

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
   * one ended. What is wrong with the arguments rejects the promise.
   */
  fit(series: Series[], options?: FitOptions<Series>): TrainingRun {
    const call = 'SequencePredictor.fit';
    return SequenceModel.launching(() => {
      const given = checkOptions<FitOptions<Series>>(call, options, fitOptions);
      const check = (list: string, all: unknown) =>
        checkList(call, list, all).map((input, index) => ({ input: input as Series, field: `${list}[${index}]` }));
      const parts = this.split(call, 'series', series, given.validation, check);
      const encode = ({ input, field }: { input: Series; field: string }) => {
        const steps = this.encoder.steps(call, field, input);
        if (steps.length < 2) throw outOfRange(call, field, 'at least two steps', input);
        return { input: steps.slice(0, -1), output: steps.slice(1) };
      };
      return this.train(call, parts, encode, given);
    });
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
