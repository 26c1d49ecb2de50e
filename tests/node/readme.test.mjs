// Every JavaScript block of the README, of the migration guide and of the recipes runs as it stands.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const recipes = readdirSync(new URL('../../docs/recipes', import.meta.url)).map((name) => `docs/recipes/${name}`);

for (const name of ['README.md', 'MIGRATION.md', ...recipes]) {
  const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

  test(`every JavaScript block of ${name} is found`, () => {
    const fences = text.match(/^\s*```(js|javascript|mjs|jsx|ts)\b/gm);
    assert.ok(fences.length > 0);
    assert.equal(blocks.length, fences.length);
  });

  for (const [index, code] of blocks.entries()) {
    test(`${name} block ${index + 1} runs`, async () => {
      // Beside this test, so that `engram` is found.
      const file = fileURLToPath(new URL(`${name.replaceAll('/', '-')}-block-${index + 1}.tmp.mjs`, import.meta.url));
      writeFileSync(file, code);
      try {
        const { stdout } = await run(process.execPath, [file], { timeout: 60_000 });
        if (name === 'README.md' && index === 0) {
          const [error, accuracy] = stdout.split(/\s/, 2).map(Number);
          assert.ok(error < 0.1 && accuracy === 1, stdout);
        }
      } finally {
        rmSync(file, { force: true });
      }
    });
  }
}
