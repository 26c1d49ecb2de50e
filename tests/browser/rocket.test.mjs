// engram/rocket in three engines: to the bits of Node, in workers, and on the page's own thread where a policy forbids them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serve, strict } from '../../scripts/serve.mjs';
import { HASH } from '../support/waves.mjs';
import { openChromium, openFirefox, openWebKit } from './drivers.mjs';

const withBlobs = strict.replace("worker-src 'self'", "worker-src 'self' blob:");

for (const [name, open] of Object.entries({ Chromium: openChromium, Firefox: openFirefox, WebKit: openWebKit })) {
  for (const [kind, policy, isolated, threads] of [
    ['in workers', withBlobs, true, 2],
    ['in workers without isolation', withBlobs, false, 2],
    ['without workers', strict, true, 1],
  ]) {
    test(`${name}, ${kind}: one seed gives the same bits`, { timeout: 240_000 }, async (t) => {
      const browser = await open({ isolated });
      if (browser === null) return t.skip(`${name} can't be installed here`);
      const server = await serve({ port: 0, policy, isolated });
      try {
        await browser.go(`http://localhost:${server.address().port}/tests/browser/rocket.html`);
        assert.deepEqual(await browser.call('hash', 2), { hash: HASH, threads });
      } finally {
        await browser.close();
        server.closeAllConnections();
        server.close();
      }
    });
  }
}
