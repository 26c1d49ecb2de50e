// What sequence training can be told: both directions, dropout, embeddings, sets to judge by, logs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Architect, Encoder, Network, SequenceClassifier, SequencePredictor, SequenceTagger, Trainer } from 'engram';

import { randomFrom, SEED } from '../support/random.mjs';

const random = randomFrom(SEED);
const numbers = (count) => Array.from({ length: count }, () => Math.floor(random() * 10));

test('a bidirectional tagger knows what comes after', async () => {
  // A step is labelled by the one after it: nothing that reads forward can know it.
  const samples = Array.from({ length: 60 }, () => {
    const input = numbers(3 + Math.floor(random() * 6));
    return { input, labels: input.map((_, step) => (input[step + 1] > 4 ? 'high' : 'low')) };
  });
  const accuracies = [];
  for (const bidirectional of [false, true]) {
    const tagger = new SequenceTagger({
      labels: ['low', 'high'],
      encoder: Encoder.numeric(),
      hidden: [12],
      bidirectional,
      seed: 1,
    });
    await tagger.fit(samples.slice(0, 45), { epochs: 60, groupByLength: true });
    accuracies.push(tagger.evaluate(samples.slice(45)).accuracy);
    const copy = SequenceTagger.fromJSON(JSON.parse(JSON.stringify(tagger)));
    assert.deepEqual(copy.tag([1, 8, 2]), tagger.tag([1, 8, 2]));
    assert.equal(copy.bidirectional, bidirectional);
    tagger.free();
  }
  assert.ok(accuracies[0] < 0.85 && accuracies[1] > 0.95, String(accuracies));
});

test('a bidirectional network runs whole sequences only', async () => {
  const network = new Architect.LSTM(1, 3, 2, 1, { variant: 'standard', bidirectional: true, seed: 1 });
  const [first] = network.activateSequence([[1], [0], [1]]);
  const [other] = network.activateSequence([[1], [0], [0]]);
  assert.notDeepEqual(first, other);
  assert.deepEqual(Network.fromJSON(JSON.parse(JSON.stringify(network))).activateSequence([[1], [0], [1]])[0], first);
  assert.ok(network.layout.layers.some(({ name, reversed }) => name === 'reversed hidden' && reversed));
  const set = [{ input: [[1], [0]], output: [1] }];
  const before = [...network.memory];
  for (const call of [
    () => network.activate([1]),
    () => network.propagate(0.1, [1]),
    () => network.worker(),
    () => network.standalone(),
    () => new Trainer(network).train(set, { truncate: 1 }),
    () => new Trainer(network).trainAsync(set, { learner: 'online' }),
  ]) {
    await assert.rejects(async () => call(), { name: 'TypeError', message: /bidirectional/ }, String(call));
  }
  network.setOptimize(false);
  assert.throws(() => network.activate([1]), /bidirectional/);
  network.setOptimize(true);
  assert.deepEqual([...network.memory], before);
  assert.equal(network.busy, false);
});

test('dropout is drawn by the seed, whatever the threads, and acts in training only', async () => {
  const set = Array.from({ length: 64 }, () => ({
    input: numbers(6).map((value) => [value / 10]),
    output: [random()],
  }));
  const weights = [];
  for (const [dropout, threads] of [
    [0, 1],
    [0.4, 1],
    [0.4, 4],
  ]) {
    const network = new Architect.LSTM(1, 6, 5, 1, { variant: 'standard', output: 'linear', seed: 2 });
    await new Trainer(network).trainAsync(set, { dropout, threads, iterations: 3, batchSize: 64, seed: 3 });
    weights.push([...network.weights]);
    assert.deepEqual(network.activateSequence([[1]]), network.activateSequence([[1]]));
    network.free();
  }
  assert.notDeepEqual(weights[0], weights[1]);
  assert.deepEqual(weights[1], weights[2]);
});

test('words are embedded, and the embedding is learnt', async () => {
  const things = { fruit: ['apple', 'pear', 'plum'], tool: ['saw', 'hammer', 'drill'] };
  const samples = Object.entries(things).flatMap(([label, words]) =>
    words.flatMap((word) => [`the ${word} is here`, `here is a ${word}`].map((input) => ({ input, label }))),
  );
  const classifier = new SequenceClassifier({
    labels: ['fruit', 'tool'],
    encoder: Encoder.tokens({ embedding: 8 }),
    hidden: [8],
    seed: 1,
  });
  const vectors = () => {
    const { layout, memory } = classifier.network;
    assert.equal(layout.layers.find(({ name }) => name === 'embedding').size, 8);
    const { offset, length } = layout.blocks.find(({ name }) => name === 'input -> embedding');
    return [...memory.subarray(offset, offset + length)];
  };
  await classifier.fit(samples, { epochs: 1 });
  const first = vectors();
  await classifier.fit(samples, { epochs: 100 });
  assert.notDeepEqual(vectors(), first);
  assert.equal(classifier.evaluate(samples).accuracy, 1);
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.classify('a plum'), classifier.classify('a plum'));
});

test('a run is judged by samples of their own', async () => {
  const make = (count) =>
    Array.from({ length: count }, (_, index) => ({
      input: Array.from({ length: 5 }, (_, step) => (index % 2 ? step : -step) + random()),
      label: index % 2 ? 'up' : 'down',
    }));
  const [samples, others] = [make(40), make(10)];
  const classifier = new SequenceClassifier({ labels: ['up', 'down'], encoder: Encoder.numeric(), seed: 1 });
  const result = await classifier.fit(samples, { epochs: 5, validation: others, precision: 'f64' });
  const { accuracy, loss } = classifier.evaluate(others);
  assert.equal(result.validation.accuracy, accuracy);
  assert.ok(Math.abs(result.validation.error - loss) < 1e-9);
  await assert.rejects(
    async () => classifier.fit(samples, { validation: [{ input: [1], label: 'sideways' }] }),
    /options\.validation\[0\]\.label/,
  );
  const network = new Architect.LSTM(1, 3, 1, { variant: 'standard', seed: 1 });
  const set = [{ input: [[1], [0]], output: [1] }];
  assert.throws(() => new Trainer(network).train(set, { validation: [{ input: [[]], output: [1] }] }), {
    message: /options\.validation\[0\]\.input\[0\] has 0 values/,
  });
});

test('progress tells pace and time left; a run that diverges says what helps', async () => {
  // Two targets for one input: the error never becomes 0.
  const set = [1, 0].map((target) => ({ input: [[1], [0]], output: [target] }));
  const reports = [];
  const network = new Architect.LSTM(1, 3, 1, { variant: 'standard', output: 'linear', seed: 1 });
  const onProgress = (progress) => reports.push(progress);
  await new Trainer(network).trainAsync(set, { iterations: 20_000, error: 0, onProgress });
  for (const { iteration, examples, time, perSecond, timeLeft } of reports) {
    // The batch of the next iteration may be done already.
    assert.ok([2 * iteration, 2 * iteration + 2].includes(examples), `${examples} examples in ${iteration} iterations`);
    assert.equal(perSecond, examples / (time / 1000));
    assert.equal(timeLeft, ((20_000 - iteration) * time) / iteration);
  }
  assert.equal(reports.at(-1).iteration, 20_000);

  for (const train of ['train', 'trainAsync']) {
    const fresh = new Architect.LSTM(1, 3, 1, { variant: 'standard', output: 'linear', seed: 1 });
    const wild = { optimizer: 'sgd', rate: 1e200, clipNorm: null, iterations: 50 };
    const { stopped, advice } = await new Trainer(fresh)[train](set, wild);
    assert.equal(stopped, 'diverged');
    assert.match(advice, /in iteration \d+; .*lower rate helps, or clipNorm: 1/);
    assert.ok(fresh.weights.every(Number.isFinite));
  }
});

/** What a small fit prints, with standard output said to be a terminal or not. */
function printed(isTTY, log) {
  const script = `
    import { Encoder, SequenceClassifier } from 'engram';
    Object.defineProperty(process.stdout, 'isTTY', { value: ${isTTY} });
    const classifier = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.bits(), hidden: [4], seed: 1 });
    await classifier.fit([{ input: 'x', label: 'a' }, { input: 'y', label: 'b' }], { epochs: 30, log: ${log} });`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('fit prints a bar on a terminal and lines elsewhere', () => {
  assert.equal(printed(false, false), '');
  assert.match(printed(false, 1), /^epoch \d+\/30, error [\d.]+, accuracy [\d.]+ %, \d+ samples\/s/m);
  assert.match(printed(false, true), /epoch 30\/30, .*samples\/s\n$/);
  const bar = printed(true, true);
  assert.ok(bar.startsWith('\r\x1b[K') && bar.includes('█'.repeat(20)) && bar.endsWith('\n'), JSON.stringify(bar));
});

/** A wrong kind and a wrong value of every option of a run. */
const WRONG = {
  rate: ['fast', -1],
  iterations: ['many', 1.5],
  error: ['small', NaN],
  cost: ['MSE'],
  crossValidate: [7, { testSize: 1 }],
  shuffle: [], // whatever it is, it is true or false
  log: ['yes', -1],
  schedule: [7, { every: -1, do() {} }, { every: 1 }],
  customLog: [7, { every: 'day', do() {} }],
  learner: [7, 'magic'],
  optimizer: [7, 'nadam'],
  weightDecay: ['much', -1],
  decay: [7, { type: 'step', every: 0, factor: 0.5 }, { type: 'cosine', floor: 2 }, { type: 'plateau', patience: 3 }],
  warmUp: ['long', -1],
  validation: ['half', 1.5, []],
  patience: ['long', -1],
  truncate: ['short', 0],
  stateful: [1, true],
  dropout: ['half', 1],
  groupByLength: [1],
  batchSize: ['big', 0],
  clipNorm: ['short', -1],
  precision: [7, 'f16'],
  threads: ['all', 0, 65],
  checkpointEvery: ['day', -1],
  onCheckpoint: [7],
  seed: ['x', -1],
  freeze: ['output', [3], ['layer 9'], ['layer 0', 'output']],
  signal: [{}],
  onProgress: [7],
};

test('every option of a run is refused when it is wrong, by its name', (t) => {
  const set = [
    { input: [[1], [0]], output: [1] },
    { input: [[0], [0]], output: [0] },
  ];
  const network = new Architect.LSTM(1, 2, 1, { variant: 'standard', seed: 1 });
  const trainer = new Trainer(network);
  const warn = t.mock.method(console, 'warn', () => {});
  trainer.train(set, { quizzical: 1, iterations: 1 });
  const known = warn.mock.calls[0].arguments[0].split('known are ')[1];
  assert.deepEqual(known.split(', ').sort(), Object.keys(WRONG).sort());
  const before = JSON.stringify(network);
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      assert.throws(
        () => trainer.train(set, { [name]: value }),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.match(error.message, new RegExp(`^Trainer\\.train: options\\.${name}`));
          return true;
        },
        `${name}: ${JSON.stringify(value)}`,
      );
    }
  }
  assert.equal(JSON.stringify(network), before);
});

test('options of models and architects are refused when they are wrong', () => {
  const encoder = Encoder.bits();
  const labels = ['a', 'b'];
  const lstm = (options) => () => new Architect.LSTM(1, 2, 1, options);
  const refusals = [
    [() => new SequenceClassifier({ labels, encoder, bidirectional: 1 }), TypeError, /bidirectional/],
    [() => new SequenceClassifier({ labels, encoder, dropout: 1 }), RangeError, /dropout/],
    [() => new SequenceTagger({ labels, encoder, dropuot: 1 }), TypeError, /did you mean 'dropout'/],
    [() => new SequencePredictor({ bidirectional: true }), TypeError, /bidirectional is not known/],
    [() => Encoder.tokens({ embedding: 0 }), RangeError, /embedding/],
    [() => Encoder.tokens({ embeding: 3 }), TypeError, /did you mean 'embedding'/],
    [lstm({ bidirectional: true }), RangeError, /bidirectional is true, expected left out but with variant 'standard'/],
    [lstm({ variant: 'standard', bidirectional: 'yes' }), TypeError, /bidirectional/],
    [lstm({ variant: 'standard', embedding: -1 }), RangeError, /embedding/],
  ];
  for (const [call, kind, pattern] of refusals) {
    assert.throws(call, (error) => error instanceof kind && pattern.test(error.message), String(call));
  }
  const network = new Architect.LSTM(1, 2, 1, { variant: 'standard', bidirectional: true, seed: 1 });
  const json = network.toJSON();
  for (const neuron of json.neurons) {
    if (neuron.layer === 'output') neuron.reversed = true;
  }
  assert.throws(() => Network.fromJSON(json).activateSequence([[1]]), { name: 'TypeError', message: /reversed/ });
});

test('a trace has the activations of every layer at every step', () => {
  const steps = Array.from({ length: 300 }, (_, step) => [Math.sin(step)]);
  for (const options of [{ bidirectional: true }, {}]) {
    const network = new Architect.LSTM(1, 3, 2, { variant: 'standard', output: 'softmax', seed: 1, ...options });
    const trace = network.traceSequence(steps);
    const layer = (name) => network.layout.layers.find((candidate) => candidate.name === name);
    const at = (step, { first, size }) => [...trace[step].subarray(first, first + size)];
    const outputs = network.activateSequence(steps);
    steps.forEach((input, step) => {
      assert.deepEqual(at(step, layer('output')), outputs[step]);
      assert.deepEqual(at(step, layer('input')), input);
      at(step, layer('hidden')).forEach((hidden, cell) => {
        const gate = at(step, layer('outputGate'))[cell];
        const squashed = at(step, layer('memoryCell'))[cell];
        assert.ok(Math.abs(hidden - gate * squashed) < 1e-9, `step ${step}, cell ${cell}`);
      });
    });
  }
  const network = new Architect.LSTM(1, 3, 2, { variant: 'standard', seed: 1 });
  assert.throws(() => network.traceSequence([]), { name: 'RangeError', message: /traceSequence: steps is empty/ });
  assert.throws(() => network.traceSequence([[1, 2]]), { name: 'RangeError', message: /steps\[0\]/ });
});

test("a classifier of Synaptic's topology learns, is stored, and says what it can't do", async () => {
  const encoder = Encoder.oneHot('ab');
  const labels = ['x', 'y'];
  const classifier = new SequenceClassifier({ labels, encoder, hidden: [6], variant: 'synaptic', seed: 1 });
  const samples = ['aab', 'abb', 'ba', 'bba'].map((input) => ({ input, label: input[0] === 'a' ? 'x' : 'y' }));
  const { accuracy } = await classifier.fit(samples, { epochs: 200, rate: 0.03 });
  assert.equal(accuracy, 1);
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.equal(copy.variant, 'synaptic');
  assert.deepEqual(copy.classify('ab'), classifier.classify('ab'));
  const make = (options) => () => new SequenceClassifier({ labels, encoder, ...options });
  assert.throws(make({ variant: 'elman' }), { name: 'RangeError', message: /options\.variant/ });
  assert.throws(make({ variant: 'synaptic', bidirectional: true }), { name: 'RangeError', message: /bidirectional/ });
  assert.throws(make({ variant: 'synaptic', encoder: Encoder.tokens() }), { name: 'RangeError', message: /encoder/ });
});
