// An AbortSignal ends a run, wherever it runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Architect, Trainer } from 'engram';

import { XOR } from '../support/sets.mjs';
import { share } from '../support/sharing.mjs';

const SEQUENCES = [{ input: [[0], [1]], output: [1] }];
const perceptron = () => new Architect.Perceptron(2, 3, 1, { seed: 5 });
const lstm = () => new Architect.LSTM(1, 3, 1, { variant: 'standard', seed: 5 });
/** A network that learns pairs, by the online rule, and one that learns sequences. */
const both = () => [
  [perceptron(), XOR],
  [lstm(), SEQUENCES],
];
/** Aborted in the fifth iteration, by each of the functions that a run calls. */
const FUNCTIONS = {
  'schedule.do': (abort) => ({ schedule: { every: 1, do: ({ iterations }) => iterations === 5 && void abort() } }),
  'a rate function': (abort) => ({
    rate: (iteration) => {
      if (iteration === 5) abort();
      return 0.1;
    },
  }),
};

for (const how of ['train', 'trainAsync']) {
  test(`${how}: a signal that is aborted already ends the run`, async () => {
    for (const [network, set] of both()) {
      const options = { signal: AbortSignal.abort(), error: -1, iterations: 2 ** 32 - 1 };
      const { stopped } = await new Trainer(network)[how](set, options);
      assert.equal(stopped, 'aborted');
    }
  });

  test(`${how}: a signal that is aborted already ends the run before it changes anything`, async (t) => {
    share(t, 'never');
    for (const [network, set] of both()) {
      const before = [...network.memory];
      const { iterations } = await new Trainer(network)[how](set, { signal: AbortSignal.abort(), error: -1 });
      assert.equal(iterations, 0);
      assert.deepEqual([...network.memory], before);
    }
  });

  for (const [name, options] of Object.entries(FUNCTIONS)) {
    test(`${how}: a signal that ${name} aborts ends the run`, async () => {
      for (const [network, set] of both()) {
        const controller = new AbortController();
        const { signal } = controller;
        const run = { ...options(() => controller.abort()), signal, error: -1, iterations: 20_000 };
        const { stopped, iterations } = await new Trainer(network)[how](set, run);
        assert.equal(stopped, 'aborted');
        assert.ok(iterations >= 5 && iterations < 20_000, `after ${iterations} iterations`);
      }
    });
  }

  test(`${how}: a signal that onProgress aborts ends the run`, async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort(), error: -1, iterations: 1e8 };
    const { stopped, iterations } = await new Trainer(perceptron())[how](XOR, options);
    assert.equal(stopped, 'aborted');
    assert.ok(iterations > 0 && iterations < 1e8, `after ${iterations} iterations`);
  });

  test(`${how}: a signal that is not aborted changes nothing, and the next run needs none`, async () => {
    const [watched, plain] = [perceptron(), perceptron()];
    const { signal } = new AbortController();
    const { stopped } = await new Trainer(watched)[how](XOR, { signal, iterations: 20, error: -1 });
    await new Trainer(plain)[how](XOR, { iterations: 20, error: -1 });
    assert.equal(stopped, 'iterations');
    assert.deepEqual([...watched.memory], [...plain.memory]);

    await new Trainer(watched)[how](XOR, { signal: AbortSignal.abort() });
    const after = await new Trainer(watched)[how](XOR, { iterations: 20, error: -1 });
    assert.deepEqual([after.stopped, after.iterations], ['iterations', 20]);
  });
}

for (const shareMemory of ['auto', 'never']) {
  test(`a signal that the page aborts ends a run in a worker (${shareMemory})`, async (t) => {
    share(t, shareMemory);
    const controller = new AbortController();
    const network = perceptron();
    const run = new Trainer(network).trainAsync(XOR, { signal: controller.signal, error: -1, iterations: 2 ** 32 - 1 });
    await sleep(50);
    controller.abort();
    const { stopped, iterations } = await run;
    assert.equal(stopped, 'aborted');
    assert.ok(iterations < 2 ** 32 - 1);
    assert.equal(network.busy, false);
  });
}
