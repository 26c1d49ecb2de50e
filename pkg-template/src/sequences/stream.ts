// Sequences that come step by step, and what a model says after each step.

import { checkOptions, outOfRange } from '../checks/errors.js';
import type { Network } from '../network/network.js';
import { Stepper } from '../network/stepper.js';
import type { Encoder } from './encoders/index.js';
import type { RowReader } from './encoders/row-reader.js';

/**
 * What a stream takes at a time: of texts a piece, which may be a character or some words; of series a row, and of lists
 * a symbol.
 */
export type StreamStep<Input> = Input extends string
  ? string
  : Input extends ArrayLike<infer Step>
    ? Exclude<Step, undefined>
    : never;

/** @internal What a class reads and says. */
export interface StreamParts<Answer> {
  network: Network;
  encoder: Encoder<never>;
  /** A code that is read before the first step. */
  begin?: number;
  /**
   * Of classes that read more of a row than the encoder makes of it: what comes behind that. `values` is the row, NaN
   * for gaps, which `rows` has not taken yet; what is refused here is not read.
   */
  ahead?(call: string, rows: RowReader, values: Float64Array, options: unknown): ArrayLike<number>;
  /** Of classes that remember what the network said before: hears it at every step, which may not stay. */
  step?(outputs: Float64Array, stays: boolean): void;
  /** Of such classes: forgets it. */
  reset?(): void;
  /** What the class says, of the network's outputs; `rows` has read the series, if it is one. */
  answer(outputs: Float64Array, rows: RowReader | undefined): Answer;
}

const STEP = () => 'step';

/**
 * A sequence that comes step by step, made by a model's `stream`: after each step it says what the model says of the
 * whole sequence so far, to the bit, at the cost of one step. A model may have many, which share its weights, and see
 * the newest while `fit` runs. Normalisation, changes, gaps and windows are as in training.
 *
 * @typeParam Step a row or a symbol, or a piece of a text.
 * @typeParam Answer what the class says.
 * @typeParam Options of `push`: the covariates of a predictor.
 *
 * @example
 * const stream = classifier.stream();
 * stream.push(2).label; // after one step
 * stream.push(8).label; // after two
 * stream.reset(); // the next step begins a sequence
 */
export class SequenceStream<Step, Answer, Options = undefined> {
  readonly #parts: StreamParts<Answer>;
  readonly #stepper: Stepper;
  /** Of series: what was read, and the row on its way. */
  #rows: RowReader | undefined;
  readonly #values: Float64Array | undefined;
  #begun = false;

  /** @internal */
  constructor(call: string, parts: StreamParts<Answer>) {
    this.#parts = parts;
    const { network, encoder } = parts;
    const series = encoder.numericCoding;
    this.#rows = series?.reader(call);
    this.#values = series ? new Float64Array(series.channels) : undefined;
    this.#stepper = new Stepper(call, network, encoder.form);
  }

  /**
   * Reads a step, and says what the model says of all steps since the stream began, or was reset. No memory is taken
   * for it: **an answer that is an object or a list is written anew by the next call**, so copy what you keep.
   *
   * Of series a step is a row; with `window` a row too, and the answer is that of a series that ends with it. Of
   * lists a step is a symbol. Of texts it is a piece of any length but 0, cut between characters, and where steps are
   * words between words.
   *
   * @param options of a predictor with covariates: those of the rows to come, as `forecast` takes them.
   * @throws TypeError or RangeError for what is no step of such a sequence, which then was not read; TypeError after
   *   `free`, of the stream or of its model.
   */
  push(step: Step, options?: Options): Answer {
    const call = 'SequenceStream.push';
    const { encoder, begin, ahead, answer, step: hear } = this.#parts;
    this.#stepper.check(call);
    if (ahead === undefined && options !== undefined) checkOptions(call, options, []);
    const rows = this.#rows;
    const values = this.#values;
    if (rows !== undefined && values !== undefined) {
      encoder.numericCoding?.writeRow(call, STEP, step, values);
      const more = ahead?.(call, rows, values, options);
      rows.take(call, STEP, values);
      const { row } = this.#stepper;
      rows.write(row);
      if (more !== undefined) row.set(more, row.length - more.length);
      const outputs = this.#stepper.push(call, 0, rows.stays);
      hear?.(outputs, rows.stays);
      return answer(outputs, rows);
    }
    const { steps } = encoder.steps(call, 'step', encoder.alone(step));
    if (steps.length === 0) throw outOfRange(call, 'step', 'a text of at least one step', step);
    if (!this.#begun && begin !== undefined) this.#stepper.push(call, begin);
    this.#begun = true;
    for (const code of steps as ArrayLike<number> & Iterable<number>) {
      const outputs = this.#stepper.push(call, code);
      hear?.(outputs, true);
    }
    return answer(this.#stepper.outputs, undefined);
  }

  /** Forgets what was read: the next step begins a sequence. */
  reset(): void {
    const call = 'SequenceStream.reset';
    this.#stepper.reset(call);
    this.#begun = false;
    this.#parts.reset?.();
    this.#rows = this.#parts.encoder.numericCoding?.reader(call);
  }

  /** Gives the engine's memory back at once, instead of when the garbage collector finds it. */
  free(): void {
    this.#stepper.free();
  }
}
