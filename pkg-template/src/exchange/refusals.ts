// What a model has that engram has not, refused by name.

import { describe } from '../checks/errors.js';
import type { SquashName } from '../graph/json-types.js';
import type { OutputKind } from '../network/architect.js';

/** The squash of a kind of output. */
export const squashOf = (kind: OutputKind): SquashName =>
  ({ logistic: 'LOGISTIC', softmax: 'SOFTMAX', linear: 'IDENTITY' })[kind] as SquashName;

/** A number in single precision, refused where that does not reach. */
export function single(call: string, value: number): number {
  const rounded = Math.fround(value);
  if (Number.isFinite(rounded)) return rounded;
  throw new RangeError(`${call}: ${value} is too large for single precision`);
}

/** Refuses a file with weights that no layer has taken. */
export function refuseUnknown(call: string, left: readonly string[]): void {
  if (left.length === 0) return;
  const names = left.slice(0, 5).map(describe).join(', ');
  const more = left.length > 5 ? ` and ${left.length - 5} more` : '';
  throw new RangeError(`${call}: the file has ${names}${more}, which belong to no layer that engram has`);
}
