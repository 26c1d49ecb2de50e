// "What works best here?" in the workbench, pressed as a person would, in three browsers.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { serve, strict } from '../../scripts/serve.mjs';
import { openChromium, openFirefox, openWebKit } from './drivers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'engram-compare-'));
after(() => rmSync(folder, { recursive: true }));
// A TypeScript compiler would take the file for its own.
const vowels = join(folder, 'japanese-vowels.ts');
copyFileSync(join(import.meta.dirname, 'sets/japanese-vowels.txt'), vowels);

// Rocket's workers come from a blob.
const policy = strict.replace("worker-src 'self'", "worker-src 'self' blob:");

const says = (pattern) => `${pattern}.test(document.getElementById('compare-status').textContent)`;
const PROGRESS = "document.getElementById('compare-progress')";
/** The table: [name, share that is right, time of a fit, line of code] of each model. */
const rows = async (browser) => {
  const cells = "[...document.querySelectorAll('#compare-table td')].map(({ textContent }) => textContent)";
  const texts = JSON.parse(await browser.evaluate(`JSON.stringify(${cells})`));
  return Array.from({ length: texts.length / 4 }, (_, row) => texts.slice(4 * row, 4 * row + 4));
};

async function visit(browser, url) {
  await browser.go(`${url}?isolation=no`);
  await browser.waitFor("document.querySelectorAll('#set option').length > 3");

  // Speakers by their vowels.
  await browser.upload('#own-file', vowels);
  await browser.waitFor("/90 samples of 9 labels/.test(document.getElementById('status').textContent)");
  await browser.fill('#compare-seconds', '25');
  await browser.click('#compare');
  await browser.waitFor(`!${PROGRESS}.hidden && ${PROGRESS}.value > 0`, 60_000);
  assert.match(await browser.text('#compare-status'), /^\d+ of 20 fits, \d+ s\.$/);
  await browser.waitFor(says('/^Done\\. Best: /'), 90_000);
  const table = await rows(browser);
  assert.deepEqual(table.map(([name]) => name).sort(), ['LSTM', 'LSTM, both ways', 'convolution', 'rocket']);
  const [[, right, , code]] = table;
  assert.ok(Number.parseFloat(right) >= 80, right);
  assert.match(code, /^new (SequenceClassifier|RocketClassifier)\(\{ labels: \["1", "2", .*12.*seed: 1 \}\)$/);
  assert.ok(await browser.evaluate(`${PROGRESS}.hidden`));

  // Gestures that are drawn; stopped, then to the end.
  await browser.choose('#set', 'movements');
  assert.equal(await browser.text('#compare-table'), '');
  await browser.fill('#compare-seconds', '600');
  await browser.click('#compare');
  await browser.waitFor(`${PROGRESS}.value > 0`, 60_000);
  await browser.click('#compare-stop');
  await browser.waitFor(says('/^Stopped\\. /'), 10_000);
  await browser.fill('#compare-seconds', '15');
  await browser.click('#compare');
  await browser.waitFor(says('/^Done\\. Best: /'), 60_000);
  const [[, best]] = await rows(browser);
  assert.ok(Number.parseFloat(best) >= 80, best);
}

for (const [name, open] of Object.entries({ Chromium: openChromium, Firefox: openFirefox, WebKit: openWebKit })) {
  test(`${name}: tries models on speakers and on gestures`, { timeout: 300_000 }, async (t) => {
    const browser = await open({ isolated: true });
    if (browser === null) return t.skip(`${name} can't be installed here`);
    const server = await serve({ port: 0, isolated: true, policy });
    try {
      await visit(browser, `http://localhost:${server.address().port}/`);
      assert.deepEqual(browser.problems ?? [], []);
    } finally {
      await browser.close();
      server.closeAllConnections();
      server.close();
    }
  });
}
