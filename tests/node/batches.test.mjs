// Which sequences come together in a batch. The user's cost is called for every target in the order in which the run
// had them, so targets that name their sequence tell the batches.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Trainer } from 'engram';

import { below, randomFrom, SEED } from '../support/random.mjs';

const random = randomFrom(SEED);
const BATCH = 8;
/** 15 whole batches and one of 4: fewer than are ordered by length at once. */
const set = Array.from({ length: 124 }, (_, index) => {
  const input = Array.from({ length: 1 + below(random, 30) }, () => [random() - 0.5]);
  return { input, output: [index] };
});
const lengthOf = (index) => set[index].input.length;
const byLength = (a, b) => lengthOf(b) - lengthOf(a);
const chunks = (list) =>
  Array.from({ length: Math.ceil(list.length / BATCH) }, (_, at) => list.slice(at * BATCH, (at + 1) * BATCH));

/** Trains for two iterations; gives the batches of each, as lists of the places of their sequences, and the weights. */
function train(options) {
  const order = [];
  const cost = ([index]) => {
    order.push(index);
    return 1;
  };
  const network = new Architect.LSTM(1, 2, 1, { variant: 'standard', output: 'linear', seed: 1 });
  new Trainer(network).train(set, { batchSize: BATCH, iterations: 2, cost, seed: SEED, ...options });
  assert.equal(order.length, 2 * set.length);
  const iterations = [order.slice(0, set.length), order.slice(set.length)];
  for (const one of iterations) assert.equal(new Set(one).size, set.length, 'every sequence comes once');
  return { iterations: iterations.map(chunks), weights: [...network.weights] };
}

const lengths = (batches) => batches.map((batch) => batch.map(lengthOf));
const sorted = (batches) => batches.map(String).sort();
/** The sequences from long to short, cut into batches. */
const alike = chunks([...set.keys()].sort(byLength));

test(`grouped by length, batches are neighbours in length, in random order (seed ${SEED})`, () => {
  const { iterations, weights } = train({ groupByLength: true });
  for (const batches of iterations) {
    assert.deepEqual(sorted(lengths(batches)), sorted(lengths(alike)));
    assert.notDeepEqual(lengths(batches), lengths(alike), 'the batches are shuffled');
    assert.deepEqual(lengths(batches).at(-1), lengths(alike).at(-1), 'the batch that is not whole stays the last');
  }
  assert.notDeepEqual(lengths(iterations[0]), lengths(iterations[1]), 'a new order after every iteration');
  assert.notDeepEqual(weights, train({}).weights);
});

test(`not grouped, batches are of any length, in random order (seed ${SEED})`, () => {
  const { iterations, weights } = train({});
  const spread = (batches) => batches.filter((batch) => lengthOf(batch[0]) - lengthOf(batch.at(-1)) > 10).length;
  assert.equal(spread(alike), 0);
  for (const batches of iterations) assert.ok(spread(batches) > 8, `${spread(batches)} of 16 batches`);
  assert.notDeepEqual(iterations[0], iterations[1]);
  assert.deepEqual(weights, train({ groupByLength: false }).weights);
});

test('where the order is not shuffled, batches are as the set has them, grouped or not', () => {
  const given = chunks([...set.keys()]).map((batch) => batch.sort(byLength));
  for (const groupByLength of [false, true]) {
    assert.deepEqual(train({ shuffle: false, groupByLength }).iterations, [given, given]);
  }
});

test(`batches of like length learn the same task (seed ${SEED})`, () => {
  const signs = set.map(({ input }) => ({ input, output: [Number(input[0][0] > 0)] }));
  const network = new Architect.LSTM(1, 8, 1, { variant: 'standard', seed: 1 });
  const options = { groupByLength: true, batchSize: BATCH, iterations: 60, error: 0, seed: 1 };
  const { accuracy } = new Trainer(network).train(signs, options);
  assert.ok(accuracy > 0.9, String(accuracy));
});
