// What all files of engram/rocket begin with.

import { checkObject, outOfRange } from '../checks/errors.js';

/** Checks that a file is one of a type, in the format that this version reads, and gives its fields. */
export function checkStored(call: string, json: unknown, type: string): Record<string, unknown> {
  const stored = checkObject(call, 'json', json);
  if (stored.engram !== 2)
    throw outOfRange(call, 'json.engram', '2 (the format that this version reads)', stored.engram);
  if (stored.type !== type) throw outOfRange(call, 'json.type', `'${type}'`, stored.type);
  return stored;
}
