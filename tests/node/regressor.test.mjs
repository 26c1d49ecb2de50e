// SequenceRegressor: numbers of a sequence, or of each of its steps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceRegressor, Trainer, unpack } from 'engram';
import { below, randomFrom, SEED, vector } from '../support/random.mjs';

const random = randomFrom(SEED);
const sums = (count) =>
  Array.from({ length: count }, () => {
    const input = vector(random, 3 + below(random, 10), 0, 10);
    return { input, output: input.reduce((sum, value) => sum + value) };
  });
const small = (options) => new SequenceRegressor({ hidden: [4], seed: 1, ...options });
const few = [
  { input: [1, 2, 1], output: 40 },
  { input: [7, 9, 8, 9], output: 330 },
  { input: [4, 4], output: 80 },
];

test(`the sum of a sequence is learnt to 2 %, seed ${SEED}`, async () => {
  const [samples, others] = [sums(300), sums(100)];
  const regressor = new SequenceRegressor({ hidden: [16], seed: SEED });
  await regressor.fit(samples, { epochs: 80, decay: { type: 'cosine' } });
  const { mae, r2, mean, advice } = regressor.evaluate(others);
  const typical = others.reduce((sum, { output }) => sum + output, 0) / others.length;
  assert.ok(mae / typical < 0.02, `${mae} of ${typical}`);
  assert.ok(r2 > 0.99 && mae < mean.mae / 10, `${r2}`);
  assert.equal(advice, undefined);
});

test(`two channels in, one number out, at every step that has one, seed ${SEED}`, async () => {
  const samples = Array.from({ length: 60 }, () => {
    const input = Array.from({ length: 12 }, () => vector(random, 2, -3, 3));
    // The product of this step's channels, and what the first was a step before, in units of 1,000.
    const output = input.map(([a, b], step) => (step % 4 === 3 ? null : 1000 * (b + (input[step - 1]?.[0] ?? 0)) + a));
    return { input, output };
  });
  const encoder = Encoder.numeric({ channels: 2 });
  const regressor = new SequenceRegressor({ encoder, targetsAt: 'each', hidden: [16], seed: SEED });
  await regressor.fit(samples.slice(0, 48), { epochs: 150, rate: 0.02, decay: { type: 'cosine' } });
  const { r2 } = regressor.evaluate(samples.slice(48));
  assert.ok(r2 > 0.97, `r2 ${r2}`);
  const answers = regressor.predict(samples[50].input);
  assert.equal(answers.length, 12);
  assert.ok(answers.every((value) => typeof value === 'number'));
});

test('each of several outputs has its scale, and its scores', async () => {
  const samples = Array.from({ length: 40 }, (_, index) => {
    const level = (index % 20) / 10;
    return { input: [level, level, level], output: [1e6 + 1e4 * level, -0.001 * level] };
  });
  const regressor = small({ outputs: 2 });
  await regressor.fit(samples, { epochs: 120, rate: 0.03 });
  const [first, second] = regressor.predict([1, 1, 1]);
  assert.ok(Math.abs(first - 1_010_000) < 2000, `${first}`);
  assert.ok(Math.abs(second + 0.001) < 0.0003, `${second}`);
  const { outputs, r2, mae } = regressor.evaluate(samples);
  assert.equal(outputs.length, 2);
  assert.ok(Math.abs(r2 - (outputs[0].r2 + outputs[1].r2) / 2) < 1e-12);
  assert.ok(Math.abs(mae - (outputs[0].mae + outputs[1].mae) / 2) < 1e-9);
});

test('scores are those of the formulas, in the units of the targets', async () => {
  const regressor = small();
  await regressor.fit(few, { epochs: 3 });
  const { mae, rmse, r2, mean, outputs } = regressor.evaluate(few);
  const errors = few.map(({ input, output }) => output - regressor.predict(input));
  const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9 * Math.abs(expected), `${actual}`);
  near(mae, errors.reduce((sum, error) => sum + Math.abs(error), 0) / 3);
  near(rmse, Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / 3));
  near(mean.mae, (110 + 180 + 70) / 3);
  near(mean.rmse, Math.sqrt((110 ** 2 + 180 ** 2 + 70 ** 2) / 3));
  near(r2, 1 - rmse ** 2 / mean.rmse ** 2);
  assert.deepEqual(outputs, [{ mae, rmse, r2, mean }]);
  assert.deepEqual(
    regressor.predictAll(few.map(({ input }) => input)),
    few.map(({ input }) => regressor.predict(input)),
  );
  assert.deepEqual(regressor.predictAll([]), []);
});

test('answers that are no better than the mean are said to be so', async () => {
  const regressor = small();
  await regressor.fit(few, { epochs: 1, rate: 0 });
  assert.match(regressor.evaluate([{ input: [1], output: 0 }]).advice, /no better than the mean/);
});

test('targets may be any numbers that a double holds, and all the same', async () => {
  const huge = [Number.MAX_VALUE, -Number.MAX_VALUE, 1e308].map((output, index) => ({ input: [index], output }));
  const regressor = small();
  await regressor.fit(huge, { epochs: 2 });
  const evaluation = regressor.evaluate(huge);
  for (const value of [evaluation.mae, evaluation.rmse, evaluation.r2, regressor.predict([1])]) {
    assert.ok(Number.isFinite(value), JSON.stringify(evaluation));
  }
  const same = small();
  await same.fit([{ input: [1], output: 7 }], { epochs: 1 });
  assert.equal(same.predict([5]), 7);
  assert.equal(same.evaluate([{ input: [1], output: 7 }]).r2, 1);
  assert.equal(same.evaluate([{ input: [1], output: 8 }]).r2, 0);
});

test('targets that lie close together are told apart, as times in milliseconds are', async () => {
  const samples = Array.from({ length: 20 }, (_, index) => ({ input: [index], output: 1.7e12 + index * 50 }));
  const regressor = small();
  await regressor.fit(samples, { epochs: 100, rate: 0.05 });
  assert.ok(regressor.evaluate(samples).r2 > 0.9, JSON.stringify(regressor.evaluate(samples)));
});

test('files of a regressor that lack what it stores are refused', async () => {
  const regressor = small();
  await regressor.fit([{ input: [1], output: 7 }], { epochs: 1 });
  const stored = JSON.parse(JSON.stringify(regressor));
  for (const name of ['outputs', 'targetsAt', 'targets']) {
    const message = new RegExp(`fromJSON: json.${name} is undefined, expected what every regressor stores`);
    assert.throws(() => SequenceRegressor.fromJSON({ ...stored, [name]: undefined }), { name: 'TypeError', message });
  }
  for (const [changed, message] of [
    [
      { targets: { mean: [true], deviation: [1] } },
      /fromJSON: json.targets.mean\[0\] is true, expected a finite number/,
    ],
    [{ encoder: { ...stored.encoder, deviation: [true] } }, /json.deviation\[0\] is true, expected a finite number/],
    [{ targetsAt: 'first' }, /fromJSON: json.targetsAt is "first"/],
    [{ hidden: ['8'] }, /fromJSON: json.hidden\[0\] is "8"/],
    [{ dropout: 2 }, /fromJSON: json.dropout is 2/],
  ]) {
    assert.throws(() => SequenceRegressor.fromJSON({ ...stored, ...changed }), { message });
  }
});

test('normalisation is that of the samples trained on, and stays', async () => {
  const regressor = small();
  const held = [{ input: [3], output: 1e9 }];
  await regressor.fit(few, { epochs: 2, validation: held });
  const { targets } = regressor.toJSON();
  assert.ok(Math.abs(targets.mean[0] - 150) < 1e-9);
  await regressor.fit(held, { epochs: 1 });
  assert.deepEqual(regressor.toJSON().targets, targets);
  regressor.free();
  assert.equal(regressor.toJSON().targets, null);
  await regressor.fit(held, { epochs: 1 });
  assert.deepEqual(regressor.toJSON().targets, { mean: [1e9], deviation: [0] });
});

test('one seed gives one model; JSON, packs and checkpoints hold all of it', async () => {
  for (const options of [
    {},
    { targetsAt: 'each', bidirectional: true },
    { outputs: 1, variant: 'gru', readout: 'last' },
  ]) {
    const samples = few.map(({ input, output }) =>
      options.targetsAt === 'each'
        ? { input, output: input.map((_, step) => (step === 0 ? null : output)) }
        : { input, output },
    );
    const model = small(options);
    const first = await model.fit(samples, { epochs: 10 });
    const other = small(options);
    const saved = [];
    await other.fit(samples, { epochs: 5, checkpointEvery: 5, onCheckpoint: (bytes) => saved.push(bytes) });
    const resumed = small(options);
    const second = await resumed.fit(samples, { epochs: 10, resume: saved.at(-1) });
    assert.equal(second.error, first.error);
    assert.deepEqual(resumed.toJSON(), model.toJSON());
    const loaded = SequenceRegressor.fromJSON(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(loaded.predict([1, 2, 3]), model.predict([1, 2, 3]));
    assert.deepEqual(loaded.toJSON(), model.toJSON());
    const pack = unpack(await small(options).pack(samples, { epochs: 10 }));
    assert.ok(pack.model instanceof SequenceRegressor);
    await pack.train();
    assert.deepEqual(pack.model.toJSON(), model.toJSON());
  }
});

test('a run can be aborted, and the model goes on', async () => {
  const regressor = small();
  const run = regressor.fit(few, { epochs: 1e6, onProgress: () => run.abort() });
  assert.equal((await run).stopped, 'aborted');
  assert.ok(Number.isFinite(regressor.predict([1, 2])));
  const signal = AbortSignal.abort();
  assert.equal((await regressor.fit(few, { signal })).stopped, 'aborted');
});

test('a network becomes a regressor, in units of its own', async () => {
  const network = new Architect.LSTM(1, 3, 1, { variant: 'standard', output: 'linear', seed: 1 });
  await new Trainer(network).trainAsync([{ input: [[1], [2]], output: [3] }], { iterations: 2, seed: 1 });
  const [expected] = network.activateSequence([[1], [2]]).at(-1);
  const encoder = Encoder.numeric({ normalize: false });
  const regressor = SequenceRegressor.fromNetwork(network, { encoder, seed: 1 });
  assert.equal(regressor.predict([1, 2]), expected);
  assert.equal(regressor.toJSON().targets, null);
  await regressor.fit([{ input: [1, 2], output: 3 }], { epochs: 2 });
  assert.equal(regressor.toJSON().targets, null);
  assert.throws(
    () => SequenceRegressor.fromNetwork(new Architect.LSTM(1, 2, 1, { variant: 'standard' }), { encoder }),
    { name: 'RangeError', message: /^SequenceRegressor\.fromNetwork: network has outputs that are not linear/ },
  );
});

test('what is wrong is refused by name, and changes nothing', async () => {
  const refuse = (make, name, message) => assert.throws(make, { name, message });
  refuse(() => small({ outputs: 0 }), 'RangeError', /^new SequenceRegressor: options\.outputs is 0/);
  refuse(() => small({ targetsAt: 'all' }), 'RangeError', /options\.targetsAt is "all"/);
  refuse(
    () => small({ targetsAt: 'each', readout: 'max' }),
    'RangeError',
    /options\.readout is "max", expected left out/,
  );
  refuse(() => small({ labels: [] }), 'TypeError', /labels/);
  refuse(() => small().predict([1]), 'TypeError', /^SequenceRegressor\.predict: the model has not been fitted/);
  const wrong = [
    [{}, [], 'RangeError', /samples is an array of 0, expected at least one entry/],
    [{}, [3], 'TypeError', /samples\[0\] is 3, expected an object \{ input, output \}/],
    [{}, [{ input: [1] }], 'TypeError', /samples\[0\]\.output is undefined, expected a finite number/],
    [{}, [{ input: [1], output: NaN }], 'RangeError', /samples\[0\]\.output is NaN/],
    [{}, [{ input: [1], output: [1, 2] }], 'RangeError', /samples\[0\]\.output has 2 values, the model has 1/],
    [{}, [...few, { input: [], output: 1 }], 'RangeError', /samples\[3\]\.input is an array of 0/],
    [{}, [...few, { input: ['x'], output: 1 }], 'TypeError', /samples\[3\]\.input\[0\]/],
    [
      { outputs: 2 },
      [{ input: [1], output: 1 }],
      'TypeError',
      /samples\[0\]\.output is 1, expected an array of 2 numbers/,
    ],
    [{ targetsAt: 'each' }, [{ input: [1], output: 1 }], 'TypeError', /samples\[0\]\.output is 1, expected an array/],
    [
      { targetsAt: 'each' },
      [{ input: [1], output: [null] }],
      'RangeError',
      /expected at least one entry that is not null/,
    ],
    [
      { targetsAt: 'each' },
      [{ input: [1], output: ['1'] }],
      'TypeError',
      /output\[0\] is "1", expected null or a finite/,
    ],
    [{ targetsAt: 'each' }, [{ input: [1], output: [1, 2] }], 'RangeError', /input has 1 steps for 2 outputs/],
  ];
  for (const [options, samples, name, message] of wrong) {
    const regressor = small(options);
    const before = JSON.stringify(regressor);
    await assert.rejects(regressor.fit(samples), { name, message });
    assert.equal(JSON.stringify(regressor), before);
  }
  await assert.rejects(small().fit(few, { classWeights: 'balanced' }), { name: 'TypeError', message: /classWeights/ });
  const fitted = small();
  await fitted.fit(few, { epochs: 1 });
  const json = JSON.parse(JSON.stringify(fitted));
  const files = [
    [{ targets: { mean: [1, 2], deviation: [1] } }, /json\.targets\.mean has 2 values, the model has 1/],
    [{ targets: { mean: [1], deviation: [-1] } }, /json\.targets\.deviation/],
    [{ targets: 3 }, /json\.targets is 3, expected an object/],
    [{ outputs: 2 }, /json\.targets|outputs/],
    [{ type: 'SequenceTagger' }, /json\.type is "SequenceTagger"/],
  ];
  for (const [change, message] of files) {
    assert.throws(() => SequenceRegressor.fromJSON({ ...json, ...change }), { message });
  }
});
