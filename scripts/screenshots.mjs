// npm run screenshots: pictures of the workbench in its main states, into www/screenshots/, and the
// one that the README shows.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { openChromium } from '../tests/browser/drivers.mjs';
import { buildPage } from './build.mjs';
import { serve } from './serve.mjs';
import { root } from './toolchain.mjs';

const folder = join(root, 'www/screenshots');
const states = {
  wide: { width: 1360, colorScheme: 'light' },
  dark: { width: 1360, colorScheme: 'dark' },
  narrow: { width: 390, colorScheme: 'light' },
  series: { width: 1360, colorScheme: 'light', set: 'movements' },
};

await buildPage();
mkdirSync(folder, { recursive: true });
const server = await serve({ port: 0 });
const browser = await openChromium();
const { page } = browser;
try {
  for (const [name, { width, colorScheme, set }] of Object.entries(states)) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await browser.go(`http://localhost:${server.address().port}/`);
    if (set !== undefined) await browser.choose('#set', set);
    await browser.click('#train');
    await browser.waitFor("/^Done/.test(document.getElementById('status').textContent)", 120_000);
    await browser.waitFor("document.querySelectorAll('#confusion button').length > 0");
    await page.focus('#timeline');
    await page.keyboard.press('End');
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    console.log(`www/screenshots/${name}.png`);
    if (name === 'wide') {
      await page.screenshot({ path: join(root, 'www/screenshot.jpg'), type: 'jpeg', quality: 35, fullPage: true });
    }
  }
} finally {
  await browser.close();
  server.close();
}
