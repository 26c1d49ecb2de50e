// What Node and Python do alike is what the vectors say; python/tests holds Python to the same files.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { vectors } from '../vectors/cases.mjs';

const now = JSON.parse(JSON.stringify(await vectors()));

for (const [name, cases] of Object.entries(now)) {
  const stored = JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
  test(`${name}: the vectors are complete`, () => assert.deepEqual(Object.keys(stored), Object.keys(cases)));
  for (const [about, expected] of Object.entries(stored)) {
    test(`${name}: ${about}`, () => assert.deepEqual(cases[about], expected));
  }
}
