// A short form of the fuzzing that RELIABILITY.md reports, and what it has found so far.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { SEED } from '../support/random.mjs';
import { targets } from './targets.mjs';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

function fuzz(t, ...args) {
  const all = ['--expose-gc', ...args, '--seconds', '10', '--seed', String(SEED)];
  const { stdout, stderr, status } = spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 100_000 });
  t.diagnostic(stdout.trim());
  assert.equal(status, 0, stdout + stderr.slice(0, 4000));
}
const corpus = JSON.parse(readFileSync(new URL('corpus.json', import.meta.url), 'utf8'));

for (const target of Object.keys(targets)) {
  test(`fuzzing ${target}`, { timeout: 120_000 }, (t) => fuzz(t, script('fuzz.mjs'), '--target', target));
}

test('fuzzing the messages between page and worker', { timeout: 120_000 }, (t) => fuzz(t, script('worker.mjs')));

/** JSON knows no holes and no numbers that are not finite: both are written as texts. */
function revive(value) {
  if (value === 'NaN') return NaN;
  if (value === 'Infinity') return Infinity;
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revive(entry)]));
  const list = new Array(value.length);
  value.forEach((entry, index) => {
    if (entry !== 'hole') list[index] = revive(entry);
  });
  return list;
}

for (const { target, about, value } of corpus) {
  test(`found before: ${about}`, async () => {
    try {
      await targets[target].execute(revive(value));
    } catch (error) {
      assert.ok(error instanceof TypeError || error instanceof RangeError, error.stack);
      assert.match(error.message, /^(new )?[A-Za-z][\w.]+: /);
    }
  });
}
