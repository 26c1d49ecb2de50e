// SequenceTranscriber: what a sequence says, without when (connectionist temporal classification).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, DataSet, Encoder, SequenceTranscriber, Trainer, unpack } from 'engram';
import { below, pick, randomFrom, SEED } from '../support/random.mjs';
import { writtenNumbers } from '../support/strokes.mjs';

const bits = ({ network }) => [...network.weights, ...network.biases];

test(`numbers of several digits are read from the way of the pen, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const [samples, heldOut] = [writtenNumbers(500, random), writtenNumbers(200, random)];
  const encoder = Encoder.numeric({ channels: 3 });
  const transcriber = new SequenceTranscriber({ encoder, bidirectional: true, seed: SEED });
  const { time } = await transcriber.fit(samples, { epochs: 30, rate: 0.02, decay: { type: 'cosine' } });
  const greedy = transcriber.evaluate(heldOut);
  const searched = transcriber.evaluate(heldOut, { beam: 10 });
  assert.ok(greedy.errorRate < 0.05 && searched.errorRate < 0.05, JSON.stringify({ greedy, searched, time }));
  assert.ok(time < 60_000, `${time} ms`);
  const { input, output } = heldOut[0];
  assert.equal(typeof transcriber.transcribe(input), 'string');
  const all = transcriber.transcribeAll(heldOut.map((sample) => sample.input));
  assert.equal(all.filter((text, index) => text === heldOut[index].output).length / 200, greedy.accuracy);
  assert.equal(transcriber.transcribe(input, { beam: 10 }).length > 0, output.length > 0);
});

/** Codes of long and short pulses between pauses of any length. */
const CODES = { a: [1, 3], b: [3, 1], c: [2, 2] };
function pulses(count, random) {
  return Array.from({ length: count }, () => {
    const output = Array.from({ length: below(random, 4) }, () => pick(random, Object.keys(CODES)));
    const rest = () => new Array(1 + below(random, 3)).fill(0);
    const input = output.flatMap((code) => [
      ...CODES[code].flatMap((length) => [...new Array(length).fill(1), 0]),
      ...rest(),
    ]);
    return { input: [...rest(), ...input].map((value) => value + 0.2 * (random() - 0.5)), output };
  });
}
const small = () => new SequenceTranscriber({ hidden: [6], seed: 3 });

test('lists, one direction: the same bits on any threads, from a checkpoint, a pack and JSON, and an abort', async () => {
  const random = randomFrom(5);
  const samples = pulses(70, random);
  const options = { epochs: 4, batchSize: 40, validation: 0.2 };
  const whole = small();
  const result = await whole.fit(samples, { ...options, threads: 1 });
  assert.ok(result.error > 0 && result.accuracy >= 0 && result.accuracy <= 1);
  const shared = small();
  await shared.fit(samples, { ...options, threads: 2 });
  assert.deepEqual(bits(shared), bits(whole));
  const checkpoints = [];
  await small().fit(samples, { ...options, checkpointEvery: 2, onCheckpoint: (bytes) => checkpoints.push(bytes) });
  const resumed = small();
  await resumed.fit(samples, { ...options, resume: checkpoints[0] });
  assert.deepEqual(bits(resumed), bits(whole));
  const pack = unpack(await small().pack(samples, options));
  await pack.train();
  assert.deepEqual(bits(pack.model), bits(whole));
  const loaded = SequenceTranscriber.fromJSON(JSON.parse(JSON.stringify(whole)));
  assert.deepEqual(loaded.symbols, whole.symbols);
  const inputs = samples.map(({ input }) => input);
  assert.deepEqual(loaded.transcribeAll(inputs), whole.transcribeAll(inputs));
  assert.ok(Array.isArray(loaded.transcribe(inputs[0])));
  assert.deepEqual(loaded.transcribeAll(inputs, { beam: 5 }), whole.transcribeAll(inputs, { beam: 5 }));
  const run = small().fit(samples, { epochs: 1e6 });
  await run.checkpoint();
  run.abort();
  assert.equal((await run).stopped, 'aborted');
});

/** What a path says: without repetitions, then without blanks (the last output). */
const said = (path, blank) => path.filter((output, step) => output !== path[step - 1] && output !== blank);

test('a beam finds the most probable list of all, no beam the most probable path', () => {
  const random = randomFrom(7);
  let differ = 0;
  for (let round = 0; round < 40; round++) {
    const symbols = ['a', 'b', 'c'].slice(0, 1 + (round % 3));
    const outputs = symbols.length + 1;
    const network = new Architect.LSTM(1, 3, outputs, { variant: 'standard', output: 'softmax', seed: round });
    const transcriber = SequenceTranscriber.fromNetwork(network, {
      symbols,
      encoder: Encoder.numeric({ normalize: false }),
    });
    const input = Array.from({ length: 1 + (round % 5) }, () => 20 * (random() - 0.5));
    const rows = network.activateSequence(input.map((value) => [value]));
    const lists = new Map();
    let best = { share: 0, list: '' };
    for (let index = 0; index < outputs ** input.length; index++) {
      const path = input.map((_, step) => Math.floor(index / outputs ** step) % outputs);
      const share = path.reduce((product, output, step) => product * rows[step][output], 1);
      const list = said(path, outputs - 1)
        .map((slot) => symbols[slot])
        .join('');
      lists.set(list, (lists.get(list) ?? 0) + share);
      if (share > best.share) best = { share, list };
    }
    const [[probable]] = [...lists].sort(([, a], [, b]) => b - a);
    assert.equal(transcriber.transcribe(input), best.list);
    assert.equal(transcriber.transcribe(input, { beam: 1000 }), probable);
    if (probable !== best.list) differ++;
  }
  assert.ok(differ > 3, `${differ} of 40`);
});

test('errors are counted as insertions, deletions and replacements', () => {
  const network = new Architect.LSTM(1, 2, 3, { variant: 'standard', output: 'softmax', seed: 1 });
  const transcriber = SequenceTranscriber.fromNetwork(network, {
    symbols: ['a', 'b'],
    encoder: Encoder.numeric({ normalize: false }),
  });
  const input = Array.from({ length: 9 }, (_, step) => 30 * Math.sin(step));
  const read = transcriber.transcribe(input);
  for (const [output, errors] of [
    [read, 0],
    [`${read}a`, 1],
    [`ab${read}`, 2],
    ['', read.length],
  ]) {
    const { errorRate, accuracy } = transcriber.evaluate([{ input, output }]);
    assert.equal(errorRate, errors / Math.max(output.length, 1));
    assert.equal(accuracy, errors === 0 ? 1 : 0);
  }
});

test('samples of weight 2 are the sample twice', async () => {
  const samples = pulses(6, randomFrom(8));
  const options = { epochs: 4, batchSize: 99, optimizer: 'sgd', rate: 0.1, precision: 'f64', shuffle: false };
  const make = () =>
    new SequenceTranscriber({
      hidden: [4],
      symbols: ['a', 'b', 'c'],
      encoder: Encoder.numeric({ normalize: false }),
      seed: 2,
    });
  const [weighted, doubled] = [make(), make()];
  await weighted.fit(
    samples.map((sample, index) => (index === 1 ? { ...sample, weight: 2 } : sample)),
    options,
  );
  await doubled.fit([...samples, samples[1]], options);
  bits(weighted).forEach((value, index) => assert.ok(Math.abs(value - bits(doubled)[index]) < 1e-12));
});

test('hostile samples are refused by name before training, and change nothing', async () => {
  const refuse = async (samples, name, message, options = {}) => {
    const transcriber = new SequenceTranscriber({ hidden: [2], seed: 1, ...options });
    await assert.rejects(transcriber.fit(samples), { name, message });
    assert.equal(transcriber.network, null);
    assert.deepEqual(transcriber.symbols, options.symbols ?? null);
  };
  const fine = { input: [1, 2, 3], output: 'ab' };
  const call = 'SequenceTranscriber.fit: ';
  await refuse(
    [fine, { input: [1, 2], output: 'abc' }],
    'RangeError',
    `${call}samples[1].output has 3 symbols, to say which takes 3 steps, of which the input has 2`,
  );
  await refuse(
    [fine, { input: [1, 2, 3], output: 'aab' }],
    'RangeError',
    `${call}samples[1].output has 3 symbols, to say which takes 4 steps, of which the input has 3`,
  );
  await refuse(
    [fine, { input: [1], output: ['a'] }],
    'TypeError',
    /samples\[1\]\.output is .*, expected a text, or a list, as in all samples/,
  );
  await refuse([fine, { input: [1], output: 7 }], 'TypeError', /samples\[1\]\.output is 7/);
  await refuse(
    [{ input: [1], output: [null] }],
    'TypeError',
    /samples\[0\]\.output\[0\] is null, expected a text or a finite number/,
  );
  await refuse([{ input: [1], output: '' }], 'RangeError', /samples say nothing/);
  await refuse([fine, { input: [], output: '' }], 'RangeError', /samples\[1\]\.input/);
  await refuse([fine], 'RangeError', /samples\[0\]\.output\[1\] is "b", expected one of "a"/, { symbols: ['a'] });
  await assert.rejects(new SequenceTranscriber({ seed: 1 }).fit([fine], { truncate: 2 }), {
    message: /options\.truncate is 2, expected null/,
  });
  assert.throws(() => new SequenceTranscriber({ symbols: ['a', 'a'] }), {
    message: /options\.symbols\[1\] is "a", expected every symbol once/,
  });
  assert.throws(() => new SequenceTranscriber({ readout: 'max' }), { message: /readout/ });
  const network = new Architect.LSTM(1, 2, 3, { variant: 'standard', output: 'softmax', seed: 1 });
  assert.throws(() => SequenceTranscriber.fromNetwork(network, { symbols: ['a'] }), { message: /3 outputs/ });
  const transcriber = SequenceTranscriber.fromNetwork(network, { symbols: ['a', 'b'] });
  assert.throws(() => transcriber.transcribe([1], { beam: 0 }), { message: /options\.beam is 0/ });
  const json = transcriber.toJSON();
  for (const change of [
    { symbols: null },
    { symbols: ['a'] },
    { symbols: ['a', 'a'] },
    { symbols: [{}, 'a'] },
    { text: 'yes' },
  ]) {
    assert.throws(
      () => SequenceTranscriber.fromJSON({ ...json, ...change }),
      (error) => error instanceof TypeError || error instanceof RangeError,
    );
  }
});

test('empty outputs, outputs of one symbol and sequences of one step are learnt', async () => {
  const samples = [
    { input: [5], output: 'a' },
    { input: [-5], output: '' },
    { input: [5, -5, 5], output: 'aa' },
  ];
  const transcriber = new SequenceTranscriber({ hidden: [8], seed: 1 });
  await transcriber.fit(samples, { epochs: 200, rate: 0.03 });
  assert.deepEqual(transcriber.transcribeAll(samples.map(({ input }) => input)), ['a', '', 'aa']);
  assert.deepEqual(transcriber.evaluate(samples), { errorRate: 0, accuracy: 1 });
});

const flat = {
  inputSize: 1,
  outputSize: 3,
  inputs: [0, 1, 0, 1, 0],
  lengths: [3, 2],
  targets: [0, 1, 1],
  targetsAre: 'lists',
  targetLengths: [2, 1],
};

test('a Trainer learns lists of a DataSet with softmax outputs, by a loss of their own', () => {
  const make = (output = 'softmax', more = {}) =>
    new Architect.LSTM(1, 3, 3, { variant: 'standard', output, seed: 2, ...more });
  const set = new DataSet(flat);
  const network = make();
  const trainer = new Trainer(network);
  const { error } = trainer.test(set);
  // By the sum over all paths.
  const rows = [[0], [1], [0], [1], [0]];
  const outputs = [rows.slice(0, 3), rows.slice(3)].map((steps) => network.activateSequence(steps));
  const probability = (steps, list) => {
    let sum = 0;
    for (let index = 0; index < 3 ** steps.length; index++) {
      const path = steps.map((_, step) => Math.floor(index / 3 ** step) % 3);
      if (said(path, 2).join() === list.join())
        sum += path.reduce((product, output, step) => product * steps[step][output], 1);
    }
    return sum;
  };
  const expected = -(Math.log(probability(outputs[0], [0, 1])) + Math.log(probability(outputs[1], [1]))) / 2;
  assert.ok(Math.abs(error - expected) < 1e-9, `${error}, expected ${expected}`);
  const result = trainer.train(set, { iterations: 200, rate: 0.05 });
  assert.ok(result.error < 0.1 && result.accuracy === 1, JSON.stringify(result));
  for (const [network, options, message] of [
    [make('logistic'), {}, /lists of symbols as targets, expected a network with softmax outputs/],
    [make('softmax', { readout: 'mean' }), {}, /lists of symbols as targets/],
    [make(), { learner: 'online' }, /options\.learner is 'online', expected 'bptt'/],
    [make(), { truncate: 2 }, /options\.truncate is 2, expected null/],
    [make(), { cost: Trainer.cost.MSE }, /options\.cost/],
    [make(), { validation: [{ input: [[1]], output: [1, 0, 0] }] }, /one of two sets has lists/],
  ]) {
    assert.throws(() => new Trainer(network).train(set, options), { message });
  }
  assert.throws(() => new Trainer(make()).test(set, { cost: Trainer.cost.MSE }), { message: /options\.cost/ });
  set.free();
});

test('lists of a DataSet are checked', () => {
  for (const [change, message] of [
    [{ targets: [0, 1, 2] }, /set\.targets\[2\] is 2/],
    [{ targetLengths: [2] }, /set\.targetLengths has 1 values, expected one for each of 2 samples/],
    [{ targetLengths: [1, 1] }, /set\.targetLengths sum to 2, expected the 3 symbols of set\.targets/],
    [{ targetLengths: undefined }, /set\.targetLengths/],
    [
      { targets: [1, 1, 0, 0], targetLengths: [2, 2] },
      /set\.targetLengths\[1\] is 2, which takes 3 steps to say, of which the sample has 2/,
    ],
    [{ outputSize: 1, targets: [0, 0, 0] }, /set\.outputSize is 1/],
    [{ targetsAt: 'last' }, /set\.targetsAt/],
    [{ targetsAre: 'rows', targets: [1, 0, 0, 1, 0, 0] }, /set\.targetLengths is .*, expected left out/],
  ]) {
    assert.throws(() => new DataSet({ ...flat, ...change }), { message });
  }
});

test(`sums that were not seen are read from their terms, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const sums = Array.from({ length: 1600 }, (_, index) => [index % 40, Math.floor(index / 40)]);
  const samples = sums.map(([a, b]) => ({ input: `${a}+${b}`, output: `${a + b}` }));
  const heldOut = samples.filter(({ input }) => input === '12+7' || random() < 0.1);
  const seen = samples.filter((sample) => !heldOut.includes(sample));
  const encoder = Encoder.oneHot('0123456789+');
  const layout = { variant: 'gru', bidirectional: true, hidden: [48, 48] };
  const adder = new SequenceTranscriber({ encoder, ...layout, seed: SEED });
  await adder.fit(seen, { epochs: 50, batchSize: 16, decay: { type: 'cosine' } });
  const evaluation = adder.evaluate(heldOut);
  assert.ok(evaluation.accuracy > 0.85 && evaluation.errorRate < 0.08, JSON.stringify(evaluation));
  assert.equal(adder.transcribe('12+7'), '19');
});

test('a stream reads as the whole sequence so far, in windows and piece by piece', async () => {
  const random = randomFrom(3);
  const series = Array.from({ length: 24 }, () => {
    const output = Array.from({ length: 3 }, () => (random() < 0.5 ? 'u' : 'd')).join('');
    const input = [...output].flatMap((letter) => [0, 0, letter === 'u' ? 5 : -5, 0]);
    return { input: input.map((value) => value + random()), output };
  });
  const words = series.map(({ output }) => ({ input: `-${[...output].join('-')}-`, output: [...output] }));
  const cases = [
    [{ encoder: Encoder.numeric() }, series],
    [{ encoder: Encoder.numeric({ window: 2 }), variant: 'gru' }, series],
    [{ encoder: Encoder.oneHot('ud-') }, words],
  ];
  for (const [options, samples] of cases) {
    const model = new SequenceTranscriber({ ...options, hidden: [12], seed: 1 });
    await model.fit(samples, { epochs: 60, rate: 0.02, threads: 1 });
    const stream = model.stream();
    for (const { input } of samples.slice(0, 4)) {
      for (let step = 1; step <= input.length; step++) {
        assert.deepEqual(stream.push(input[step - 1]), model.transcribe(input.slice(0, step)));
      }
      stream.reset();
    }
    if (typeof samples[0].input === 'string')
      assert.deepEqual(stream.push(samples[5].input), model.transcribe(samples[5].input));
    stream.free();
  }
  const both = new SequenceTranscriber({ bidirectional: true, hidden: [2], seed: 1 });
  await both.fit(series, { epochs: 1 });
  assert.throws(() => both.stream(), TypeError);
});

test('a model that can read learns another symbol, and keeps its weights', async () => {
  const say = (text) => ({ input: [...text].flatMap((letter) => [0, { u: 5, d: -5, t: 9 }[letter], 0]), output: text });
  const old = ['ud', 'du', 'uud', 'ddu', 'udd', 'uu', 'dd', 'dud', 'udu'].map(say);
  const model = new SequenceTranscriber({ hidden: [12], seed: 1 });
  await model.fit(old, { epochs: 150, rate: 0.02 });
  assert.equal(model.evaluate(old).errorRate, 0);
  const { biases, layout } = model.network;
  const kept = Array.from(biases.slice(0, -layout.layers.at(-1).size));
  for (const [options, error] of [
    [{ symbols: ['u'] }, RangeError],
    [{ symbols: ['tt'] }, RangeError],
    [{ symbols: [7, 7] }, RangeError],
    [{ letters: ['t'] }, TypeError],
  ]) {
    assert.throws(() => model.extend(options), error);
  }
  assert.equal(model.extend({ symbols: ['t'] }), model);
  assert.deepEqual(model.symbols, ['u', 'd', 't']);
  assert.deepEqual(Array.from(model.network.biases.slice(0, kept.length)), kept);
  const all = [...old, ...['ut', 'tu', 'dtu', 'tt', 'tdu'].map(say)];
  await model.fit(all, { epochs: 150, rate: 0.02 });
  assert.equal(model.evaluate(all).errorRate, 0);
  const read = SequenceTranscriber.fromJSON(JSON.parse(JSON.stringify(model)));
  assert.equal(read.transcribe(say('tud').input), model.transcribe(say('tud').input));
});
