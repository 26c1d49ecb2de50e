// engram/rocket: MiniRocket's features and the classifier on them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { RocketClassifier, RocketFeatures } from 'engram/rocket';

import { HASH, labels, learn, waves } from '../support/waves.mjs';

const doubles = (text) => {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

const small = { labels, features: 840, seed: 3 };
const stored = (model) => createHash('sha256').update(JSON.stringify(model)).digest('hex');

test("features equal those of aeon's MiniRocket to the bit, given its kernels", () => {
  const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../rocket/vectors/features.json'), 'utf8'));
  assert.ok(cases.length >= 5);
  for (const { channels, steps, inputs, features, ...kernels } of cases) {
    const values = doubles(inputs);
    const expected = doubles(features);
    const count = values.length / (channels * steps);
    const at = (series, channel, step) => values[(series * channels + channel) * steps + step];
    const series = Array.from({ length: count }, (_, index) =>
      Array.from({ length: steps }, (_, step) =>
        Array.from({ length: channels }, (_, channel) => at(index, channel, step)),
      ),
    );
    const shape = { channels, features: expected.length / count };
    const rocket = RocketFeatures.fromJSON({ engram: 2, type: 'RocketFeatures', seed: 0, ...shape, kernels });
    const rows = rocket.transform(series);
    assert.deepEqual(
      Float64Array.from(rows.flatMap((row) => [...row])),
      expected,
      `${channels} channels, ${steps} steps`,
    );
  }
});

test('a classifier learns series of unequal lengths, tells probabilities and is stored', async () => {
  const classifier = new RocketClassifier(small);
  const samples = waves(40, 1);
  const heard = [];
  const result = await classifier.fit(samples, { threads: 1, onProgress: (progress) => heard.push(progress) });
  assert.equal(result.stopped, 'finished');
  assert.ok(result.accuracy > 0.9, String(result.accuracy));
  assert.ok(result.penalty >= 1e-3 && result.penalty <= 1e3);
  assert.equal(result.features, 840);
  assert.deepEqual(
    heard.map(({ done }) => done),
    heard.map((_, index) => index + 1),
  );
  assert.equal(heard.at(-1).of, heard.length);
  const unseen = waves(40, 2);
  const { accuracy, loss, confusion, classes } = classifier.evaluate(unseen);
  assert.ok(accuracy > 0.9, String(accuracy));
  assert.ok(loss < 0.4, String(loss));
  assert.equal(
    confusion.flat().reduce((sum, each) => sum + each),
    40,
  );
  assert.equal(classes.saw.count, 20);
  const { label, probabilities } = classifier.classify(unseen[0].input);
  assert.ok(labels.includes(label));
  assert.ok(Math.abs(probabilities.saw + probabilities.square - 1) < 1e-12);
  const copy = RocketClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(
    copy.classifyAll(unseen.map(({ input }) => input)),
    unseen.map(({ input }) => classifier.classify(input)),
  );
  assert.equal(stored(copy), stored(classifier));
});

test('several channels: what tells the classes apart may be in one of them', async () => {
  const classifier = new RocketClassifier({ ...small, channels: 3 });
  await classifier.fit(waves(40, 1, 3));
  const { accuracy } = classifier.evaluate(waves(40, 2, 3));
  assert.ok(accuracy > 0.85, String(accuracy));
});

test('one seed gives the same bits with any number of threads, without workers, and in every runtime', async () => {
  const hashes = [];
  for (const threads of [1, 2, 3, 'auto']) {
    const { classifier, result } = await learn(RocketClassifier, threads);
    if (typeof threads === 'number') assert.equal(result.threads, threads);
    hashes.push(stored(classifier));
  }
  const without = `
    const builtin = process.getBuiltinModule;
    process.getBuiltinModule = (name) => name === 'node:worker_threads' ? undefined : builtin(name);
    globalThis.Worker = class { constructor() { throw new Error('no workers'); } };
    const { RocketClassifier } = await import('engram/rocket');
    const { learn } = await import('./tests/support/waves.mjs');
    const { classifier, result } = await learn(RocketClassifier, 2);
    console.log(JSON.stringify([result.threads, JSON.stringify(classifier)]));
  `;
  const cwd = join(import.meta.dirname, '../..');
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', without], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  const [threads, text] = JSON.parse(stdout);
  assert.equal(threads, 1);
  hashes.push(createHash('sha256').update(text).digest('hex'));
  assert.equal(new Set(hashes).size, 1, hashes.join());
  assert.equal(hashes[0], HASH);
  const other = await learn(RocketClassifier, 1, 4);
  assert.notEqual(stored(other.classifier), HASH);
});

test('features are an encoder for other heads', async () => {
  const { Architect, Trainer } = await import('engram');
  const samples = waves(40, 1);
  const rocket = new RocketFeatures({ features: 252, seed: 1 });
  assert.throws(() => rocket.transform([[1, 2, 3]]), /RocketFeatures.transform: nothing has been fitted yet/);
  const { stopped, accuracy } = await rocket.fit(samples.map(({ input }) => input));
  assert.equal(stopped, 'finished');
  assert.equal(accuracy, undefined);
  const set = ({ input, label }) => ({
    input: [...rocket.transform([input])[0]],
    output: labels.map((each) => Number(each === label)),
  });
  const network = new Architect.Perceptron(252, 8, 2);
  await new Trainer(network).trainAsync(samples.map(set), { iterations: 100, rate: 0.05, seed: 1 });
  const right = waves(40, 2).filter((sample) => {
    const [saw, square] = network.activate(set(sample).input);
    return saw > square === (sample.label === 'saw');
  });
  assert.ok(right.length > 32, String(right.length));
  const copy = RocketFeatures.fromJSON(JSON.parse(JSON.stringify(rocket)));
  assert.deepEqual(copy.transform([samples[0].input]), rocket.transform([samples[0].input]));
});

test('a fit that is aborted leaves the classifier as it was', async () => {
  const classifier = new RocketClassifier(small);
  const samples = waves(20, 1);
  const run = classifier.fit(samples, { threads: 2 });
  run.abort();
  assert.equal((await run).stopped, 'aborted');
  const early = await classifier.fit(samples, { signal: AbortSignal.abort() });
  assert.equal(early.stopped, 'aborted');
  const controller = new AbortController();
  const late = await classifier.fit(samples, { signal: controller.signal, onProgress: () => controller.abort() });
  assert.equal(late.stopped, 'aborted');
  assert.throws(() => classifier.classify(samples[0].input), TypeError);
  await classifier.fit(samples);
  const before = stored(classifier);
  const again = classifier.fit(waves(20, 9), { onProgress: () => again.abort() });
  await again;
  assert.equal(stored(classifier), before);
  await assert.rejects(
    classifier.fit(samples, {
      onProgress: () => {
        throw new Error('mine');
      },
    }),
    /mine/,
  );
  assert.equal(stored(classifier), before);
});

test('a promise of onProgress that rejects, also the last one, rejects the fit', async () => {
  const classifier = new RocketClassifier(small);
  let last;
  const onEach = (progress) => {
    last = progress;
  };
  await classifier.fit(waves(20, 9), { onProgress: onEach });
  const onProgress = async ({ done }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (done === last.done) throw new Error('the database is down');
  };
  await assert.rejects(classifier.fit(waves(20, 9), { onProgress }), /the database is down/);
});

test('labels that no sample has are told of', async () => {
  const classifier = new RocketClassifier({ ...small, labels: ['saw', 'square', 'sine'] });
  const { advice } = await classifier.fit(waves(10, 1));
  assert.match(advice, /no sample to train on has the label "sine"/);
  assert.equal(classifier.evaluate(waves(10, 1)).classes.sine.count, 0);
});

test('wrong arguments are refused by call and field', async () => {
  const refused = (make, error, text) =>
    assert.throws(make, (thrown) => thrown instanceof error && text.test(thrown.message));
  refused(
    () => new RocketClassifier({ labels: ['a'] }),
    RangeError,
    /new RocketClassifier: options.labels .* at least two/,
  );
  refused(() => new RocketClassifier({ labels, feature: 9 }), TypeError, /feature/);
  refused(() => new RocketClassifier({ labels, features: 83 }), RangeError, /options.features is 83/);
  refused(() => new RocketFeatures({ channels: 0 }), RangeError, /new RocketFeatures: options.channels/);
  refused(() => new RocketFeatures({ seed: -1 }), RangeError, /options.seed/);
  const classifier = new RocketClassifier({ labels, features: 84, seed: 1 });
  const wrong = async (samples, error, text, options) =>
    assert.rejects(
      async () => classifier.fit(samples, options),
      (thrown) => thrown instanceof error && text.test(thrown.message),
    );
  await wrong(7, TypeError, /RocketClassifier.fit: samples is 7/);
  await wrong([], RangeError, /samples is an array of 0/);
  await wrong([{ input: [1], label: 'saw' }], RangeError, /at least 2 entries/);
  const good = waves(4, 1);
  await wrong([...good, { input: [1, 2], label: 'sin' }], RangeError, /samples\[4\].label is "sin"/);
  await wrong([...good, { input: [], label: 'saw' }], RangeError, /samples\[4\].input .* at least one step/);
  await wrong([...good, { input: [1, NaN], label: 'saw' }], RangeError, /samples\[4\].input\[1\] is NaN/);
  await wrong([...good, { input: [1, '2'], label: 'saw' }], TypeError, /samples\[4\].input\[1\]/);
  await wrong([...good, { input: [[1, 2]], label: 'saw' }], RangeError, /option channels says 1/);
  await wrong([...good, { input: [1e37], label: 'saw' }], RangeError, /at most 1e36/);
  await wrong(good, RangeError, /options.threads is 0/, { threads: 0 });
  await wrong(good, TypeError, /options.signal/, { signal: 1 });
  await wrong(good, TypeError, /options.onProgress/, { onProgress: 1 });
  await wrong(new Array(4097).fill(good[0]), RangeError, /at most 4096 entries/);
});

test('series that say nothing, or are very short, are learnt without a number that is none', async () => {
  for (const samples of [
    [
      { input: [0], label: 'saw' },
      { input: [0], label: 'square' },
    ],
    [
      { input: [1, 1, 1], label: 'saw' },
      { input: [5], label: 'saw' },
    ],
    waves(6, 1).map(({ label }) => ({ input: new Float64Array(30).fill(1e36), label })),
  ]) {
    const classifier = new RocketClassifier({ labels, features: 84, seed: 1 });
    const { accuracy } = await classifier.fit(samples);
    assert.ok(accuracy >= 0 && accuracy <= 1);
    const { probabilities } = classifier.classify(samples[0].input);
    assert.ok(Object.values(probabilities).every((share) => share >= 0 && share <= 1));
  }
});

test('files that were changed are refused', async () => {
  const classifier = new RocketClassifier({ labels, features: 84, seed: 1 });
  await classifier.fit(waves(6, 1));
  const json = JSON.parse(JSON.stringify(classifier));
  const changed = (change) => {
    const copy = structuredClone(json);
    change(copy);
    return () => RocketClassifier.fromJSON(copy);
  };
  assert.throws(
    changed((file) => {
      file.engram = 3;
    }),
    /json.engram is 3/,
  );
  assert.throws(
    changed((file) => {
      file.type = 'Network';
    }),
    /json.type/,
  );
  assert.throws(
    changed((file) => {
      file.features = 168;
    }),
    /json.kernels.dilations/,
  );
  assert.throws(
    changed((file) => {
      file.kernels.biases = file.kernels.biases.slice(4);
    }),
    /json.kernels.biases/,
  );
  assert.throws(
    changed((file) => {
      file.kernels.counts = file.kernels.biases;
    }),
    /json.kernels.counts/,
  );
  assert.throws(
    changed((file) => {
      file.head.weights = '';
    }),
    /json.head.weights/,
  );
  assert.throws(
    changed((file) => {
      file.head.factor = null;
    }),
    /json.head.factor/,
  );
  assert.throws(
    changed((file) => {
      file.head = null;
    }),
    /json.head/,
  );
  assert.throws(
    changed((file) => {
      file.kernels = null;
    }),
    /json.kernels/,
  );
  const infinite = Buffer.from(new Float64Array(84).fill(Infinity).buffer).toString('base64');
  assert.throws(
    changed((file) => {
      file.kernels.biases = infinite;
    }),
    RangeError,
  );
});

test('require gives what import gives', async () => {
  const required = createRequire(import.meta.url)('engram/rocket');
  assert.deepEqual(Object.keys(required).sort(), ['RocketClassifier', 'RocketFeatures', 'RocketRun']);
  const classifier = new required.RocketClassifier(small);
  await classifier.fit(waves(8, 1), { threads: 1 });
  const imported = new RocketClassifier(small);
  await imported.fit(waves(8, 1), { threads: 1 });
  assert.equal(stored(classifier), stored(imported));
});

test('a model learns one set at a time', async () => {
  const series = Array.from({ length: 20 }, (_, index) => ({
    input: Array.from({ length: 60 }, (_, step) => Math.sin(step / (index % 2 ? 3 : 4) + index)),
    label: index % 2 ? 'a' : 'b',
  }));
  const inputs = series.map(({ input }) => input);
  for (const [model, given] of [
    [new RocketClassifier({ labels: ['a', 'b'], features: 84, seed: 1 }), series],
    [new RocketFeatures({ features: 84, seed: 1 }), inputs],
  ]) {
    const first = model.fit(given);
    await assert.rejects(model.fit(given.slice(0, 8)), {
      name: 'TypeError',
      message: `${model.constructor.name}.fit: a fit is at work; wait for it to end, or abort it`,
    });
    await first;
    const run = model.fit(given);
    run.abort();
    await run;
    assert.equal((await model.fit(given)).stopped, 'finished');
  }
  assert.equal(RocketClassifier.name, 'RocketClassifier');
});
