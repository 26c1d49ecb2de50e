// Channels as changes from row to row, and back: a series that rises without end has changes that stay where they are.

import { checkChoice, checkOptions, isVector, outOfRange, wrongType } from '../../checks/errors.js';

/** How the values of a channel are read: as they are, as differences, or as shares of the value before. */
export type Difference = boolean | 'relative';

/** {@link Difference} of all channels, or of each that has one, by its name or place. */
export type Differences = Difference | { readonly [channel: string]: Difference };

const finite = (value: number): number => Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);

function checkDifference(call: string, field: string, value: unknown): Difference {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return checkChoice(call, field, value, ['relative']);
  throw wrongType(call, field, "true, false or 'relative', or an object of these by channel", value);
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

/** Reads a series row by row, as changes from the last value of each channel that was there. */
export class Changes {
  readonly #kinds: readonly Difference[];
  readonly #first: number;
  /** The last value of each channel that was there; NaN before. */
  readonly last: Float64Array;

  /** @param first stands for the change of a first value, of which there is none. */
  constructor(kinds: readonly Difference[], first: number, last = new Float64Array(kinds.length).fill(Number.NaN)) {
    this.#kinds = kinds;
    this.#first = first;
    this.last = last;
  }

  /**
   * Writes the changes of a row over its values. NaN, a gap, stays.
   *
   * @throws RangeError for numbers of a relative channel that are not above 0; `fieldOf` names the row.
   */
  take(call: string, fieldOf: () => string, row: Float64Array): void {
    const kinds = this.#kinds;
    for (let channel = 0; channel < kinds.length; channel++) {
      const value = row[channel] as number;
      if (kinds[channel] !== 'relative' || Number.isNaN(value) || value > 0) continue;
      const expected = "a number above 0 (difference: 'relative' divides by it; difference: true takes any)";
      throw outOfRange(call, kinds.length === 1 ? fieldOf() : `${fieldOf()}[${channel}]`, expected, value);
    }
    for (let channel = 0; channel < kinds.length; channel++) {
      const value = row[channel] as number;
      if (Number.isNaN(value)) continue;
      const before = this.last[channel] as number;
      this.last[channel] = value;
      const kind = kinds[channel] as Difference;
      if (kind !== false) row[channel] = Number.isNaN(before) ? this.#first : changeOf(kind, before, value);
    }
  }

  /** Changes that go on from here on their own. */
  copy(): Changes {
    return new Changes(this.#kinds, this.#first, this.last.slice());
  }
}
