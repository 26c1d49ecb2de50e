// The demo page, driven as a person would, with and without isolation headers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { serve } from '../../scripts/serve.mjs';
import { openChromium } from './drivers.mjs';

let browser;
before(async () => {
  browser = await openChromium();
});
after(() => browser.close());

for (const isolated of [true, false]) {
  test(`the demo page trains, draws and classifies, isolated: ${isolated}`, { timeout: 180_000 }, async () => {
    const server = await serve({ port: 0, isolated });
    const { page, problems } = browser;
    const pixels = () => page.evaluate(() => document.getElementById('weights').toDataURL());
    try {
      await browser.go(`http://localhost:${server.address().port}/`);
      await page.fill('#epochs', '25');
      await page.click('#train');
      await page.waitForFunction(() => /^Epoch [2-9]/.test(document.getElementById('status').textContent));
      const first = await pixels();
      await page.fill('#name', 'mehmet');
      assert.match(await page.textContent('#classes'), /turkish[\d.]+ %italian[\d.]+ %/);
      // The drawn weights move while it trains.
      await page.waitForFunction((old) => document.getElementById('weights').toDataURL() !== old, first);
      assert.match(await page.textContent('#status'), /^Epoch/);

      await page.click('#pause');
      await page.waitForTimeout(400);
      const paused = await pixels();
      await page.waitForTimeout(300);
      assert.equal(await pixels(), paused, 'paused');
      await page.click('#pause');

      await page.waitForFunction(() => /^Done/.test(document.getElementById('status').textContent), null, {
        timeout: 120_000,
      });
      const accuracy = Number(await page.getAttribute('body', 'data-accuracy'));
      assert.ok(accuracy >= 0.8, `accuracy ${accuracy}`);
      assert.match(await page.textContent('#sharing'), isolated ? /share one memory/ : /has a copy/);

      await page.click('#train');
      await page.waitForFunction(() => /^Epoch/.test(document.getElementById('status').textContent));
      await page.click('#stop');
      await page.waitForFunction(() => /^Stopped/.test(document.getElementById('status').textContent));
      assert.deepEqual(problems, []);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
