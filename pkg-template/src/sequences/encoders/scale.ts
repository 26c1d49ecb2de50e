// Mean and deviation of the channels of series, and values measured by them. Every number that a double can hold
// is a value: nothing here gives Infinity or NaN.

import { checkNumber, checkObject, isVector, outOfRange, wrongType } from '../../checks/errors.js';

/** What values of one channel are measured by. */
export interface Scale {
  readonly mean: number;
  /** Standard deviation over the training set; 0 for a channel that stands still. */
  readonly deviation: number;
}

/**
 * A channel stands still if its deviation is this small beside its mean. Rounding alone makes deviations of up to
 * about 1e-13 of the mean in sets of millions of steps. What is measured moves by more, also times in milliseconds that
 * are counted from 1970.
 */
const STILL = 1e-12;
/** Most deviations from the mean that a value is given out as: finite also in single precision, times weights. */
const FARTHEST = 1e30;
/** From here on squares are computed of values shifted by a power of two, which changes no digit. */
const LARGE = 1e100;
const SHIFT = 2 ** 700;

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Mean and deviation of values, of which there may be none, in two passes. */
export function scaleOf(values: readonly number[]): Scale {
  let [least, most] = [0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const size = Math.max(-least, most);
  if (size === 0) return { mean: 0, deviation: 0 };
  const factor = size > LARGE ? 1 / SHIFT : size < 1 / LARGE ? SHIFT : 1;
  const mean = values.reduce((sum, value) => sum + value * factor, 0) / values.length;
  const squares = values.reduce((sum, value) => {
    const difference = value * factor - mean;
    // A product, not a power, which engines may round in their own ways.
    return sum + difference * difference;
  }, 0);
  const deviation = Math.sqrt(squares / values.length);
  const still = deviation <= STILL * Math.abs(mean);
  return {
    // Rounding may lead a little beyond the largest value, which may be the largest number.
    mean: clamp(mean / factor, least, most),
    deviation: still ? 0 : Math.min(deviation / factor, Number.MAX_VALUE),
  };
}

/** The scales of a file's `count` channels, which are stored as two lists, `mean` and `deviation`; `owner` has so many. */
export function scalesOf(call: string, field: string, stored: unknown, count: number, owner: string): Scale[] {
  const { mean, deviation } = checkObject(call, field, stored);
  const numbers = (name: string, values: unknown): number[] => {
    if (!isVector(values)) throw wrongType(call, `${field}.${name}`, `an array of ${count} numbers`, values);
    if (values.length !== count) {
      throw new RangeError(`${call}: ${field}.${name} has ${values.length} values, ${owner} has ${count}`);
    }
    return Array.from(values, (value, index) => checkNumber(call, `${field}.${name}[${index}]`, value));
  };
  const [means, deviations] = [numbers('mean', mean), numbers('deviation', deviation)];
  if (!deviations.every((value) => value >= 0)) {
    throw outOfRange(call, `${field}.deviation`, 'numbers of at least 0', deviation);
  }
  return means.map((value, channel) => ({ mean: value, deviation: deviations[channel] ?? 0 }));
}

/** A value in deviations from the mean; 0 always where the channel stands still. */
export function standardise(value: number, { mean, deviation }: Scale): number {
  if (deviation === 0) return 0;
  const difference = value - mean;
  const scaled = Number.isFinite(difference) ? difference / deviation : (value / 2 - mean / 2) / (deviation / 2);
  return clamp(scaled, -FARTHEST, FARTHEST);
}

/** The value that so many deviations from the mean stand for. */
export function restore(scaled: number, { mean, deviation }: Scale): number {
  if (deviation === 0) return mean;
  const value = scaled * deviation + mean;
  if (Number.isFinite(value)) return value;
  return clamp(2 * ((scaled / 2) * deviation + mean / 2), -Number.MAX_VALUE, Number.MAX_VALUE);
}
