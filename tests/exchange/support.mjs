// What the tests of exchange have in common.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Vectors that a real library has made: those kept here, or newer ones in the folder of ENGRAM_EXCHANGE_VECTORS. */
export function vectors(name) {
  const kept = fileURLToPath(new URL(`vectors/${name}.json.gz`, import.meta.url));
  const newer = join(process.env.ENGRAM_EXCHANGE_VECTORS ?? 'none', `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(existsSync(newer) ? newer : kept)));
}
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
