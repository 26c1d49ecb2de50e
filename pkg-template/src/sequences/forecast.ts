// What a predictor reads at a step and is to answer there: rows of a series on the one side, inputs and targets of its
// network on the other.

import { checkNumber, describe, isVector, outOfRange, wrongType } from '../checks/errors.js';
import type { Numeric } from './encoders/numeric.js';
import type { Scale } from './encoders/scale.js';
import type { Attribution, Explanation } from './explanation.js';
import { checkList } from './ready.js';

/** Rows of a series, and the same as steps of the encoder. */
export interface Rows {
  /** (rows, channels), NaN for gaps. */
  values: number[][];
  /** (rows, size of the encoder). */
  steps: number[][];
  /** Index of the last row of the series; after it come rows of which the covariates are known. */
  last: number;
}

/** The value of a covariate in a row of these, and the field that it stands in. */
function covariateOf(
  call: string,
  field: string,
  row: unknown,
  name: string | number,
  place: number,
  count: number,
): { field: string; value: unknown } {
  if (isVector(row)) {
    if (row.length === count) return { field: `${field}[${place}]`, value: row[place] };
    throw new RangeError(`${call}: ${field} has ${row.length} values, the model has ${count} covariates`);
  }
  if (typeof row === 'object' && row !== null) {
    return { field: `${field}.${name}`, value: (row as Record<string, unknown>)[name] };
  }
  if (count === 1) return { field, value: row };
  throw wrongType(call, field, `an array of ${count} numbers, or an object of them`, row);
}

/** The places of channels that an option names. */
export function channelsOf(call: string, field: string, coding: Numeric, given: unknown): number[] {
  const seen = new Set<number>();
  return checkList(call, field, given).map((entry, index) => {
    const channel = coding.channelOf(call, `${field}[${index}]`, entry);
    if (seen.has(channel)) throw outOfRange(call, `${field}[${index}]`, 'a channel that has not come before', entry);
    seen.add(channel);
    return channel;
  });
}

/**
 * The layout of a predictor. At a step the network reads the row of the step, then of each of the `horizon` rows to
 * come the covariates; it answers with the outputs of each of these rows.
 */
export class Forecast {
  readonly coding: Numeric;
  /** Places of the channels that are predicted. */
  readonly outputs: readonly number[];
  /** Places of the channels that are known ahead. */
  readonly covariates: readonly number[];
  /** Rows that are predicted at once. */
  readonly horizon: number;

  constructor(call: string, coding: Numeric, outputs: unknown, covariates: unknown, horizon: number) {
    this.coding = coding;
    this.horizon = horizon;
    this.covariates = covariates === undefined ? [] : channelsOf(call, 'options.covariates', coding, covariates);
    const others = Array.from({ length: coding.channels }, (_, channel) => channel).filter(
      (channel) => !this.covariates.includes(channel),
    );
    this.outputs = outputs === undefined ? others : channelsOf(call, 'options.outputs', coding, outputs);
    if (this.outputs.length === 0) {
      throw outOfRange(call, 'options.covariates', 'fewer channels than all: one is to be predicted', covariates);
    }
    const both = this.outputs.find((channel) => this.covariates.includes(channel));
    if (both !== undefined) {
      const expected = `channels that are no covariates, as ${describe(coding.nameOf(both))} is`;
      throw outOfRange(call, 'options.outputs', expected, outputs);
    }
  }

  /** Numbers of a step that the network reads. */
  get inputSize(): number {
    const perChannel = this.coding.masked ? 2 : 1;
    return this.coding.size + this.horizon * this.covariates.length * perChannel;
  }

  /** Numbers that it answers with: those of the first row, then of the next. */
  get outputSize(): number {
    return this.horizon * this.outputs.length;
  }

  /** Channels that are neither predicted nor known ahead. */
  get unknown(): number[] {
    return Array.from({ length: this.coding.channels }, (_, channel) => channel).filter(
      (channel) => !this.outputs.includes(channel) && !this.covariates.includes(channel),
    );
  }

  /** What the network reads at a step; the covariates of all rows to come must be there. */
  input(steps: readonly number[][], step: number): number[] {
    const own = steps[step] as number[];
    if (this.covariates.length === 0) return own;
    return [...own, ...this.ahead(steps.slice(step + 1, step + 1 + this.horizon))];
  }

  /** What the network reads of the steps to come. */
  ahead(steps: readonly number[][]): number[] {
    const { channels, masked } = this.coding;
    const of = (offset: number) =>
      steps.flatMap((row) => this.covariates.map((channel) => row[offset + channel] as number));
    return masked ? [...of(0), ...of(channels)] : of(0);
  }

  /** What it is to answer at a step; null, which is not learnt from, where a value is missing. */
  target(steps: readonly number[][], step: number): number[] | null {
    const { channels, masked } = this.coding;
    const target: number[] = [];
    for (let ahead = 1; ahead <= this.horizon; ahead++) {
      const row = steps[step + ahead] as number[];
      for (const channel of this.outputs) {
        if (masked && row[channels + channel] === 0) return null;
        target.push(row[channel] as number);
      }
    }
    return target;
  }

  /** The output for a channel so many rows ahead, and what it is measured by. */
  outputOf(call: string, channel: unknown, ahead: unknown): { output: number; scale: Scale | undefined } {
    const { coding, horizon, outputs } = this;
    const place = channel === undefined ? 0 : outputs.indexOf(coding.channelOf(call, 'options.channel', channel));
    if (place < 0) throw outOfRange(call, 'options.channel', 'a channel that is predicted', channel);
    const row = checkNumber(call, 'options.ahead', ahead ?? 1, { min: 1, max: horizon, integer: true });
    return { output: (row - 1) * outputs.length + place, scale: coding.scaleOf(outputs[place] as number) };
  }

  /** An attribution by the rows of the series and, where there are covariates, by those of the rows to come. */
  explanation({ steps, answer, baseline }: Attribution): Explanation {
    const { channels, size } = this.coding;
    const count = this.covariates.length;
    const rows = Array.from(
      { length: steps.length + (count > 0 ? this.horizon : 0) },
      (_, row) => steps[row]?.slice(0, size) ?? new Float64Array(size),
    );
    steps.forEach((step, at) => {
      step.subarray(size).forEach((did, place) => {
        const ahead = Math.floor(place / count);
        // After the covariates of all rows comes what says that they are there.
        const row = rows[at + 1 + (ahead % this.horizon)] as Float64Array;
        const channel = (this.covariates[place % count] as number) + (ahead < this.horizon ? 0 : channels);
        row[channel] = (row[channel] as number) + did;
      });
    });
    return { answer, baseline, parts: this.coding.explained(rows.length, rows) };
  }

  /** The last value of each channel up to a row, NaN for those that have had none. */
  lastValues(values: readonly number[][], row: number): number[] {
    return Array.from({ length: this.coding.channels }, (_, channel) => {
      for (let at = row; at >= 0; at--) {
        const value = values[at]?.[channel] as number;
        if (!Number.isNaN(value)) return value;
      }
      return Number.NaN;
    });
  }

  /**
   * The `count` rows that follow those of a series, of which a user gives the covariates; none where the model has
   * none. What else such a row has is told from the last values, and not looked at.
   */
  future(call: string, field: string, values: readonly number[][], given: unknown, count: number): number[][] {
    const { coding, covariates } = this;
    if (covariates.length === 0) {
      if (given !== undefined) throw outOfRange(call, field, 'left out: the model has none', given);
      return [];
    }
    const list = checkList(call, field, given);
    if (list.length !== count) throw new RangeError(`${call}: ${field} has ${list.length} rows, expected ${count}`);
    const last = this.lastValues(values, values.length - 1);
    return list.map((row, ahead) => {
      const future = [...last];
      covariates.forEach((channel, place) => {
        const named = covariateOf(call, `${field}[${ahead}]`, row, coding.nameOf(channel), place, covariates.length);
        future[channel] = coding.value(call, () => named.field, named.value);
      });
      return future;
    });
  }

  /** An answer as rows of outputs in their units, after these last values of all channels, in `rows`: (horizon, outputs). */
  decode(
    answer: ArrayLike<number>,
    lastValues: ArrayLike<number>,
    rows: number[][] = Array.from({ length: this.horizon }, () => []),
  ): number[][] {
    const { coding, outputs } = this;
    rows.forEach((row, ahead) => {
      const before = rows[ahead - 1];
      for (let place = 0; place < outputs.length; place++) {
        const channel = outputs[place] as number;
        const last = before === undefined ? lastValues[channel] : before[place];
        row[place] = coding.decode(channel, answer[ahead * outputs.length + place] as number, last as number);
      }
    });
    return rows;
  }

  /** Refuses a series without a value that the changes of an output can start from; `lastValues` are those of channels. */
  checkStart(call: string, field: string, lastValues: ArrayLike<number>): void {
    const { coding, outputs } = this;
    const missing = outputs.find(
      (channel) => coding.differences[channel] !== false && Number.isNaN(lastValues[channel] as number),
    );
    if (missing === undefined) return;
    const name = describe(coding.nameOf(missing));
    throw new RangeError(`${call}: ${field} has no value of channel ${name}, expected one that changes can start from`);
  }

  /** The row that follows as a step: the first row of an answer, with covariates as they stand in another step. */
  next(answer: ArrayLike<number>, covariates: readonly number[] | undefined): number[] {
    const { coding, outputs } = this;
    // Of a predicted row every value is there.
    const step = covariates === undefined ? new Array<number>(coding.size).fill(1) : [...covariates];
    outputs.forEach((channel, place) => {
      step[channel] = answer[place] as number;
      if (coding.masked) step[coding.channels + channel] = 1;
    });
    return step;
  }
}
