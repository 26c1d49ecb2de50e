// npm run bench:rocket-page: seconds of a fit of RocketClassifier in Node and in a page of Chromium, on one thread and on
// two, the fastest of five each, in turns; and how many times longer the page takes.

import { cpus } from 'node:os';
import { join } from 'node:path';
import { RocketClassifier } from 'engram/rocket';
import { chromium } from 'playwright-core';

import { serve, strict } from '../scripts/serve.mjs';
import { ask, root } from '../scripts/toolchain.mjs';
import { fastest, SHAPE } from './page/rocket.js';

const ROUNDS = 5;
const policy = strict.replace("worker-src 'self'", "worker-src 'self' blob:");
const server = await serve({ port: 0, folder: join(root, 'benches'), policy });
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];
const browser = await chromium.launch({ executablePath: ask('which', 'chromium'), args });
const page = await browser.newPage();
await page.goto(`http://localhost:${server.address().port}/page/rocket.html`, { waitUntil: 'load' });
await page.waitForFunction(() => globalThis.rocket !== undefined);

const { count, steps } = SHAPE;
console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}, Chromium ${browser.version()}`);
console.log(`RocketClassifier, ${count} series of ${steps} steps\n`);
console.log('| threads | Node, s | Chromium, s | times |\n| --- | --- | --- | --- |');
for (const threads of [1, 2]) {
  const [node, chrome] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    node.push(await fastest(RocketClassifier, threads, 1));
    chrome.push(await page.evaluate((asked) => globalThis.rocket(asked, 1), threads));
  }
  const [ours, theirs] = [Math.min(...node), Math.min(...chrome)];
  console.log(`| ${threads} | ${ours.toFixed(2)} | ${theirs.toFixed(2)} | ${(theirs / ours).toFixed(2)} |`);
}
await browser.close();
server.close();
