// Packs: a run as one file, written while it goes on and continued from there. What Python does with them is in
// python/tests/test_pack.py.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Architect,
  DataSet,
  Encoder,
  Network,
  Pack,
  SequenceClassifier,
  SequencePredictor,
  SequenceTagger,
  Trainer,
  unpack,
} from 'engram';

import { below, randomFrom, SEED } from '../support/random.mjs';
import { XOR } from '../support/sets.mjs';

const words = Array.from({ length: 60 }, (_, index) => ({
  input: `w${(index * 7919) % 1000}`,
  label: index % 3 === 0 ? 'a' : 'b',
}));
const classifier = (options) =>
  new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.bits(), hidden: [5], seed: 3, ...options });
const parametersOf = ({ network }) => [network.weights.slice(), network.biases.slice()];

/** Packs a run after so many checkpoints, while it goes on; then ends it. */
async function packAfter(moment, begin) {
  let file;
  let seen = 0;
  const run = begin({
    checkpointEvery: 1,
    onCheckpoint() {
      if (++seen === moment) file = run.pack().finally(() => run.abort());
    },
  });
  await run;
  return file;
}

test('a run that is packed and opened again and again ends as one that never left', async () => {
  const random = randomFrom(SEED);
  const fit = { epochs: 40, validation: 0.2, clipNorm: 0.1 };
  const options = { dropout: 0.2, encoder: Encoder.tokens({ split: 'characters', embedding: 3 }) };
  const whole = classifier(options);
  await whole.fit(words, fit);
  let file = await packAfter(1 + below(random, 9), (told) => classifier(options).fit(words, { ...fit, ...told }));
  for (let times = 0; times < 3; times++) {
    const pack = unpack(file);
    assert.ok(pack instanceof Pack && pack.model instanceof SequenceClassifier && pack.hasBegun);
    assert.deepEqual([pack.iterations, pack.samples], [40, 48]);
    file = await packAfter(1 + below(random, 5), (told) => pack.train(told));
  }
  await unpack(file).train();
  const pack = unpack(file);
  const { stopped, iterations } = await pack.train({ threads: 2 });
  assert.deepEqual([stopped, iterations], ['iterations', 40]);
  assert.deepEqual(parametersOf(pack.model), parametersOf(whole), `seed ${SEED}`);
  assert.deepEqual(pack.model.classify('w7'), whole.classify('w7'));
});

test('every class packs what its fit would do, and is not changed by it', async () => {
  const series = Array.from({ length: 6 }, (_, speed) =>
    Array.from({ length: 20 }, (_, at) => Math.sin(at / (2 + speed))),
  );
  const tags = words.slice(0, 9).map(({ input }) => ({ input: `${input} x`, labels: ['a', null] }));
  const cases = [
    [
      () => classifier({ readout: 'attention' }),
      words,
      { epochs: 4, classWeights: 'balanced', validation: words.slice(0, 5) },
    ],
    [
      () => new SequenceTagger({ labels: ['a', 'b'], encoder: Encoder.tokens(), hidden: [4], seed: 1 }),
      tags,
      { epochs: 3, precision: 'f64' },
    ],
    [
      () => new SequencePredictor({ encoder: Encoder.numeric(), hidden: [4], seed: 1 }),
      series,
      { epochs: 3, decay: { type: 'plateau', patience: 1, factor: 0.5 } },
    ],
  ];
  for (const [make, samples, fit] of cases) {
    const model = make();
    const before = JSON.stringify(model);
    const file = await model.pack(samples, { ...fit, log: 1, onProgress: () => assert.fail('it trains') });
    assert.equal(JSON.stringify(model), before);
    const pack = unpack(file);
    assert.equal(pack.hasBegun, false);
    const here = await model.fit(samples, fit);
    const there = await pack.train();
    assert.deepEqual(parametersOf(pack.model), parametersOf(model));
    assert.deepEqual({ ...there, time: 0 }, { ...here, time: 0 });
  }
});

test('a network of a trainer packs with its set, also one that is stored', async () => {
  const stored = new DataSet({
    inputSize: 1,
    outputSize: 2,
    inputs: [0, 1, 1, 0],
    lengths: [1, 3],
    targets: [1, 0, 0, 1],
  });
  const make = () => new Architect.LSTM(1, 3, 2, { seed: 2 });
  const told = {
    iterations: 200,
    error: -1,
    seed: 5,
    learner: 'online',
    cost: Trainer.cost.MSE,
    crossValidate: { testSize: 0.5, testError: 0 },
  };
  const whole = make();
  await new Trainer(whole).trainAsync(stored, told);
  const file = await packAfter(7, (own) => new Trainer(make()).trainAsync(stored, { ...told, ...own }));
  const pack = unpack(file);
  assert.ok(pack.model instanceof Network);
  await pack.train();
  assert.deepEqual(parametersOf({ network: pack.model }), parametersOf({ network: whole }));
});

test('a run packs while it is prepared and while it pauses, and not once it has ended', async () => {
  const model = classifier();
  const run = model.fit(words, { epochs: 1000 });
  const early = run.pack();
  run.pause();
  const paused = run.pack();
  assert.equal(unpack(await early).hasBegun, true);
  assert.equal(unpack(await paused).samples, 60);
  run.abort();
  await run;
  await assert.rejects(run.pack(), { name: 'TypeError', message: /the run has ended/ });
});

test('a run that calls functions for its rate or cost does not pack, and goes on', async () => {
  await assert.rejects(classifier().pack(words, { rate: () => 0.1 }), {
    name: 'TypeError',
    message: /^SequenceClassifier.pack: options.rate is a function, expected none that is a function/,
  });
  const trainer = new Trainer(new Architect.Perceptron(2, 3, 1, { seed: 1 }));
  const run = trainer.trainAsync(XOR, { iterations: 1e7, error: -1, cost: () => 1 });
  await assert.rejects(run.pack(), /^TypeError: TrainingRun.pack: options.cost is a function/);
  run.abort();
  assert.equal((await run).stopped, 'aborted');
});

test('what fit would refuse, pack refuses', async () => {
  await assert.rejects(classifier().pack([], {}), /^RangeError: SequenceClassifier.pack: samples is an array of 0/);
  await assert.rejects(
    classifier().pack(words, { epochs: 0 }),
    /^RangeError: SequenceClassifier.pack: options.epochs is 0/,
  );
  await assert.rejects(
    classifier().pack(words, { resume: 'x' }),
    /^TypeError: SequenceClassifier.pack: options.resume/,
  );
});

test('a pack takes more iterations than its run was asked for, and nothing that would change its bits', async () => {
  const file = await classifier().pack(words, { epochs: 3 });
  const pack = unpack(file);
  await pack.train({ iterations: 3 });
  const longer = unpack(await classifier().pack(words, { epochs: 3 }));
  await longer.train({ iterations: 6 });
  const whole = classifier();
  await whole.fit(words, { epochs: 6 });
  assert.deepEqual(parametersOf(longer.model), parametersOf(whole));
  await assert.rejects(unpack(file).train({ rate: 1 }), /^TypeError: Pack.train: options.rate is not known/);
  await assert.rejects(unpack(file).train({ iterations: 0 }), /^RangeError: Pack.train: options.iterations is 0/);
});

test('a pack is read from whatever holds its bytes', async () => {
  const file = await classifier().pack(words, { epochs: 1 });
  const path = join(tmpdir(), `engram-pack-${process.pid}.engram`);
  writeFileSync(path, file);
  // A small file's Buffer is a part of a larger one, at any place of that.
  const odd = new Uint8Array(file.length + 3);
  odd.set(file, 3);
  for (const given of [readFileSync(path), Buffer.from(file), file.slice().buffer, odd.subarray(3)]) {
    assert.equal(unpack(given).samples, 60);
  }
  rmSync(path);
});

test('what is no pack, and every damaged byte that tells, is refused by name', async () => {
  for (const given of [undefined, null, 'text', 7, [1, 2], {}, new Float64Array(9)]) {
    assert.throws(() => unpack(given), /^TypeError: unpack: file is/);
  }
  for (const given of [new Uint8Array(), new Uint8Array(7), new Uint8Array(20).fill(255)]) {
    assert.throws(() => unpack(given), /^RangeError: unpack: the (file|header) has/);
  }
  const file = await packAfter(2, (told) =>
    classifier({ hidden: [2] }).fit(words.slice(0, 4), { epochs: 900, ...told }),
  );
  const random = randomFrom(SEED);
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const damaged = file.slice(0, round % 3 === 0 ? below(random, file.length) : file.length);
    const most = round % 2 === 0 ? 1200 : damaged.length;
    for (let count = 0; count < 2 && damaged.length > 0; count++) {
      damaged[below(random, Math.min(most, damaged.length))] = below(random, 256);
    }
    try {
      unpack(damaged).model.free();
    } catch (error) {
      refused++;
      assert.ok(
        error instanceof TypeError || error instanceof RangeError,
        `seed ${SEED}, round ${round}: ${error.stack}`,
      );
      assert.match(error.message, /^[\w. ]+: /, `seed ${SEED}, round ${round}`);
    }
  }
  assert.ok(refused > 500, `${refused} of 1500 were refused`);
});

test('a checkpoint that was damaged is refused by the run, which changes nothing', async () => {
  const file = await packAfter(2, (told) =>
    classifier({ hidden: [2] }).fit(words.slice(0, 4), { epochs: 900, ...told }),
  );
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  const [begin, end] = header.checkpoint.data_offsets;
  file[start + Math.floor((begin + end) / 2)] ^= 1;
  const pack = unpack(file);
  const before = JSON.stringify(pack.model);
  await assert.rejects(pack.train(), { name: 'RangeError', message: /the checkpoint/ });
  assert.equal(JSON.stringify(pack.model), before);
});

test('a run that had not begun begins at every call', async () => {
  const whole = classifier({ hidden: [4] });
  await whole.fit(words, { epochs: 12, threads: 1 });
  const expected = whole.network.weights;
  const pack = unpack(await classifier({ hidden: [4] }).pack(words, { epochs: 12, threads: 1 }));
  const run = pack.train({ onProgress: () => run.abort() });
  await run;
  for (let call = 0; call < 2; call++) {
    assert.equal((await pack.train()).iterations, 12);
    assert.deepEqual(pack.model.network.weights, expected);
  }
});

test('a run that is refused changes nothing, nor does one of another network', async () => {
  const pack = unpack(await classifier({ hidden: [4] }).pack(words, { epochs: 3, threads: 1 }));
  await pack.train();
  const trained = pack.model.network.weights.slice();
  for (const options of [{ iterations: 0 }, { onProgress: 3 }, { epochs: 3 }, { threads: 65 }]) {
    await assert.rejects(pack.train(options));
    assert.deepEqual(pack.model.network.weights, trained);
  }
  pack.model.extend({ labels: ['one more'] });
  const extended = pack.model.network.weights.slice();
  await assert.rejects(pack.train(), /^RangeError: Pack.train: set has outputs of/);
  assert.deepEqual(pack.model.network.weights, extended);
  pack.model.free();
  await pack.model.fit(words, { epochs: 1, threads: 1 });
  const other = pack.model.network.weights.slice();
  await assert.rejects(pack.train(), /^(Type|Range)Error: Pack.train: /);
  assert.deepEqual(pack.model.network.weights, other);
});
