// Every JavaScript block of the README, of the migration guide and of the recipes runs as it stands.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What each recipe has to print. */
const PRINTS = {
  'anomalies.md': /^minute 120: 67\.\d instead of 63\.\d\n/,
  'appliance-currents.md': /^(1|0\.9\d*)\n$/,
  'chat-replies.md': /^A ticket is 12\.\nBus 7, third stop\.\n$/,
  'gestures.md': /accuracy: 1 }\n\]\ncircle\n$/,
  'moods.md': /^(1|0\.9\d*) cross dreadful\n$/,
  'next-note.md': /^G4\/4 true true\n$/,
  'outlines.md': /^(1|0\.9\d*)\n$/,
  'sensor-windows.md': /^(1|0\.9\d*)\ntrue new \w+\(.*\)\n$/,
  'stock-and-temperature.md': /^(true\n){3}no advice -/,
};
const recipes = readdirSync(new URL('../../docs/recipes', import.meta.url)).filter((name) => name !== 'README.md');

test('every recipe has its test, and its line in the list', () => {
  assert.deepEqual(recipes.sort(), Object.keys(PRINTS));
  const list = readFileSync(new URL('../../docs/recipes/README.md', import.meta.url), 'utf8');
  for (const recipe of recipes) assert.ok(list.includes(`(${recipe})`), recipe);
});

for (const name of ['README.md', 'MIGRATION.md', ...recipes.map((recipe) => `docs/recipes/${recipe}`)]) {
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
        if (name.startsWith('docs/recipes/')) assert.match(stdout, PRINTS[name.slice('docs/recipes/'.length)]);
      } finally {
        rmSync(file, { force: true });
      }
    });
  }
}
