// Short forms of what RELIABILITY.md reports, in Node and in a page.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { serve } from '../../scripts/serve.mjs';
import { openChromium } from '../browser/drivers.mjs';
import { SEED } from '../support/random.mjs';

const LIMIT = { timeout: 180_000 };
const script = fileURLToPath(new URL('run.mjs', import.meta.url));

function run(t, ...args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', script, ...args], {
    encoding: 'utf8',
    timeout: 170_000,
  });
  assert.equal(status, 0, `${args}: ${stdout}${stderr}`);
  t.diagnostic(stdout.trim().slice(0, 500));
  return JSON.parse(/[[{\d].*[\]}\d](?= \d+ ms$)/.exec(stdout.trim())[0]);
}

/** What the engine took after the first hundred networks is what it takes ever after, but for a little. */
function assertFlat(curve) {
  const [first] = curve;
  const last = curve.at(-1);
  assert.ok(last.megabytes <= first.megabytes + 2, JSON.stringify(curve));
}

test('networks that are built, trained and freed leave no memory behind', LIMIT, (t) =>
  assertFlat(run(t, 'lives', '400')),
);

test('so do short runs, one after the other', LIMIT, (t) => assertFlat(run(t, 'short-runs', '2000')));

test('64 networks train at once', LIMIT, (t) => assert.equal(run(t, 'at-once', '64'), 64));

test('workers that are not needed any more give their memory back', LIMIT, (t) => {
  const curve = run(t, 'bursts', '5');
  assert.deepEqual(new Set(curve.map(({ ended }) => ended)), new Set([64]));
  // Some 60 workers come and go in each burst and take about a megabyte and a half each while they live.
  assert.ok(curve.at(-1).megabytes < curve[0].megabytes + 180, JSON.stringify(curve));
});

test('pause, resume, abort and checkpoints at random moments never hang', LIMIT, (t) => {
  t.diagnostic(`seed ${SEED}`);
  const { runs, commands } = run(t, 'commands', '1000');
  assert.ok(runs > 50 && commands >= 1000);
});

test('whoever reads while a worker trains sees whole updates', LIMIT, (t) => {
  const { snapshots, versions, worst } = run(t, 'readers', '4');
  assert.ok(snapshots > 1000 && versions > 100, `${snapshots} snapshots of ${versions} versions`);
  assert.ok(worst < 1e-9, `the sum of the biases moved by ${worst}`);
});

test('networks in one loop take no more memory the more they are', LIMIT, (t) => {
  const { megabytes, resident } = run(t, 'many', '20000');
  // Unbounded they would take more than a gigabyte.
  assert.ok(megabytes < 100 && resident < 500, `engine ${megabytes} MB, process ${resident} MB`);
});

test('so does a genetic algorithm', LIMIT, (t) => {
  t.diagnostic(`seed ${SEED}`);
  const { score, resident } = run(t, 'genetic', '100');
  assert.ok(score > -15 && resident < 500, `score ${score}, process ${resident} MB`);
});

test('a set that does not fit is refused, and one that does is learnt from next', LIMIT, (t) => {
  const { refused, next } = run(t, 'large-set', '400');
  assert.match(refused, /^RangeError: (\w+\.\w+: )?out of memory: \d+ bytes/);
  assert.equal(next, 'iterations');
});

test('in a page, too, networks leave no memory behind, and 64 train at once', LIMIT, async (t) => {
  const server = await serve({ port: 0 });
  const browser = await openChromium();
  try {
    await browser.go(`http://localhost:${server.address().port}/tests/load/page.html`);
    const curve = await browser.call('lives', 300);
    t.diagnostic(JSON.stringify(curve));
    assertFlat(curve);
    assert.equal(await browser.call('atOnce', 64), 64);
    const { worst, snapshots } = await browser.call('readers', 3000);
    assert.ok(worst < 1e-9 && snapshots > 1000, `${snapshots} snapshots, ${worst}`);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});
