// Sets that are stored once: they give what arrays of samples give, and are neither checked nor copied again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, DataSet, Trainer } from 'engram';
import { engineSize } from '../support/engine-size.mjs';
import { below, randomFrom, SEED } from '../support/random.mjs';
import { XOR } from '../support/sets.mjs';
import { share } from '../support/sharing.mjs';

const random = randomFrom(SEED);
const samples = Array.from({ length: 50 }, () => {
  const input = Array.from({ length: 2 + below(random, 4) }, () => [random() - 0.5, random() - 0.5]);
  return { input, output: input[0][0] > 0 ? [1, 0] : [0, 1] };
});
const flat = {
  inputSize: 2,
  outputSize: 2,
  inputs: Float64Array.from(samples.flatMap(({ input }) => input.flat())),
  targets: samples.flatMap(({ output }) => output),
  lengths: samples.map(({ input }) => input.length),
};
const make = () => new Architect.LSTM(2, 5, 2, { variant: 'standard', output: 'softmax', seed: 3 });
const OPTIONS = { iterations: 4, error: 0, seed: 1, batchSize: 16 };
/** What comes of a run: weights, and scores without times. */
const outcome = (network, { error, accuracy, training, validation }) => ({
  weights: [...network.weights],
  error,
  accuracy,
  training,
  validation,
});

test('what is held out may be a set, or samples beside a set', () => {
  const [own, held] = [samples.slice(0, 30), samples.slice(30)];
  const [ownSet, heldSet] = [new DataSet(own), new DataSet(held)];
  const train = (set, validation) => {
    const network = make();
    return outcome(network, new Trainer(network).train(set, { ...OPTIONS, validation }));
  };
  const wanted = train(own, held);
  assert.deepEqual(train(ownSet, heldSet), wanted);
  assert.deepEqual(train(ownSet, held), wanted);
  assert.deepEqual(train(own, heldSet), wanted);
});

test('plain pairs, and a target at each step', () => {
  const pairs = new DataSet({ inputSize: 2, outputSize: 1, inputs: [0, 0, 0, 1, 1, 0, 1, 1], targets: [0, 1, 1, 0] });
  const learn = (set) => {
    const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
    new Trainer(network).train(set, { iterations: 50, seed: 1, error: 0, shuffle: true });
    return [...network.weights];
  };
  assert.deepEqual(learn(pairs), learn(XOR));
  const each = new DataSet({
    ...flat,
    targets: Array.from({ length: flat.inputs.length }, (_, n) => n % 2),
    targetsAt: 'each',
  });
  const tagged = samples.map(({ input }) => ({ input, output: input.map(() => [0, 1]) }));
  const network = make();
  assert.equal(new Trainer(network).test(each).error, new Trainer(network).test(tagged).error);
});

test('a large set is in memory once, however often it is used', async (t) => {
  const count = 20_000;
  const large = new DataSet({
    inputSize: 10,
    outputSize: 1,
    inputs: new Float32Array(count * 200).fill(0.5),
    lengths: new Uint32Array(count).fill(20),
    targets: new Uint8Array(count),
  });
  const network = new Architect.LSTM(10, 1, 1, { variant: 'standard', seed: 1 });
  const trainer = new Trainer(network);
  trainer.test(large);
  const before = engineSize(Architect);
  trainer.train(large, { iterations: 1, batchSize: 1024 });
  await trainer.trainAsync(large, { iterations: 1, batchSize: 1024 });
  // 32 MB a copy; work spaces and the workers' stacks are some.
  const more = engineSize(Architect) - before;
  t.diagnostic(`${more} bytes more`);
  assert.ok(more < 16 * 2 ** 20, `${more} bytes more`);
  large.free();
});

test('a set is freed when nobody uses it, and then refused', async () => {
  const set = new DataSet(samples);
  const network = make();
  const trainer = new Trainer(network);
  const run = trainer.trainAsync(set, { ...OPTIONS, iterations: 1_000_000 });
  assert.throws(() => set.free(), { name: 'TypeError', message: /^DataSet\.free: a run uses the set/ });
  run.abort();
  await run;
  const free = () => set.free();
  trainer.train(set, { ...OPTIONS, schedule: { every: 1, do: () => assert.throws(free, TypeError) } });
  set.free();
  set.free();
  const before = [...network.weights];
  assert.throws(() => trainer.train(set), { name: 'TypeError', message: 'Trainer.train: set has been freed' });
  await assert.rejects(trainer.trainAsync(samples, { validation: set }), /options\.validation has been freed/);
  assert.deepEqual([...network.weights], before);
});

const REFUSED = [
  [undefined, TypeError, 'set is undefined, expected an array of { input, output }, or flat arrays'],
  ['text', TypeError, 'set is "text"'],
  [[], RangeError, 'set is empty'],
  [[{ input: [], output: [] }], RangeError, 'set[0] has 0 inputs and 0 outputs'],
  [[...samples, { input: [[1]], output: [1, 0] }], RangeError, 'set[50].input[0] has 1 values, the first sample has 2'],
  [[...samples, { input: [[1, 2]], output: [1] }], RangeError, 'set[50].output has 1 values, the first sample has 2'],
  [[{ input: [[1]], output: [null] }], RangeError, 'set has no target'],
  [{ ...flat, inputSize: 0 }, RangeError, 'set.inputSize is 0'],
  [{ ...flat, outputSize: '2' }, TypeError, 'set.outputSize is "2"'],
  // Refused by what it says, before room is made for it.
  [{ ...flat, outputSize: 2 ** 31 - 1 }, RangeError, 'set.targets has'],
  [{ ...flat, outputSize: 2 ** 24 + 1, targetsAre: 'classes' }, RangeError, 'set.outputSize is 16777217'],
  [{ ...flat, inputs: 'abc' }, TypeError, 'set.inputs is "abc"'],
  [{ ...flat, inputs: [] }, RangeError, 'set.inputs has 0 values, expected steps of 2'],
  [{ ...flat, inputs: [1, 2, 3] }, RangeError, 'set.inputs has 3 values, expected steps of 2'],
  [{ ...flat, inputs: flat.inputs.with(3, Number.NaN) }, RangeError, 'set.inputs[3] is NaN'],
  [{ ...flat, inputs: new BigInt64Array(flat.inputs.length) }, TypeError, 'set.inputs[0] is bigint'],
  [{ ...flat, lengths: [1, 1] }, RangeError, 'set.lengths sum to 2'],
  [{ ...flat, lengths: [0, ...flat.lengths] }, RangeError, 'set.lengths[0] is 0'],
  [{ ...flat, lengths: [Number.NaN] }, RangeError, 'set.lengths[0] is NaN'],
  [{ ...flat, targets: [1] }, RangeError, 'set.targets has 1 values, 50 targets of 2 make 100'],
  [{ ...flat, targets: flat.targets.with(7, '1') }, TypeError, 'set.targets[7] is "1"'],
  [{ ...flat, targetsAt: 'first' }, RangeError, "set.targetsAt is \"first\", expected one of 'last', 'each'"],
  [{ ...flat, length: 3 }, TypeError, "set.length is not known; did you mean 'lengths'?"],
];
for (const [set, kind, message] of REFUSED) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => new DataSet(set),
      (error) => error instanceof kind && error.message.startsWith(`new DataSet: ${message}`),
    );
  });
}

test('a set of other sizes is refused by name', () => {
  const trainer = new Trainer(new Architect.Perceptron(2, 3, 1));
  const message = 'Trainer.test: set has outputs of 2 values, the network gives 1';
  assert.throws(() => trainer.test(new DataSet(samples)), { name: 'RangeError', message });
});

const ways = { 'of samples': () => new DataSet(samples), 'of flat arrays': () => new DataSet(flat) };
// Copies come last: a worker that was started without shared memory is used again where memory may be shared.
const cases = ['auto', 'never'].flatMap((sharing) => Object.entries(ways).map((way) => [sharing, ...way]));
for (const [shareMemory, way, store] of cases) {
  test(`a set ${way} trains and is tested as its samples are (${shareMemory}, seed ${SEED})`, async (t) => {
    share(t, shareMemory);
    const set = store();
    const { length, steps, inputSize, outputSize } = set;
    const sizes = { length: 50, steps: flat.lengths.reduce((a, b) => a + b), inputSize: 2, outputSize: 2 };
    assert.deepEqual({ length, steps, inputSize, outputSize }, sizes);
    const cost = (target, output) => Math.abs(target[0] - output[0]);
    for (const more of [{}, { threads: 2 }, { validation: 0.2 }, { cost }, { learner: 'online', iterations: 1 }]) {
      const options = { ...OPTIONS, ...more };
      const expected = make();
      const wanted = outcome(expected, new Trainer(expected).train(samples, { ...options, threads: 1 }));
      const here = make();
      assert.deepEqual(outcome(here, new Trainer(here).train(set, options)), wanted);
      const there = make();
      assert.deepEqual(outcome(there, await new Trainer(there).trainAsync(set, options)), wanted);
      for (const asked of [{}, { precision: 'f32' }, { cost }]) {
        const [{ error, accuracy }, other] = [
          new Trainer(here).test(set, asked),
          new Trainer(here).test(samples, asked),
        ];
        assert.deepEqual({ error, accuracy }, { error: other.error, accuracy: other.accuracy });
      }
    }
    set.free();
  });
}
