// Series as users give them, as the engine reads them.

import { describe, isVector, outOfRange, wrongType } from '../checks/errors.js';
import type { FlatSeries } from './protocol.js';

/** A series: a number per step, or a row of channels per step. Numbers are kept in single precision. */
export type RocketSeries = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** A series, and what errors call it. */
export interface NamedSeries {
  field: string;
  input: unknown;
}

/** Sums of nine times three such numbers are finite in single precision. */
const LARGEST = 1e36;
/** Counts of steps are exact in single precision below. */
const MOST_STEPS = 2 ** 24 - 1;
/** Numbers of a set: half a gigabyte. */
const MOST_NUMBERS = 2 ** 27;

/** Checks series and copies them. */
export function flatSeries(call: string, inputs: readonly NamedSeries[], channels: number): FlatSeries {
  let total = 0;
  const lengths = Uint32Array.from(inputs, ({ field, input }) => {
    const expected = channels === 1 ? 'an array of numbers' : `an array of steps, each an array of ${channels} numbers`;
    if (!isVector(input)) throw wrongType(call, field, expected, input);
    if (input.length === 0) throw outOfRange(call, field, 'a series of at least one step', input);
    if (input.length > MOST_STEPS) throw outOfRange(call, field, `a series of at most ${MOST_STEPS} steps`, input);
    total += input.length * channels;
    return input.length;
  });
  if (total > MOST_NUMBERS) {
    throw new RangeError(`${call}: the series have ${total} numbers in all, at most ${MOST_NUMBERS} are allowed`);
  }
  const values = new Float32Array(total);
  let start = 0;
  for (const { field, input } of inputs) {
    const series = input as ArrayLike<unknown>;
    for (let step = 0; step < series.length; step++) {
      const entry = series[step];
      if (channels === 1 && typeof entry === 'number') values[start + step] = finite(call, `${field}[${step}]`, entry);
      else
        copyRow(call, `${field}[${step}]`, entry, channels, (channel, value) => {
          values[start + channel * series.length + step] = value;
        });
    }
    start += series.length * channels;
  }
  return { channels, lengths, values };
}

function copyRow(
  call: string,
  field: string,
  row: unknown,
  channels: number,
  take: (channel: number, value: number) => void,
): void {
  const expected = channels === 1 ? 'a finite number' : `an array of ${channels} numbers`;
  if (!isVector(row)) throw wrongType(call, field, expected, row);
  if (row.length !== channels) {
    throw new RangeError(`${call}: ${field} has ${row.length} values, the option channels says ${channels}`);
  }
  for (let channel = 0; channel < channels; channel++) {
    take(channel, finite(call, `${field}[${channel}]`, row[channel]));
  }
}

function finite(call: string, field: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(call, field, 'a finite number', value);
  if (!(Math.abs(value) <= LARGEST)) {
    throw new RangeError(`${call}: ${field} is ${describe(value)}, expected a finite number, of at most 1e36 in size`);
  }
  return value;
}
