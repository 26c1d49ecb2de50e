// Every numbered example, run as its first lines say.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = join(import.meta.dirname, '../../examples');
const cwd = mkdtempSync(join(tmpdir(), 'engram-examples-'));

function run(example, ...args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, example), ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** What each example has to print. */
const PRINTS = {
  '01-xor.mjs': [/0 xor 0 = 0\n0 xor 1 = 1\n1 xor 0 = 1\n1 xor 1 = 0/],
  '02-bits.mjs': [/hello: first/, /night: second/, /accuracy 1\n/],
  '03-multivariate-series.mjs': [/new series: accuracy (1\.00|0\.9)/, /walk/],
  '04-tagging.mjs': [/accuracy (1\.000|0\.9)/, /^w{5}cc/m],
  '05-prediction.mjs': [/mean distance over 30 steps: [0-2]\.\d\d\n/],
  '06-resume.mjs': [/150 epochs, accuracy 1, first weight -?\d/],
  '07-rocket.mjs': [
    /left out: accuracy (1\.00|0\.9)/,
    /new series: accuracy (1\.00|0\.9)/,
    /with probability (1\.00|0\.[5-9])/,
  ],
  '08-regression.mjs': [/new trips: [0-2]\.\d\d off .* r2 (1\.000|0\.99)/],
  '09-forecast.mjs': [/day 3 ahead: rmse [0-3]\.\d \(repeated: \d\d\.\d, last week: \d+\.\d\)/, /no advice/],
  '10-names.mjs': [/perplexity ([1-9]|1[0-2])\.\d of 27\n/, /^[a-z]+, ([a-z]+, )+[a-z]+$/m],
  '11-cross-validation.mjs': [/one split: accuracy [01]\.\d\d\nfive parts: accuracy (1\.00|0\.[89]\d) ± 0\.[01]\d/],
  '12-explanation.mjs': [
    /superb: kind\n(.*\n){4} {2}superb +0\.[2-9].*#\n/,
    /film: unkind\n(.*\n){2} {2}dull +0\.[3-9]/,
  ],
  '13-outlines.mjs': [/new leaves: accuracy (1\.00|0\.9)/, /ginkgo: f1 (1\.00|0\.[89])/],
  '14-several-labels.mjs': [/all labels right: (1\.00|0\.9)/, /billing and quality\n/],
  '15-stream.mjs': [
    /after 10 %: accuracy [01]\.\d\d\n/,
    /after 100 %: accuracy (1\.00|0\.9)/,
    /push: push after \d+ steps of 30/,
  ],
  '16-morse.mjs': [/new words: [0-5]\.\d % of the letters wrong/, /it says notes\n/],
};

test('every numbered example has its test', () => {
  const numbered = readdirSync(folder).filter((name) => /^\d/.test(name));
  assert.deepEqual(numbered.sort(), Object.keys(PRINTS));
});

for (const [example, patterns] of Object.entries(PRINTS)) {
  test(example, () => {
    const output = run(example);
    for (const pattern of patterns) assert.match(output, pattern);
  });
}

test('06-resume.mjs ends with the same weights after a kill', { timeout: 60_000 }, async () => {
  const lastLine = (output) => output.trim().split('\n').at(-1);
  const whole = lastLine(run('06-resume.mjs', 'whole.checkpoint'));
  const file = join(cwd, 'killed.checkpoint');
  const killed = spawn(process.execPath, [join(folder, '06-resume.mjs'), file], { cwd, stdio: 'ignore' });
  const exited = new Promise((resolve) => killed.on('exit', resolve));
  while (!existsSync(file)) await sleep(1);
  killed.kill('SIGKILL');
  await exited;
  const output = run('06-resume.mjs', file);
  assert.match(output, /goes on from the checkpoint/);
  assert.equal(lastLine(output), whole);
});
