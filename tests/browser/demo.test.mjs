// The workbench, driven as a person would, in three browsers, with and without isolation headers.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Encoder, SequenceClassifier, unpack } from 'engram';
import { toPyTorch } from 'engram/exchange';

import { serve } from '../../scripts/serve.mjs';
import { root } from '../../scripts/toolchain.mjs';
import { openChromium, openFirefox, openWebKit } from './drivers.mjs';

const LIMIT = { timeout: 240_000 };
const folder = mkdtempSync(join(tmpdir(), 'engram-demo-'));
after(() => rmSync(folder, { recursive: true }));

/** What the page says of the training. */
const STATUS = "document.getElementById('status').textContent";
const says = (pattern) => `${pattern}.test(${STATUS})`;
const WEIGHTS = "document.getElementById('weights').toDataURL()";

async function serving({ isolated, base = '/' }, act) {
  const server = await serve({ port: 0, isolated, base });
  try {
    return await act(`http://localhost:${server.address().port}${base}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const brokenCsv = join(folder, 'broken.csv');
writeFileSync(
  brokenCsv,
  [
    'text,label',
    ...Array.from({ length: 12 }, (_, n) => (n === 4 ? 'no label here' : `${'ab'[n % 2]}${n},${n % 2}`)),
  ].join('\n'),
);

const seriesRows = Array.from({ length: 12 }, (_, n) => `${n},${n + 1},${n % 3}:${'ab'[n % 2]}`);
const seriesFile = (name, rows) => {
  const path = join(folder, name);
  writeFileSync(path, ['@problemName rows', '@classLabel true a b', '@data', ...rows].join('\n'));
  return path;
};
const seriesTs = seriesFile('series.ts', seriesRows);
const brokenTs = seriesFile('broken.ts', ['1,x:a', ...seriesRows]);

/** Everything a person does with the page, one after the other. */
async function visit(browser, url, isolated) {
  // No service worker: whether memory is shared is what the server's headers make of it.
  await browser.go(`${url}?isolation=no`);
  await browser.waitFor("document.querySelectorAll('#set option').length > 3");

  // Train the built-in bits task, with a pause, and look inside meanwhile.
  await browser.fill('#settings [name=epochs]', '150');
  await browser.click('#train');
  await browser.waitFor(says('/^Epoch [2-9]/'));
  const first = await browser.evaluate(WEIGHTS);
  await browser.waitFor(`${WEIGHTS} !== ${JSON.stringify(first)}`);
  assert.match(
    await browser.evaluate(STATUS),
    /^Epoch \d+ of 150: loss [\d.]+, [\d.]+ % right, \d+ sequences per second/,
  );
  await browser.fill('#try', 'Mehmet');
  await browser.waitFor("/turkish[\\d.]+ %italian[\\d.]+ %/.test(document.getElementById('classes').textContent)");

  await browser.click('#pause');
  await new Promise((resolve) => setTimeout(resolve, 600));
  const [paused, epoch] = [await browser.evaluate(WEIGHTS), await browser.evaluate(STATUS)];
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(await browser.evaluate(WEIGHTS), paused, 'a pause stops the weights');
  assert.equal(await browser.evaluate(STATUS), epoch);

  // Reload while it pauses, and go on from there.
  await browser.go(`${url}?isolation=no`);
  await browser.waitFor("!document.getElementById('resume').hidden");
  assert.match(await browser.text('#resume-text'), /interrupted after epoch \d+ of 150/);
  await browser.click('#resume-run');
  await browser.waitFor(says('/^Done after 150 epochs/'), 150_000);
  const accuracy = Number(await browser.evaluate('document.body.dataset.accuracy'));
  assert.ok(accuracy >= 0.85, `accuracy ${accuracy}`);
  assert.match(await browser.text('#sharing'), isolated ? /shared/ : /copied.*not cross-origin isolated/);

  // Use it, and look inside.
  await browser.fill('#try', 'alessandro');
  await browser.waitFor("document.querySelector('#classes .winner').textContent === 'italian'");
  await browser.evaluate("document.getElementById('timeline').focus()");
  await browser.evaluate(
    "document.getElementById('timeline').dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }))",
  );
  assert.match(
    await browser.text('#timeline-reading'),
    /^Step 80 of 80 \(o\): turkish \d+ %, italian \d+ %\. It moved italian by \+\d+\.\d points\. Mean input gates/,
  );
  await browser.choose('#block', '3');
  await browser.evaluate(
    "document.getElementById('weights').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }))",
  );
  assert.match(await browser.text('#weights-reading'), /^from hidden 1 to forgetGate 2: -?\d\.\d{4}$/);
  await browser.waitFor("document.querySelectorAll('#confusion button').length === 4");
  await browser.click('#confusion .wrong');
  await browser.waitFor("document.querySelectorAll('#cell li button').length > 0");
  await browser.click('#cell li button');

  // Keep the model, and load it again into a fresh page.
  const [answer, model] = [await browser.text('#classes'), await browser.download('#save-model')];
  writeFileSync(join(folder, 'model.json'), model);
  await browser.go(`${url}?isolation=no`);
  await browser.waitFor("document.querySelectorAll('#set option').length > 3");
  assert.equal(JSON.parse(model).encoder.type, 'bits');
  await browser.upload('#load-model', join(folder, 'model.json'));
  await browser.waitFor("/is loaded/.test(document.getElementById('keep-note').textContent)");
  await browser.fill('#try', 'alessandro');
  await browser.waitFor("document.querySelector('#classes .winner')?.textContent === 'italian'");
  assert.match(answer, /turkish/);

  // Take the network home in other libraries' files.
  assert.match(await browser.download('#save-onnx'), /engram/);
  assert.match(await browser.download('#save-c'), /void engram_step\(const float \*input, float \*output\)/);
  assert.match(await browser.download('#save-pytorch'), /rnn\.weight_ih_l0/);

  // Open the network as PyTorch has it, in a fresh page.
  const { network } = SequenceClassifier.fromJSON(JSON.parse(model));
  writeFileSync(join(folder, 'model.safetensors'), toPyTorch(network));
  network.free();
  await browser.go(`${url}?isolation=no`);
  await browser.waitFor("document.querySelectorAll('#set option').length > 3");
  await browser.upload('#load-model', join(folder, 'model.safetensors'));
  await browser.waitFor("/safetensors is loaded/.test(document.getElementById('keep-note').textContent)");
  await browser.fill('#try', 'alessandro');
  await browser.waitFor("document.querySelector('#classes .winner')?.textContent === 'italian'");

  // A file with a broken line is refused with its number; the rest can be taken.
  await browser.upload('#own-file', brokenCsv);
  await browser.waitFor("document.getElementById('own-rest') !== null");
  assert.match(await browser.text('#own-problems'), /line 6: 1 columns, expected 2/);
  await browser.click('#own-rest');
  assert.match(await browser.text('#status'), /^11 samples of 2 labels/);
  assert.match(await browser.evaluate("document.getElementById('code').value"), /labels: \["0","1"\]/);

  // So is a file of series as archives have them, whose broken line is named too.
  await browser.upload('#own-file', brokenTs);
  await browser.waitFor("/line 4, channel 1, value 2/.test(document.getElementById('own-problems').textContent)");
  await browser.upload('#own-file', seriesTs);
  await browser.waitFor("/^12 samples of 2 labels/.test(document.getElementById('status').textContent)");
}

for (const [name, open] of Object.entries({ Chromium: openChromium, Firefox: openFirefox, WebKit: openWebKit })) {
  for (const isolated of [true, false]) {
    const title = `${name}: the workbench, ${isolated ? 'with' : 'without'} isolation headers`;
    test(title, LIMIT, async (t) => {
      const browser = await open({ isolated });
      if (browser === null) return t.skip(`${name} can't be installed here`);
      try {
        await serving({ isolated }, (url) => visit(browser, url, isolated));
        assert.deepEqual(browser.problems ?? [], [], 'no error on the console');
      } finally {
        await browser.close();
      }
    });
  }
}

describe('Chromium: the workbench', { concurrency: 1 }, () => {
  let browser;
  before(async () => {
    browser = await openChromium();
  });
  after(() => browser.close());

  test('no task on the main thread is longer than 50 ms while it trains', LIMIT, async (t) => {
    await serving({ isolated: true }, async (url) => {
      await browser.go(url);
      await browser.waitFor("document.querySelectorAll('#set option').length > 3");
      await browser.fill('#settings [name=epochs]', '1000');
      await browser.fill('#settings [name=threads]', '1');
      await browser.click('#train');
      await browser.waitFor(says('/^Epoch [1-9]/'));
      await browser.evaluate(`(() => {
        globalThis.frames = 0;
        const count = () => { frames++; requestAnimationFrame(count); };
        requestAnimationFrame(count);
        globalThis.tasks = [];
        const note = (list) => tasks.push(...list.getEntries().map(({ duration }) => duration));
        new PerformanceObserver(note).observe({ type: 'longtask' });
      })()`);
      // A machine that is busy with something else stops a page, too, but not three times.
      let tasks;
      for (let attempt = 0; attempt < 3 && tasks?.length !== 0; attempt++) {
        await browser.evaluate('(() => { tasks.length = 0; frames = 0; })()');
        await new Promise((resolve) => setTimeout(resolve, 4000));
        const seen = await browser.evaluate('({ tasks, frames, running: document.body.dataset.running })');
        assert.equal(seen.running, 'true', 'it still trained');
        tasks = seen.tasks;
        const long = tasks.map(Math.round).join(', ') || 'none';
        t.diagnostic(`${Math.round(seen.frames / 4)} frames per second, long tasks: ${long}`);
      }
      assert.deepEqual(tasks, []);
      await browser.click('#stop');
      await browser.waitFor(says('/^Stopped/'));
    });
  });

  test('axe finds no serious issue, wide and narrow, light and dark', LIMIT, async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await serving({ isolated: true }, async (url) => {
      const { page } = browser;
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [1280, 'dark'],
        [390, 'light'],
      ]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await browser.go(url);
        await browser.waitFor("document.querySelectorAll('#set option').length > 3");
        await browser.fill('#settings [name=epochs]', '3');
        await browser.click('#train');
        await browser.waitFor(says('/^Done/'));
        await browser.waitFor("document.querySelectorAll('#confusion button').length === 4");
        await page.evaluate(axe);
        const { violations } = await page.evaluate('axe.run()');
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        assert.deepEqual(
          grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
          [],
          `${width} ${colorScheme}`,
        );
        const overflow = await browser.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${width}: ${overflow} pixels too wide`);
      }
      await page.setViewportSize({ width: 1100, height: 900 });
      await page.emulateMedia({ colorScheme: null });
    });
  });

  test('a service worker isolates it on a host without headers, under any path', LIMIT, async () => {
    await serving({ isolated: false, base: '/some/folder/' }, async (url) => {
      await browser.go(url);
      await browser.waitFor('globalThis.crossOriginIsolated === true');
      await browser.waitFor("document.querySelectorAll('#set option').length > 3");
      await browser.fill('#settings [name=epochs]', '2');
      await browser.click('#train');
      await browser.waitFor(says('/^Done/'));
      assert.match(await browser.text('#sharing'), /^Memory is shared/);
    });
  });

  test('no request leaves the host', LIMIT, async () => {
    const asked = [];
    browser.page.on('request', (request) => asked.push(new URL(request.url()).host));
    await serving({ isolated: true }, async (url) => {
      await browser.go(url);
      await browser.click('#train');
      await browser.waitFor(says('/^Epoch [1-9]/'));
      assert.deepEqual([...new Set(asked.filter((host) => host !== ''))], [new URL(url).host]);
    });
  });

  test('there was no error on the console', () => assert.deepEqual(browser.problems, []));
});

test('a run goes from the page to Node and back, and ends as the one that stayed', LIMIT, async () => {
  const browser = await openChromium();
  const parameters = (text) => {
    const { network } = SequenceClassifier.fromJSON(JSON.parse(text));
    return [network.weights.slice(), network.biases.slice()];
  };
  try {
    await serving({ isolated: true }, async (url) => {
      await browser.go(url);
      await browser.fill('#settings [name=epochs]', '150');
      await browser.fill('#settings [name=dropout]', '0.2');
      await browser.click('#train');
      await browser.waitFor(says('/^Epoch [2-9]/'));
      const file = await browser.download('#save-pack', null);
      assert.match(await browser.text('#elsewhere'), /pip install engram-rnn\npython -m engram_rnn train engram-run/);
      await browser.waitFor(says('/^Done after 150 epochs/'), 150_000);
      const stayed = parameters(await browser.download('#save-model'));

      const pack = unpack(file);
      assert.ok(pack.hasBegun);
      let packing;
      const run = pack.train({
        checkpointEvery: 1,
        onCheckpoint: () => {
          packing ??= run.pack().finally(() => run.abort());
        },
      });
      await run;
      const path = join(folder, 'back.engram');
      writeFileSync(path, await packing);
      await browser.upload('#load-pack', path);
      await browser.waitFor("/is loaded, and goes on/.test(document.getElementById('keep-note').textContent)");
      await browser.waitFor(says('/^Done after 150 epochs/'), 150_000);
      assert.deepEqual(parameters(await browser.download('#save-model')), stayed);

      // What is no pack, or one for other data, is refused by name.
      await browser.upload('#load-pack', brokenCsv);
      await browser.waitFor("/was not loaded: unpack: /.test(document.getElementById('keep-note').textContent)");
      await browser.choose('#set', 'movements');
      await browser.upload('#load-pack', path);
      await browser.waitFor("/was not loaded: it tells /.test(document.getElementById('keep-note').textContent)");
    });
    assert.deepEqual(browser.problems, []);
  } finally {
    await browser.close();
  }
});

/** Runs the code that the page shows, on the data that it gives: it comes to the accuracy that the page shows. */
async function trainsAlike(browser) {
  const place = join(root, 'target/page-code');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'engram-data.json'), await browser.download('#save-data'));
  writeFileSync(join(place, 'train.mjs'), await browser.evaluate("document.getElementById('code').value"));
  const { stdout, stderr } = spawnSync(process.execPath, ['train.mjs'], { cwd: place, encoding: 'utf8' });
  const shown = await browser.evaluate('document.body.dataset.accuracy');
  assert.ok(stdout.split('\n').includes(shown), `${shown} is not in\n${stdout}${stderr}`);
}

test('the code that the page shows trains the same network in Node', LIMIT, async () => {
  const browser = await openChromium();
  try {
    await serving({ isolated: true }, async (url) => {
      await browser.go(url);
      await browser.choose('#set', 'movements');
      await browser.fill('#settings [name=epochs]', '8');
      await browser.click('#train');
      await browser.waitFor(says('/^Done/'), 60_000);
      await trainsAlike(browser);
    });
  } finally {
    await browser.close();
  }
});

test('convolutions learn in the page, alone and from a file that has others', LIMIT, async () => {
  const browser = await openChromium();
  const setting = (name) => browser.evaluate(`document.querySelector('#settings [name=${name}]').value`);
  const fill = (name, value) => browser.fill(`#settings [name=${name}]`, value);
  try {
    await serving({ isolated: true }, async (url) => {
      await browser.go(url);
      await browser.choose('#set', 'movements');
      // Layers of none and no convolutions are no network.
      await fill('layers', '0');
      await browser.click('#train');
      await browser.waitFor(says('/options.hidden is an array of 0/'));
      const [, short] = JSON.parse(
        await browser.evaluate(
          "JSON.stringify([...document.querySelectorAll('[name=convolution] option')].map(({ value }) => value))",
        ),
      );
      await browser.choose('#settings [name=convolution]', short);
      assert.equal(
        await browser.evaluate("document.querySelector('#picture svg').getAttribute('aria-label')"),
        'a row of numbers (each step), then 32 filters (of 3 steps), then 32 filters (of 7 steps), ' +
          'then mean, largest (of all steps), then 4 labels (probabilities)',
      );
      await fill('epochs', '8');
      await browser.click('#train');
      await browser.waitFor(says('/^Done/'), 60_000);
      assert.ok(Number(await browser.evaluate('document.body.dataset.accuracy')) >= 0.75);
      await browser.choose('#block', '0');
      await browser.evaluate(
        "document.getElementById('weights').dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }))",
      );
      await trainsAlike(browser);

      // A file may have what the form does not offer.
      const model = JSON.parse(await browser.download('#save-model'));
      const other = new SequenceClassifier({
        labels: model.labels,
        encoder: Encoder.numeric({ channels: 3 }),
        hidden: [4],
        convolution: [{ filters: 5, width: 4 }],
        readout: 'max',
      });
      const path = join(folder, 'other.json');
      const samples = model.labels.map((label, index) => ({ input: [[index, 1, 2]], label }));
      await other.fit(samples, { epochs: 1 });
      writeFileSync(path, JSON.stringify(other));
      await browser.upload('#load-model', path);
      await browser.waitFor("/is loaded/.test(document.getElementById('keep-note').textContent)");
      assert.equal(await setting('convolution'), JSON.stringify(other.convolution));
      assert.deepEqual([await setting('layers'), await setting('hidden'), await setting('readout')], ['1', '4', 'max']);
      // The same file, changed and chosen once more.
      writeFileSync(path, JSON.stringify(model));
      const chooser = browser.page.waitForEvent('filechooser');
      await browser.click('#load-model');
      await (await chooser).setFiles(path);
      await browser.waitFor("document.querySelector('#settings [name=layers]').value === '0'");
      assert.deepEqual([await setting('convolution'), await setting('readout')], [short, 'mean+max']);
      other.free();
    });
    assert.deepEqual(browser.problems, []);
  } finally {
    await browser.close();
  }
});
