// Channels as changes from row to row, and back: a series that rises without end has changes that stay where they are.

import { checkChoice, checkOptions, isVector, outOfRange } from '../../checks/errors.js';

/** How the values of a channel are read: as they are, as differences, or as shares of the value before. */
export type Difference = boolean | 'relative';

/** {@link Difference} of all channels, or of each that has one, by its name or place. */
export type Differences = Difference | { readonly [channel: string]: Difference };

const finite = (value: number): number => Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);

function checkDifference(call: string, field: string, value: unknown): Difference {
  return typeof value === 'boolean' ? value : checkChoice(call, field, value, ['relative']);
}

/** How each channel is read; `channels` are their names. */
export function checkDifferences(
  call: string,
  field: string,
  value: unknown,
  channels: readonly string[],
): Difference[] {
  if (typeof value !== 'object' || value === null || isVector(value)) {
    return channels.map(() => checkDifference(call, field, value));
  }
  const given = checkOptions<Record<string, unknown>>(call, value, channels, field);
  return channels.map((name) =>
    checkDifference(call, `${field}.${name}`, Object.hasOwn(given, name) ? given[name] : false),
  );
}

/** The change from a value to the next one. */
function changeOf(kind: Difference, before: number, value: number): number {
  if (kind === false) return value;
  return finite(kind === 'relative' ? value / before - 1 : value - before);
}

/** The value that a change leads to: what {@link changesOf} takes back. */
export function changed(kind: Difference, before: number, change: number): number {
  if (kind === false) return change;
  return finite(kind === 'relative' ? before + before * change : before + change);
}

/**
 * The rows of a series as changes from the last value of each channel that was there; of a first value there is no
 * change, and `first` stands for it. NaN, a gap, stays.
 *
 * @throws RangeError for numbers of a relative channel that are not above 0; `fieldOf` names a row.
 */
export function changesOf(
  call: string,
  fieldOf: (row: number) => string,
  rows: readonly number[][],
  kinds: readonly Difference[],
  first: number,
): number[][] {
  const last = kinds.map(() => Number.NaN);
  return rows.map((row, index) =>
    row.map((value, channel) => {
      const kind = kinds[channel] ?? false;
      if (kind === false || Number.isNaN(value)) return value;
      if (kind === 'relative' && !(value > 0)) {
        const expected = "a number above 0 (difference: 'relative' divides by it; difference: true takes any)";
        throw outOfRange(call, kinds.length === 1 ? fieldOf(index) : `${fieldOf(index)}[${channel}]`, expected, value);
      }
      const before = last[channel] as number;
      last[channel] = value;
      return Number.isNaN(before) ? first : changeOf(kind, before, value);
    }),
  );
}
