// The sequence classes as their users meet them: encoders, classifier, tagger, predictor.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, SequencePredictor, SequenceTagger, Trainer } from 'engram';

import { randomFrom, SEED } from '../support/random.mjs';

const words = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night'];
const twoClasses = words.map((input, index) => ({ input, label: index % 2 === 0 ? 'even' : 'odd' }));
const labels = ['even', 'odd'];

/** Series around 0 that rise or fall. */
function slopes(count, seed) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const rising = index % 3 === 0;
    const length = 6 + Math.floor(random() * 8);
    const input = Array.from({ length }, (_, step) => (rising ? 1 : -1) * step + 3 * random() + 50);
    return { input, label: rising ? 'up' : 'down' };
  });
}

test('encoders give the steps that they say', () => {
  assert.deepEqual(Encoder.bits().encode('A'), [[-1], [1], [-1], [-1], [-1], [-1], [-1], [1]]);
  assert.deepEqual(Encoder.bytes().encode('A'), [[-1, 1, -1, -1, -1, -1, -1, 1]]);
  assert.equal(Encoder.bits().encode('é').length, 16);
  assert.deepEqual(Encoder.oneHot('ab').encode('bx'), [
    [0, 1, 0],
    [0, 0, 1],
  ]);
  const tokens = Encoder.tokens({ most: 2 });
  tokens.fit(['Good day, good people', 'good night, night']);
  assert.deepEqual(tokens.encode('GOOD evening'), [
    [1, 0, 0],
    [0, 0, 1],
  ]);
  const numeric = Encoder.numeric({ channels: 2 });
  numeric.fit([
    [
      [1, 10],
      [3, 10],
    ],
  ]);
  assert.deepEqual(numeric.encode([[1, 11]]), [[-1, 0]]);
  assert.deepEqual(Encoder.numeric({ normalize: false }).encode([5, 6]), [[5], [6]]);
  for (const encoder of [tokens, numeric, Encoder.oneHot('ab'), Encoder.bits(), Encoder.bytes()]) {
    const copy = Encoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
    assert.deepEqual(copy.toJSON(), encoder.toJSON());
  }
});

test('short strings as bits are memorised with the defaults, for 20 seeds of 20', { timeout: 300_000 }, async () => {
  for (let seed = 0; seed < 20; seed++) {
    const classifier = new SequenceClassifier({ labels, encoder: Encoder.bits(), seed });
    await classifier.fit(twoClasses, { epochs: 300 });
    const { accuracy } = classifier.evaluate(twoClasses);
    assert.equal(accuracy, 1, `seed ${seed}`);
    classifier.free();
  }
});

test('a classifier learns a series, holds out by class, and says how well it does', async () => {
  const classifier = new SequenceClassifier({
    labels: ['up', 'down'],
    encoder: Encoder.numeric(),
    hidden: [8],
    seed: 3,
  });
  const progress = [];
  const result = await classifier.fit(slopes(120, SEED), {
    epochs: 40,
    validation: 0.25,
    patience: 15,
    classWeights: 'balanced',
    labelSmoothing: 0.05,
    optimizer: 'adamw',
    decay: { type: 'cosine' },
    warmUp: 2,
    onProgress: (report) => progress.push(report),
  });
  assert.ok(result.validation.accuracy > 0.9, `validation ${result.validation.accuracy}`);
  assert.equal(result.accuracy, result.validation.accuracy);
  const { training, validation } = progress.at(-1);
  assert.deepEqual([training, validation], [result.training, result.validation]);
  assert.notDeepEqual(training, validation);
  const test = slopes(60, SEED + 1);
  const { accuracy, loss, confusion, classes } = classifier.evaluate(test);
  assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
  assert.ok(loss > 0 && loss < 0.5);
  assert.deepEqual(
    confusion.map((row) => row.reduce((sum, count) => sum + count)),
    [20, 40],
  );
  assert.equal(classes.up.count, 20);
  assert.ok(classes.up.precision > 0.8 && classes.down.recall > 0.8);

  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.classify(test[0].input), classifier.classify(test[0].input));
  const all = classifier.classifyAll(test.map(({ input }) => input));
  all.forEach((one, index) => {
    assert.equal(one.label, classifier.classify(test[index].input).label);
    assert.ok(Math.abs(one.probabilities.up + one.probabilities.down - 1) < 1e-12);
  });
});

test('the same seed gives the same classifier, with any number of threads', async () => {
  const models = [];
  for (const [threads, seed] of [
    [1, 11],
    [2, 11],
    [4, 11],
    [1, 12],
  ]) {
    const classifier = new SequenceClassifier({ labels, encoder: Encoder.bytes(), hidden: [6, 5], seed });
    const samples = Array.from({ length: 64 }, (_, index) => twoClasses[(index * 5) % 8]);
    await classifier.fit(samples, { epochs: 4, batchSize: 64, validation: 0.25, threads });
    models.push(JSON.stringify(classifier.network));
  }
  assert.equal(models[0], models[1]);
  assert.equal(models[0], models[2]);
  assert.notEqual(models[0], models[3]);
});

test('patience ends a run and gives back the best weights', async () => {
  const network = new Architect.LSTM(1, 4, 1, { variant: 'standard', seed: 2 });
  const random = randomFrom(SEED);
  // Labels that nothing explains: what is learnt does not carry over to the held-out part.
  const set = Array.from({ length: 40 }, () => ({
    input: Array.from({ length: 5 }, () => [random()]),
    output: [Math.round(random())],
  }));
  const trainer = new Trainer(network);
  const options = { iterations: 400, error: 0, rate: 0.05, seed: 1, precision: 'f64' };
  const seen = [];
  const schedule = { every: 1, do: ({ error }) => seen.push(error) && false };
  const { stopped, iterations } = await trainer.trainAsync(set, { ...options, validation: 0.5, patience: 5, schedule });
  assert.equal(stopped, 'patience');
  const best = Math.min(...seen);
  assert.equal(iterations, seen.indexOf(best) + 1 + 5);
  const { error } = trainer.test(set.slice(20), { cost: Trainer.cost.CROSS_ENTROPY });
  assert.ok(Math.abs(error - best) < 1e-9, `${error} against ${best}`);
});

test('every optimiser learns', () => {
  const set = [
    { input: [[1], [0]], output: [1, 0] },
    { input: [[0], [1]], output: [0, 1] },
  ];
  const rates = { sgd: 0.5, momentum: 0.1, rmsprop: 0.01, adam: 0.01, adamw: 0.01 };
  for (const [optimizer, rate] of Object.entries(rates)) {
    const network = new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 4 });
    const { error } = new Trainer(network).train(set, { optimizer, rate, iterations: 600, error: 0.01, seed: 1 });
    // An untrained network has an error of about 0.7.
    assert.ok(error < 0.1, `${optimizer}: ${error}`);
  }
  const moves = Object.keys(rates).map((optimizer) => {
    const network = new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 4 });
    new Trainer(network).train(set, { optimizer, rate: 0.01, iterations: 3, error: 0, seed: 1 });
    return String(network.weights);
  });
  assert.equal(new Set(moves).size, moves.length, 'each in its own way');
});

test('a tagger labels every step', async () => {
  const letters = 'abcdefgh';
  const random = randomFrom(SEED);
  const samples = Array.from({ length: 60 }, () => {
    const input = Array.from({ length: 3 + Math.floor(random() * 6) }, () => letters[Math.floor(random() * 8)]).join(
      '',
    );
    // A letter is new or seen before: that takes memory.
    const marks = [...input].map((letter, index) => (input.indexOf(letter) < index ? 'seen' : 'new'));
    return { input, labels: marks };
  });
  const tagger = new SequenceTagger({ labels: ['new', 'seen'], encoder: Encoder.oneHot(letters), seed: 5 });
  await tagger.fit(samples, { epochs: 120 });
  const { accuracy } = tagger.evaluate(samples);
  assert.ok(accuracy > 0.95, `accuracy ${accuracy}`);
  const right = samples.flatMap(({ input, labels }) => {
    const tags = tagger.tag(input);
    assert.equal(tags.length, labels.length);
    return tags.map(({ label }, step) => label === labels[step]);
  });
  assert.equal(right.filter(Boolean).length / right.length, accuracy);
  const copy = SequenceTagger.fromJSON(JSON.parse(JSON.stringify(tagger)));
  assert.deepEqual(copy.tag('abca'), tagger.tag('abca'));
});

test('a predictor continues a wave', async () => {
  const wave = Array.from({ length: 120 }, (_, step) => 20 + 5 * Math.sin(step / 3));
  const predictor = new SequencePredictor({ hidden: [16], seed: 6 });
  await predictor.fit([wave.slice(0, 100)], { epochs: 400 });
  const [next] = predictor.predict(wave.slice(0, 100));
  assert.ok(Math.abs(next - wave[100]) < 0.5, `${next} against ${wave[100]}`);
  const made = predictor.generate(wave.slice(0, 100), 20).map(([value]) => value);
  const distance = Math.max(...made.map((value, index) => Math.abs(value - wave[100 + index])));
  assert.ok(distance < 2, `off by ${distance}`);
  const copy = SequencePredictor.fromJSON(JSON.parse(JSON.stringify(predictor)));
  assert.deepEqual(copy.predict(wave), predictor.predict(wave));
});

test('what is wrong is refused by name, and changes nothing', async () => {
  const encoder = Encoder.bits();
  const classifier = new SequenceClassifier({ labels, encoder, seed: 1 });
  const refusals = [
    [() => new SequenceClassifier({ labels: ['one'], encoder }), RangeError, /labels/],
    [() => new SequenceClassifier({ labels, encoder: 'bits' }), TypeError, /encoder/],
    [() => new SequenceClassifier({ labels, encoder, hiden: [3] }), TypeError, /did you mean 'hidden'/],
    [() => new SequenceClassifier({ labels, encoder, hidden: [0] }), RangeError, /hidden\[0\]/],
    [() => classifier.classify('x'), TypeError, /fit first/],
    [() => classifier.fit([]), RangeError, /samples/],
    [() => classifier.fit([{ input: 'a', label: 'other' }]), RangeError, /samples\[0\]\.label/],
    [() => classifier.fit([{ input: 7, label: 'odd' }]), TypeError, /samples\[0\]\.input/],
    [() => classifier.fit([{ input: '', label: 'odd' }]), RangeError, /samples\[0\]\.input/],
    [() => classifier.fit(twoClasses, { epoch: 3 }), TypeError, /did you mean 'epochs'/],
    [() => classifier.fit(twoClasses, { epochs: 0 }), RangeError, /epochs/],
    [() => classifier.fit(twoClasses, { validation: 1 }), RangeError, /validation/],
    [() => classifier.fit(twoClasses, { labelSmoothing: 1 }), RangeError, /labelSmoothing/],
    [() => classifier.fit(twoClasses, { classWeights: { even: 1 } }), TypeError, /classWeights\.odd/],
    [() => classifier.fit(twoClasses, { decay: { type: 'slow' } }), RangeError, /decay\.type/],
    [() => classifier.fit(twoClasses, { threads: 0 }), RangeError, /threads/],
    [() => classifier.fit(twoClasses, { optimizer: 'nadam' }), RangeError, /optimizer/],
    [() => Encoder.oneHot(''), RangeError, /alphabet/],
    [() => Encoder.numeric({ channels: 1.5 }), RangeError, /channels/],
    [() => Encoder.numeric().encode([1]), TypeError, /fit it first/],
    [() => Encoder.numeric({ channels: 2, normalize: false }).encode([[1]]), RangeError, /input\[0\]/],
    [() => Encoder.fromJSON({ type: 'morse' }), RangeError, /type/],
    [() => SequenceClassifier.fromJSON({ engram: 3 }), RangeError, /engram/],
    [() => SequenceClassifier.fromJSON({ ...classifier.toJSON(), type: 'SequenceTagger' }), RangeError, /type/],
    [() => new SequencePredictor({ encoder }), RangeError, /encoder/],
  ];
  const before = JSON.stringify(classifier);
  for (const [call, kind, pattern] of refusals) {
    await assert.rejects(
      async () => call(),
      (error) => error instanceof kind && pattern.test(error.message),
      String(call),
    );
  }
  assert.equal(JSON.stringify(classifier), before);
  assert.equal(classifier.network, null);
});

test('what the engine refuses names the call that the user made', async () => {
  const samples = [{ input: 'ab', label: 'a' }];
  const classifier = new SequenceClassifier({
    labels: ['a', 'b'],
    encoder: Encoder.bytes(),
    hidden: [65_536],
    seed: 1,
  });
  const message = /^SequenceClassifier.fit: layers \[8, 65536, 2\] make \d+ connections, at most \d+ are allowed$/;
  await assert.rejects(classifier.fit(samples), { name: 'RangeError', message });
  const whole = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.bytes(), hidden: [64], seed: 1 });
  const long = [{ input: 'a'.repeat(200_000), label: 'a' }];
  const said = /^SequenceClassifier.fit: sequences of 200000 steps take \d+ MB per thread/;
  await assert.rejects(whole.fit([...samples, ...long]), { name: 'RangeError', message: said });
  const network = new Architect.LSTM(8, 64, 1, { variant: 'standard', seed: 1 });
  const set = [{ input: new Array(200_000).fill(new Array(8).fill(1)), output: [1] }];
  assert.throws(() => new Trainer(network).train(set, { iterations: 1 }), {
    name: 'RangeError',
    message: /^Trainer.train: /,
  });
});

test('100,000 steps train in parts in less than 200 MB, and whole are refused with the number', () => {
  const script = join(import.meta.dirname, '../support/long-sequence.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const { refused, error, stopped, bytes } = JSON.parse(stdout);
  assert.equal(refused.name, 'RangeError');
  assert.match(
    refused.message,
    /^Trainer.trainAsync: sequences of 100000 steps take \d+ MB per thread, \d+ MB are left; truncate/,
  );
  assert.equal(stopped, 'iterations');
  assert.ok(Number.isFinite(error));
  assert.ok(bytes < 200e6, `${bytes} bytes`);
});

test('a truncated run over short sequences is the whole run, over longer ones another', () => {
  const set = slopes(24, SEED).map(({ input, label }) => ({
    input: input.map((value) => [value / 50]),
    output: [Number(label === 'up')],
  }));
  const longest = Math.max(...set.map(({ input }) => input.length));
  const [whole, same, cut] = [{}, { truncate: longest }, { truncate: 3 }].map((options) => {
    const network = new Architect.LSTM(1, 5, 1, { variant: 'standard', seed: 3 });
    new Trainer(network).train(set, { ...options, iterations: 5, error: 0, seed: 2 });
    return [...network.weights];
  });
  assert.deepEqual(same, whole);
  assert.notDeepEqual(cut, whole);
});
