// Networks as C, compiled by gcc with all warnings as errors, and run.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Architect } from 'engram';
import { toC } from 'engram/exchange';

import { graphs, withHardGates } from './networks.mjs';
import { assertClose } from './support.mjs';

const MAIN = `
#include <stdio.h>
int main(void) {
    int steps;
    float input[NET_INPUTS], output[NET_OUTPUTS];
    while (scanf("%d", &steps) == 1) {
        net_reset();
        for (; steps > 0; steps--) {
            for (int i = 0; i < NET_INPUTS; i++) if (scanf("%f", input + i) != 1) return 1;
            net_step(input, output);
            for (int i = 0; i < NET_OUTPUTS; i++) printf("%.9g ", output[i]);
            printf("\\n");
        }
    }
    return 0;
}
`;

function run(network, sequences) {
  const folder = mkdtempSync(join(tmpdir(), 'engram-c-'));
  const [source, program] = [join(folder, 'net.c'), join(folder, 'net')];
  writeFileSync(source, toC(network, 'net') + MAIN);
  execFileSync('gcc', ['-std=c99', '-O2', '-Wall', '-Wextra', '-Werror', '-pedantic', source, '-o', program, '-lm']);
  const input = sequences.map((steps) => [steps.length, ...steps.flat()].join(' ')).join('\n');
  const lines = execFileSync(program, { input, encoding: 'utf8' }).trim().split('\n');
  return sequences.map((steps) => lines.splice(0, steps.length).map((line) => line.trim().split(' ').map(Number)));
}

const networks = {
  ...graphs(),
  'a standard LSTM': new Architect.LSTM(2, 5, 3, { variant: 'standard', output: 'softmax', seed: 3 }),
  'a GRU': new Architect.GRU(2, 5, 3, { output: 'linear', embedding: 2, seed: 4 }),
  'a GRU with its reset gate before the matrix': new Architect.GRU(2, 5, 3, { reset: 'before', seed: 5 }),
};
/** Standard networks of one direction that pool the steps. */
for (const readout of ['last', 'mean', 'max', 'attention']) {
  const lstm = { variant: 'standard', readout, output: 'softmax', seed: 6 };
  networks[`an LSTM with the read-out ${readout}`] = new Architect.LSTM(2, 5, 4, 3, lstm);
  const gru = { readout, embedding: 3, output: 'linear', seed: 7 };
  networks[`a GRU with the read-out ${readout}`] = withHardGates(new Architect.GRU(2, 5, 3, gru));
}
const wave = (length) => Array.from({ length }, (_, step) => [Math.sin(step), Math.cos(2 * step)]);
const sequences = [wave(1), wave(9), wave(4)];

for (const [what, network] of Object.entries(networks)) {
  test(`${what} in C answers as engram does`, () => {
    const [said, expected] = [run(network, sequences), network.activateSequences(sequences)];
    // With a read-out engram has one answer, and C one to the steps so far.
    const answers = said.map((steps, index) => steps.slice(-expected[index].length));
    assertClose(answers, expected, 1e-5);
  });
}

test('what C cannot tell is refused', () => {
  const both = new Architect.LSTM(1, 2, 1, { variant: 'standard', bidirectional: true });
  assert.throws(() => toC(both), /^TypeError: toC: a bidirectional network/);
  for (const name of ['', '1a', 'a-b', 'float', 'a'.repeat(80)]) {
    assert.throws(() => toC(networks['a perceptron'], name), /^RangeError: toC: name is/);
  }
  assert.throws(() => toC(networks['a perceptron'], 3), /^TypeError: toC: name is 3/);
  const large = new Architect.Perceptron(1, 1, 1);
  large.weights[0] = 1e300;
  large.activate([1]);
  assert.throws(() => toC(large), /^RangeError: toC: .*too large for single precision/);
});
