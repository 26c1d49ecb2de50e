// How samples fall into those that are trained on and those that are held out to judge by.

import { checkChoice, checkNumber, isVector, outOfRange, wrongType } from '../checks/errors.js';
import type { NamedInput } from './encoders/coding.js';

/** What is trained on, and what is held out to judge by. */
export interface Parts<T> {
  trained: T[];
  heldOut: T[];
}

/** Holds out samples of their own, which `check` checks, or a share of all, those that `order` puts last. */
export function splitSamples<Checked>(
  call: string,
  all: Checked[],
  validation: unknown,
  check: (field: string, samples: unknown) => Checked[],
  order: (samples: Checked[]) => Checked[],
): Parts<Checked> {
  if (Array.isArray(validation)) return { trained: all, heldOut: check('options.validation', validation) };
  if (validation === undefined || validation === 0) return { trained: all, heldOut: [] };
  if (typeof validation !== 'number') {
    throw wrongType(call, 'options.validation', 'an array of samples or a number between 0 and 1', validation);
  }
  const share = checkNumber(call, 'options.validation', validation, { min: 0, max: 1 });
  const end = all.length - Math.round(share * all.length);
  if (end < 1 || end >= all.length) {
    const expected = `a share that holds out some and not all of ${all.length} samples`;
    throw outOfRange(call, 'options.validation', expected, share);
  }
  const ordered = order(all);
  return { trained: ordered.slice(0, end), heldOut: ordered.slice(end) };
}

/** A series, and the first of its steps that is a target; those before are context. */
export interface PartedSeries extends NamedInput {
  /** Index of that step. */
  from: number;
}

/** A count as messages say it. */
export const inWords = (count: number): string => (count === 2 ? 'two' : String(count));

/**
 * Each series as two: its begin to train on, and all of it, of which a share at the end is judged; undefined where whole
 * series are to be held out. `horizon` steps at least are judged.
 */
export function splitEnds(
  call: string,
  series: PartedSeries[],
  validation: unknown,
  holdOut: unknown,
  horizon: number,
): Parts<PartedSeries> | undefined {
  if (holdOut !== undefined) {
    checkChoice(call, 'options.holdOut', holdOut, ['series', 'end']);
    if (typeof validation !== 'number') {
      throw outOfRange(call, 'options.holdOut', 'left out where validation is no share', holdOut);
    }
  }
  if (typeof validation !== 'number' || validation === 0) return;
  if ((holdOut ?? (series.length === 1 ? 'end' : 'series')) === 'series') return;
  const share = checkNumber(call, 'options.validation', validation, { min: 0, max: 1 });
  const heldOut = series.map(({ input, field, weight }, index) => {
    if (!isVector(input)) throw wrongType(call, field, 'an array of steps', input);
    const from = input.length - Math.round(share * input.length);
    if (from < 1 + horizon || from + horizon > input.length) {
      const some = horizon === 1 ? 'some' : `at least ${horizon}`;
      const expected = `a share that holds out ${some} steps of ${input.length} and leaves at least ${inWords(1 + horizon)}`;
      throw outOfRange(call, 'options.validation', `${expected}${index > 0 ? ` (${field})` : ''}`, share);
    }
    return { input, field, weight, from };
  });
  const begin = ({ input, from }: PartedSeries) => Array.from(input as ArrayLike<unknown>).slice(0, from);
  return { trained: heldOut.map((series) => ({ ...series, input: begin(series), from: 1 })), heldOut };
}
