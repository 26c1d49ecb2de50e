// Every JavaScript block of docs/exchange.md runs as it stands, and its Python is what the tests run.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const guide = readFileSync(new URL('../../docs/exchange.md', import.meta.url), 'utf8');
const run = promisify(execFile);
const blocks = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

test('the guide has blocks', () => assert.ok(blocks.length >= 3));

for (const [index, code] of blocks.entries()) {
  test(`block ${index + 1} of the guide runs, and says what it says`, async () => {
    const file = fileURLToPath(new URL(`guide-block-${index + 1}.tmp.mjs`, import.meta.url));
    writeFileSync(file, code);
    try {
      const { stdout } = await run(process.execPath, [file], { timeout: 120_000 });
      const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) =>
        text.replace(/^'(.*)'$/, '$1'),
      );
      assert.deepEqual(stdout.trim().split('\n'), said);
    } finally {
      rmSync(file, { force: true });
    }
  });
}

test('the Python that loads a network is the file that the tests run', () => {
  const loader = readFileSync(new URL('load_engram.py', import.meta.url), 'utf8');
  assert.ok(guide.includes(`\`\`\`python\n${loader}\`\`\``));
});
