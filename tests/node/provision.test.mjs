// Where the engine comes from when several entries are loaded: one that has none leaves it to the others.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/toolchain.mjs';

const program = (...entries) => `
  for (const entry of ${JSON.stringify(entries)}) await import(entry);
  const { Architect } = await import(${JSON.stringify(entries[0])});
  console.log(new Architect.Perceptron(2, 3, 1).activate([0, 1]).length);
`;

test('an entry whose file is lost takes the engine of the next, in any order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-provision-'));
  try {
    const dist = join(root, 'pkg/dist');
    cpSync(dist, folder, { recursive: true });
    rmSync(join(folder, 'engram.wasm'));
    const [lost, whole] = [folder, dist].map((place) => `file://${join(place, 'library.js')}`);
    const run = (...entries) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program(...entries)], { encoding: 'utf8' });
    for (const entries of [[lost, whole], [whole, lost], [whole]]) {
      const { stdout, stderr } = run(...entries);
      assert.equal(stdout, '1\n', stderr);
    }
    assert.match(run(lost).stderr, /TypeError: engram: the engine is not there yet, and no engram.wasm is beside/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
