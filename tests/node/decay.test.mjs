// The rate over the iterations of a run, and when a run that stands still ends. The errors are scripted: the user's
// cost says them, so that every iteration's rate is known.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, Trainer } from 'engram';
import { randomFrom, SEED, vector } from '../support/random.mjs';

const LEARNERS = {
  pairs: {
    make: () => new Architect.Perceptron(1, 2, 1, { seed: 1 }),
    set: [{ input: [1], output: [1] }],
  },
  sequences: {
    make: () => new Architect.LSTM(1, 2, 1, { variant: 'standard', seed: 1 }),
    set: [{ input: [[0], [1]], output: [1] }],
  },
};

/** Trains with these errors, one an iteration; gives the rates that were reported, and the result. */
async function run({ make, set }, how, errors, options) {
  const [rates, judged] = [[], errors.values()];
  let last;
  const result = await new Trainer(make())[how](set, {
    rate: 0.1,
    iterations: errors.length,
    error: 0,
    cost: () => judged.next().value,
    schedule: { every: 1, do: ({ rate }) => void rates.push(rate) },
    onProgress: ({ rate }) => {
      last = rate;
    },
    ...options,
  });
  assert.equal(last, rates.at(-1));
  return { rates, result };
}

const SIX = [6, 5, 4, 3, 2, 1];
/** Half a cosine from 0.1 to a tenth of that, over six iterations. */
const COSINE = SIX.map((_, step) => 0.1 * (0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * step) / 5))));
const RATES = [
  ['no decay', {}, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
  ['a step decay', { decay: { type: 'step', every: 2, factor: 0.5 } }, [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]],
  ['a cosine decay', { decay: { type: 'cosine', floor: 0.1 } }, COSINE],
  ['a cosine decay to 0', { decay: { type: 'cosine' } }, COSINE.map((rate) => (rate - 0.01) / 0.9)],
  ['a warm-up', { warmUp: 4 }, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1]],
  [
    "a warm-up and a decay of the user's rates",
    { rate: (iteration) => iteration, warmUp: 2, decay: { type: 'step', every: 3, factor: 0.1 } },
    [0.5, 2, 3, 0.4, 0.5, 0.6],
  ],
];

/** Errors that become less in iterations 1, 2, 5 and 10. */
const ERRORS = [5, 4, 4, 4.5, 3, 3, 3.5, 3, 3, 2];
/** By patience: the rates with a plateau decay by half, and the iterations of a run that has no more patience. */
const PLATEAUS = {
  1: { halvings: [0, 0, 0, 1, 2, 2, 3, 4, 5, 6], iterations: 3 },
  2: { halvings: [0, 0, 0, 0, 1, 1, 1, 2, 2, 3], iterations: 4 },
  3: { halvings: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1], iterations: 8 },
  4: { halvings: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1], iterations: 9 },
};

for (const [name, learner] of Object.entries(LEARNERS)) {
  for (const how of ['train', 'trainAsync']) {
    test(`${name}, ${how}: rates follow warm-up and decay`, async () => {
      for (const [what, options, expected] of RATES) {
        const { rates, result } = await run(learner, how, SIX, options);
        assert.equal(result.stopped, 'iterations', what);
        assert.equal(rates.length, expected.length, what);
        rates.forEach((rate, index) => {
          assert.ok(Math.abs(rate - expected[index]) < 1e-12, `${what}: ${rates}, expected ${expected}`);
        });
      }
    });

    test(`${name}, ${how}: the rate falls after as many iterations without improvement`, async () => {
      for (const [patience, { halvings }] of Object.entries(PLATEAUS)) {
        const decay = { type: 'plateau', patience: Number(patience), factor: 0.5 };
        const { rates } = await run(learner, how, ERRORS, { decay });
        const expected = halvings.map((count) => 0.1 * 0.5 ** count);
        assert.deepEqual(rates, expected, `patience ${patience}`);
      }
    });

    test(`${name}, ${how}: a run ends after as many iterations without improvement`, async () => {
      for (const [patience, { iterations }] of Object.entries(PLATEAUS)) {
        const { result, rates } = await run(learner, how, ERRORS, { patience: Number(patience) });
        assert.deepEqual([result.stopped, result.iterations], ['patience', iterations], `patience ${patience}`);
        assert.equal(rates.length, iterations);
      }
      const { result } = await run(learner, how, ERRORS, { patience: 5 });
      assert.deepEqual([result.stopped, result.iterations], ['iterations', 10]);
    });
  }
}

test('the scores of a run with patience are those of the weights that it keeps', async () => {
  const random = randomFrom(SEED);
  const samples = (count) =>
    Array.from({ length: count }, (_, index) => ({ input: vector(random, 4, -2, 2), label: 'ab'[index % 2] }));
  const [trained, heldOut] = [samples(40), samples(21)];
  const model = () => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [6], seed: 1 });
  const options = { epochs: 200, rate: 0.05, validation: heldOut, error: -1 };
  const patient = model();
  const result = await patient.fit(trained, { ...options, patience: 3 });
  assert.equal(result.stopped, 'patience');
  const { accuracy, loss } = patient.evaluate(heldOut);
  assert.equal(result.validation.accuracy, accuracy);
  assert.ok(Math.abs(result.validation.error - loss) < 1e-6, `${result.validation.error}, not ${loss}, seed ${SEED}`);
  // What was reported on the way of the iteration that was the best.
  const best = model();
  const whole = await best.fit(trained, { ...options, epochs: result.iterations - 3 });
  assert.deepEqual(
    { ...whole, time: 0, iterations: 0, stopped: '' },
    { ...result, time: 0, iterations: 0, stopped: '' },
  );
  assert.deepEqual([...best.network.weights], [...patient.network.weights]);
});
