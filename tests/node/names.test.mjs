// The main job: first names of two languages as bits, one bit per step.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const example = new URL('../../examples/classify-names.mjs', import.meta.url).pathname;

// As well as PyTorch's nn.LSTM (0.88) or nearly; Synaptic's own topology, which Synaptic itself
// does not get beyond 0.67.
for (const [variant, least] of [
  ['standard', 0.85],
  ['synaptic', 0.78],
]) {
  test(`a ${variant} LSTM of 32 learns the names within 60 epochs`, async (t) => {
    const model = join(mkdtempSync(join(tmpdir(), 'engram-')), 'names.json');
    const { stdout } = await run(process.execPath, [example, '--variant', variant, '--model', model, 'osman', 'paolo']);
    const accuracy = Number(/held-out accuracy: ([\d.]+) of 300 names/.exec(stdout)?.[1]);
    t.diagnostic(`held-out accuracy ${accuracy}`);
    assert.ok(accuracy >= least, stdout);
    assert.match(stdout, /osman: turkish \([\d.]+ %\)/);
    assert.match(stdout, /paolo: italian \([\d.]+ %\)/);
    assert.equal(JSON.parse(readFileSync(model, 'utf8')).engram, 1);
  });
}
