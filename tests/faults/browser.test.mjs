// The rows of RELIABILITY.md that happen in a page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { openChromium } from '../browser/drivers.mjs';

const LIMIT = { timeout: 120_000 };
let server;
let browser;
let url;
before(async () => {
  server = await serve({ port: 0 });
  url = `http://localhost:${server.address().port}/tests/faults/page.html`;
  browser = await openChromium();
});
after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('a tab that is frozen and thawed goes on', LIMIT, async () => {
  await browser.go(url);
  await browser.call('start', 12);
  await browser.waitFor('globalThis.seen >= 1', 60_000);
  const session = await browser.page.context().newCDPSession(browser.page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await wait(1500);
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await browser.waitFor('globalThis.outcome !== undefined', 90_000);
  assert.deepEqual(await browser.evaluate('outcome'), { stopped: 'iterations', usable: true, next: 'iterations' });
});

test('a page that is closed during checkpoints leaves a whole one, five times', LIMIT, async (t) => {
  let last = 0;
  for (let round = 0; round < 5; round++) {
    await browser.go(url);
    await browser.call('keepCheckpoints');
    await browser.waitFor('globalThis.kept >= 1', 60_000);
    await wait(37 * round);
    // Away in the middle of whatever it does.
    await browser.go('about:blank');
    await browser.go(url);
    const { reached, finite } = await browser.call('goOn');
    assert.ok(finite && reached >= 1, `round ${round}: ${reached}`);
    last = reached;
  }
  t.diagnostic(`the last one went on after iteration ${last}`);
});

test('a trap of the engine in the worker', LIMIT, async (t) => {
  await browser.go(url);
  const { said, ...rest } = await browser.call('brokenEngine');
  t.diagnostic(said);
  assert.match(said, /RuntimeError: null function/);
  assert.deepEqual(rest, { usable: true, next: 'iterations' });
});

test('an IndexedDB that is full', LIMIT, async (t) => {
  // An origin that has kept nothing yet: what Chromium once found free it goes on giving for a while.
  const fresh = url.replace('localhost', '127.0.0.1');
  await browser.go(fresh);
  const session = await browser.page.context().newCDPSession(browser.page);
  const { origin } = new URL(fresh);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const { said, ...rest } = await browser.call('fullStore');
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  t.diagnostic(said);
  assert.match(said, /Quota/);
  assert.deepEqual(rest, { usable: true, next: 'iterations' });
});

test('a module that the server does not have, and then one of any type', LIMIT, async () => {
  await browser.go(url);
  const { said, output } = await browser.call('slimModule');
  assert.match(said, /^Error: init: no engine at http.*no-such\.wasm: the server answered 404$/);
  assert.ok(output > 0 && output < 1);
});
