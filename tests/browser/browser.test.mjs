// The package in Chromium, Firefox and WebKit, with and without isolation headers.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Architect, Trainer } from 'engram';

import { serve } from '../../scripts/serve.mjs';
import { fingerprint, THREADS } from '../support/fingerprint.mjs';
import { openChromium, openFirefox, openWebKit } from './drivers.mjs';

const TIMEOUT = { timeout: 180_000 };
const servers = {};
const origin = {};

before(async () => {
  for (const isolated of [true, false]) {
    servers[isolated] = await serve({ port: 0, isolated });
    origin[isolated] = `http://localhost:${servers[isolated].address().port}`;
  }
});
after(() => {
  for (const server of Object.values(servers)) {
    server.closeAllConnections();
    server.close();
  }
});

for (const [name, open] of Object.entries({ Chromium: openChromium, Firefox: openFirefox, WebKit: openWebKit })) {
  for (const isolated of [true, false]) {
    const where = isolated ? 'with isolation headers' : 'without isolation headers';
    describe(`${name} ${where}`, { concurrency: 1 }, () => {
      let browser;
      before(async () => {
        browser = await open({ isolated });
      });
      after(() => browser?.close());

      /** A test that is skipped, with the reason shown, where the browser can't be installed. */
      const inBrowser = (title, act) =>
        test(`${name} ${where}: ${title}`, TIMEOUT, async (t) => {
          if (browser === null) return t.skip(`${name} can't be installed here`);
          await browser.go(`${origin[isolated]}/tests/browser/page.html`);
          return act(t);
        });

      inBrowser('a view shows the weights change while the page stays free', async (t) => {
        const seen = await browser.call('liveView');
        t.diagnostic(JSON.stringify({ ...(await browser.call('where')), ...seen }));
        assert.equal(seen.stopped, 'iterations');
        assert.ok(seen.changes >= 3 && seen.versions >= 6, JSON.stringify(seen));
        assert.ok(seen.ticks > 5 && seen.percentile < 50, JSON.stringify(seen));
        if (isolated) assert.ok(seen.isShared, 'memory is shared');
        else assert.ok(!seen.isShared, 'memory is copied');
      });

      inBrowser('abort ends a long run at once', async () => {
        const { stopped, time } = await browser.call('abort');
        assert.equal(stopped, 'aborted');
        assert.ok(time < 1000, `${time} ms`);
      });

      inBrowser('the same seed gives the weights that Node gets', async () => {
        const prints = await browser.call('fingerprint');
        assert.deepEqual(prints, await fingerprint({ Architect, Trainer }));
        for (const threads of THREADS) assert.equal(prints[`${threads} threads`], prints['1 threads']);
      });

      inBrowser('a classifier goes on from a checkpoint in IndexedDB', async () => {
        assert.deepEqual(await browser.call('resume'), { same: true, cleared: true, label: 'y' });
      });

      inBrowser("synaptic's message loop trains XOR", async () => {
        const { error, answers } = await browser.call('oldLoop');
        assert.ok(error <= 0.02, `error ${error}`);
        assert.deepEqual(answers, [0, 1, 1, 0]);
      });

      inBrowser("a worker's script that is missing rejects, and the next run works", async () => {
        const { said, error } = await browser.call('missingWorker');
        assert.match(said, /could not be loaded|missing\.js|Script|NetworkError/i);
        assert.ok(error > 0);
      });

      if (name === 'Chromium' && isolated) {
        for (const [variant, least] of [
          ['standard', 0.85],
          ['synaptic', 0.78],
        ]) {
          inBrowser(`a ${variant} LSTM of 32 learns the names within 60 epochs`, async (t) => {
            const accuracy = await browser.call('names', variant);
            t.diagnostic(`held-out accuracy ${accuracy}`);
            assert.ok(accuracy >= least, `${accuracy}`);
          });
        }
      }
    });
  }
}
