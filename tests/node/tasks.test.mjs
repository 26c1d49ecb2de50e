// The tasks that synaptic's Trainer brings along run, and a network learns them: each bar is one that an
// untrained network fails by far.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Architect, Trainer } from 'engram';

import { randomFrom } from '../support/random.mjs';
import { XOR } from '../support/sets.mjs';

// The tasks draw their samples from Math.random.
beforeEach(() => void mock.method(Math, 'random', randomFrom(1)));
afterEach(() => mock.restoreAll());

test('XOR is learnt to its error goal', () => {
  const network = new Architect.Perceptron(2, 3, 1, { seed: 2 });
  const { error, stopped } = new Trainer(network).XOR({ rate: 0.5, seed: 1 });
  assert.equal(stopped, 'error');
  assert.ok(error <= 0.005, `error ${error}`);
  assert.deepEqual(
    XOR.map(({ input }) => Math.round(network.activate(input)[0])),
    [0, 1, 1, 0],
  );
});

test('distracted sequence recall: most sequences come to be recalled', () => {
  const options = { targets: [2, 4], distractors: [3, 5], prompts: [0, 1], length: 10 };
  const trainer = new Trainer(new Architect.LSTM(6, 7, 2, { seed: 1 }));
  const before = trainer.DSR({ ...options, iterations: 100 });
  assert.equal(before.iterations, 100);
  assert.ok(before.success < 0.2, `success ${before.success} in the first 100`);
  const seen = [];
  const schedule = { every: 5000, do: ({ iterations }) => seen.push(iterations) };
  const after = trainer.DSR({ ...options, iterations: 30_000, schedule });
  assert.ok(after.success > 0.6, `success ${after.success}`);
  assert.deepEqual(seen, [5000, 10_000, 15_000, 20_000, 25_000, 30_000]);
});

test('embedded Reber grammar: strings are of the grammar, and the next symbol comes to be known', () => {
  const trainer = new Trainer(new Architect.LSTM(6, 7, 6, { seed: 1 }));
  const options = { cost: Trainer.cost.MSE, log: false };
  const before = trainer.ERG({ ...options, iterations: 1 });
  assert.equal(before.iterations, 1);
  assert.ok(before.error > 0.15, `error ${before.error} untrained`);
  const after = trainer.ERG({ ...options, iterations: 20_000, error: 0.06 });
  assert.ok(after.error <= 0.06, `error ${after.error}`);
  assert.ok(after.iterations > 1 && after.iterations < 20_000, `${after.iterations} strings`);

  const rest = '(XT*VP)*(S|XT*VV)';
  const grammar = new RegExp(`^B([TP])B(TS*X${rest}|PT*V(V|P${rest}))E\\1E$`);
  const marks = new Set();
  for (let count = 0; count < 200; count++) {
    const text = after.generate();
    marks.add(text[1]);
    assert.match(text, grammar);
    assert.ok(after.test(text), text);
    const symbols = [...text];
    for (const [place, symbol] of symbols.entries()) {
      for (const other of 'BPTVXSE') {
        if (other === symbol) continue;
        const changed = symbols.with(place, other).join('');
        assert.equal(after.test(changed), grammar.test(changed), changed);
      }
    }
  }
  assert.deepEqual([...marks].sort(), ['P', 'T']);
});

test('timing task: the output comes to stay up for as long as it was told', () => {
  const trainer = new Trainer(new Architect.LSTM(2, 7, 1, { seed: 1 }));
  const options = { log: false, trainSamples: 2000, testSamples: 500 };
  const before = trainer.timingTask({ ...options, iterations: 1, rate: 1e-9 });
  assert.ok(before.test.error > 0.08, `error ${before.test.error} untrained`);
  const after = trainer.timingTask({ ...options, iterations: 30, rate: 0.1 });
  assert.equal(after.train.iterations, 30);
  assert.ok(after.train.error < 0.03, `error ${after.train.error}`);
  assert.ok(after.test.error < 0.03, `error ${after.test.error} on steps that were not trained on`);
});
