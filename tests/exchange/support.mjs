// What the tests of exchange have in common.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Vectors that a real library has made. */
export const vectors = (name) =>
  JSON.parse(gunzipSync(readFileSync(new URL(`vectors/${name}.json.gz`, import.meta.url))));
export const bytes = (base64) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** Fails where two lists of numbers, however deep, differ by more than a tolerance. */
export function assertClose(actual, expected, tolerance, what = 'output') {
  if (typeof expected === 'number') {
    assert.ok(
      Math.abs(actual - expected) <= tolerance,
      `${what} is ${actual}, expected ${expected} within ${tolerance}`,
    );
    return;
  }
  assert.equal(actual.length, expected.length, `${what}: length`);
  expected.forEach((value, index) => {
    assertClose(actual[index], value, tolerance, `${what}[${index}]`);
  });
}

export const oneHot = (size, symbol) => Array.from({ length: size }, (_, index) => Number(index === symbol));
/** Steps as a network takes them, of symbols or of rows. */
export const stepsOf = (size, steps) => steps.map((step) => (typeof step === 'number' ? oneHot(size, step) : step));
