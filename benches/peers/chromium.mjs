// engram in a page of Chromium: for how long `fit` blocks the page at a time. Memory is not measured there: the heap that
// Chromium tells of lacks the engine's.

import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { serve } from '../../scripts/serve.mjs';
import { ask, root } from '../../scripts/toolchain.mjs';

/** Longest task of the page's own thread in a trace of Chromium's, in seconds: its own time, and that which passed. */
function longestTask(trace) {
  const { traceEvents } = JSON.parse(trace);
  // The page's renderer is the one that the mark of the page comes from; others are spare.
  const { pid, tid } = traceEvents.find(({ name }) => name === MARK);
  const tasks = traceEvents.filter((event) => event.name === 'RunTask' && event.pid === pid && event.tid === tid);
  const longest = (field) => Math.max(...tasks.map((task) => task[field] ?? 0)) / 1e6;
  return { blocked: longest('tdur'), gap: longest('dur') };
}

/** What `performance.mark` of the page is called. */
const MARK = 'texts';

export const texts = async ({ corpus }) => {
  const server = await serve({ port: 0, folder: join(root, 'benches') });
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];
  const browser = await chromium.launch({ executablePath: ask('which', 'chromium'), args });
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/page/texts.html`, { waitUntil: 'load' });
  await page.evaluate((asked) => globalThis.texts.prepare(asked), corpus);
  return {
    once: true,
    work: async () => {
      await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', 'blink.user_timing'] });
      await page.evaluate((mark) => performance.mark(mark), MARK);
      const seconds = await page.evaluate((asked) => globalThis.texts.fit(asked), corpus);
      const trace = await browser.stopTracing();
      await browser.close();
      return { seconds, ...longestTask(trace) };
    },
  };
};
