// Vocabularies, labels and sets of ordinary size: they are made, learnt from, stored and answered from.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Architect, Encoder, Network, SequenceClassifier, SequenceTagger, Trainer } from 'engram';
import { below, randomFrom, SEED } from '../support/random.mjs';

const random = randomFrom(SEED);
const word = (number) => `w${number.toString(36)}`;
const text = (words, vocabulary) => Array.from({ length: words }, () => word(below(random, vocabulary))).join(' ');

/** How often the thread gave way while a promise was waited for. */
async function breaksDuring(promise) {
  let breaks = 0;
  let waiting = true;
  const count = () => {
    breaks++;
    if (waiting) setTimeout(count);
  };
  setTimeout(count);
  await promise;
  waiting = false;
  return breaks;
}

test('1,400 texts of 100 words are learnt from, encoded between other work', async () => {
  const samples = Array.from({ length: 1400 }, (_, index) => {
    return { input: `${text(99, 5000)} ${index % 2 ? 'good' : 'bad'}`, label: index % 2 ? 'yes' : 'no' };
  });
  const classifier = new SequenceClassifier({
    labels: ['yes', 'no'],
    encoder: Encoder.tokens({ most: 5000, embedding: 4 }),
    hidden: [4],
    seed: 1,
  });
  const run = classifier.fit(samples, { epochs: 1 });
  assert.equal(classifier.network, null, 'encoding goes on when fit returns');
  await assert.rejects(classifier.fit(samples), { name: 'TypeError', message: /SequenceClassifier\.fit: .*trained/ });
  assert.ok((await breaksDuring(run)) > 1);
  assert.equal((await run).iterations, 1);
  assert.equal(classifier.encoder.size, 5001);
  assert.ok(classifier.evaluate(samples.slice(0, 50)).loss > 0);
});

test('what is asked of a run while its samples are encoded is done', async () => {
  const samples = Array.from({ length: 600 }, (_, index) => ({ input: text(50, 100), label: index % 2 }));
  const make = () =>
    new SequenceClassifier({ labels: [0, 1], encoder: Encoder.tokens({ embedding: 2 }), hidden: [2], seed: 1 });
  const classifier = make();
  const aborted = classifier.fit(samples, { epochs: 5 });
  aborted.abort();
  const { stopped, iterations } = await aborted;
  assert.deepEqual({ stopped, iterations }, { stopped: 'aborted', iterations: 0 });

  const paused = make().fit(samples, { epochs: 2 });
  paused.pause();
  const checkpoint = await paused.checkpoint();
  assert.ok(checkpoint.length > 0);
  paused.resume();
  assert.equal((await paused).stopped, 'iterations');

  const controller = new AbortController();
  const signalled = make().fit(samples, { epochs: 5, signal: controller.signal });
  controller.abort();
  assert.equal((await signalled).stopped, 'aborted');

  const many = [...samples, ...samples, ...samples];
  for (const turns of [0, 1, 2, 3]) {
    const freed = make();
    const run = freed.fit(many, { epochs: 1 });
    for (let turn = 0; turn < turns && freed.network === null; turn++) await setImmediate();
    freed.free();
    await assert.rejects(run, { name: 'TypeError', message: /freed/ });
    assert.equal(freed.network, null);
    assert.equal((await freed.fit(samples.slice(0, 10), { epochs: 1 })).iterations, 1);
  }

  const refused = make();
  const wrong = [...samples, { input: 7, label: 1 }];
  await assert.rejects(refused.fit(wrong), { name: 'TypeError', message: /samples\[600\]\.input/ });
  assert.equal(refused.encoder.size, 0, 'what was refused has changed nothing');
});

test('a model is the same whether its samples are encoded at once or in slices', async () => {
  const samples = Array.from({ length: 500 }, (_, index) => ({ input: text(40, 30), label: index % 2 }));
  const weights = async (encoder) => {
    const model = new SequenceClassifier({ labels: [0, 1], encoder, hidden: [3], seed: 1 });
    await model.fit(samples, { epochs: 1 });
    return [...model.network.weights];
  };
  const fitted = Encoder.tokens({ embedding: 3 });
  fitted.fit(samples.map(({ input }) => input));
  assert.deepEqual(await weights(Encoder.tokens({ embedding: 3 })), await weights(fitted));
});

test('a vocabulary of 5,000 words and 2,000 labels work', async () => {
  const labels = Array.from({ length: 2000 }, (_, index) => `label ${index}`);
  const samples = labels.map((label) => ({ input: text(6, 5000), label }));
  const encoder = Encoder.tokens({ most: 5000, embedding: 8 });
  const classifier = new SequenceClassifier({ labels, encoder, hidden: [8], seed: 1 });
  await classifier.fit(samples, { epochs: 1 });
  assert.equal(Object.keys(classifier.classify(samples[0].input).probabilities).length, 2000);
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.classify(samples[3].input), classifier.classify(samples[3].input));
});

test('a vocabulary of 100,000 words with an embedding of 64 works, and is stored in less than 11 bytes a weight', async () => {
  const vocabulary = 100_000;
  const words = Array.from({ length: vocabulary }, (_, index) => word(index));
  const encoder = Encoder.tokens({ most: vocabulary, embedding: 64 });
  encoder.fit([words.join(' ')]);
  const labels = ['x', 'y'];
  const classifier = new SequenceClassifier({ labels, encoder, hidden: [4], seed: 1 });
  const samples = labels.map((label, index) => ({ input: words.slice(index * 10, index * 10 + 10).join(' '), label }));
  const { iterations } = await classifier.fit(samples, { epochs: 2 });
  assert.equal(iterations, 2);
  assert.ok(classifier.network.weights.length > 64 * vocabulary);
  const json = JSON.stringify(classifier);
  const list = JSON.stringify(classifier.encoder).length;
  assert.ok(json.length - list < 11 * classifier.network.memory.length, `${json.length} characters`);
  const before = classifier.classify(samples[0].input);
  classifier.free();
  const copy = SequenceClassifier.fromJSON(JSON.parse(json));
  assert.deepEqual(copy.classify(samples[0].input), before);
  assert.throws(() => copy.network.toJSON(), { name: 'RangeError', message: /too many to look at one by one/ });
  copy.free();
});

test('an embedding is connections to whoever looks at them', () => {
  const options = { variant: 'standard', embedding: 3, seed: 2 };
  const [network, other] = [new Architect.LSTM(4, 2, 2, options), new Architect.LSTM(4, 2, 2, options)];
  const steps = [
    [1, 0, 0, 0],
    [0, 0, 1, 0],
  ];
  const expected = network.activateSequence(steps);
  network.activate(steps[0]);
  network.weights[0] = 0.25;
  const [first] = network.neurons();
  const projected = Object.values(first.neuron.connections.projected);
  assert.equal(projected.length, 3);
  assert.ok(
    projected.some(({ weight }) => weight === 0.25),
    'what the network has learnt stands in its connections',
  );
  projected.find(({ weight }) => weight === 0.25).weight = other.weights[0];
  assert.deepEqual(network.activateSequence(steps), expected, 'and the other way round');
  network.resetContext();
  // Both rules, neuron by neuron and compiled.
  const train = (net) => {
    for (let step = 0; step < 60; step++) {
      net.activate(steps[step % 2]);
      net.propagate(0.1, [step % 2, 0.5]);
    }
    return net.activate(steps[0]);
  };
  other.setOptimize(false);
  const [plain, lowered] = [train(other), train(network)];
  plain.forEach((value, index) => assert.ok(Math.abs(value - lowered[index]) < 1e-12));
  assert.equal(
    other.layers.input.connected(other.layers.hidden[0]),
    Architect.connectionType?.ALL_TO_ALL ?? 'ALL TO ALL',
  );
});

test('what an embedding learns stays, however the network is looked at, copied and changed', () => {
  const make = () => new Architect.LSTM(5, 3, 2, { variant: 'standard', embedding: 3, output: 'softmax', seed: 2 });
  const set = [0, 1, 2, 3, 4].map((place) => ({
    input: [Array.from({ length: 5 }, (_, index) => Number(index === place))],
    output: place < 2 ? [1, 0] : [0, 1],
  }));
  const network = make();
  new Trainer(network).train(set, { iterations: 5, error: 0, seed: 1 });
  const steps = set.map(({ input }) => input[0]);
  const expected = network.activateSequence(steps);
  for (const copy of [
    Network.fromJSON(network.toJSON(2)),
    Network.fromJSON(JSON.parse(JSON.stringify(network.toJSON(2)))),
    Network.fromJSON(JSON.parse(JSON.stringify(network))),
    network.clone(),
  ]) {
    assert.deepEqual(copy.activateSequence(steps), expected);
  }
  const standalone = network.clone();
  standalone.resetContext();
  const run = standalone.standalone();
  steps.forEach((step, index) => {
    run(step).forEach((value, output) => assert.ok(Math.abs(value - expected[index][output]) < 1e-12));
  });
  // Neurons that stand in other layers than the embedding's.
  const { input, hidden, output } = network.layers;
  const again = new Network({ input, hidden: [...hidden], output });
  assert.deepEqual(again.activateSequence(steps), expected);
});

test('what does not fit is refused before memory is touched', () => {
  const options = { variant: 'standard', embedding: 65_536 };
  assert.throws(() => new Architect.LSTM(500_000, 2, 2, options), {
    name: 'RangeError',
    message: /make 32768000000 weights of an embedding, at most 16777216/,
  });
  assert.throws(() => new Architect.LSTM(50_000, 1000, 2, { variant: 'standard' }), {
    name: 'RangeError',
    message: /make \d+ connections, at most 4194304/,
  });
  assert.throws(() => new Architect.LSTM(100, 100, 2000), { name: 'RangeError', message: /traces of gates/ });
  assert.throws(() => new Architect.LSTM(10, 3_000_000, 1), { name: 'RangeError', message: /neurons/ });
});

test('a tagger of many texts takes classes by step', async () => {
  const samples = Array.from({ length: 300 }, () => {
    const input = text(40, 200);
    return { input, labels: input.split(' ').map((token) => (token.length > 2 ? 'long' : 'short')) };
  });
  const encoder = Encoder.tokens({ embedding: 4 });
  const tagger = new SequenceTagger({ labels: ['long', 'short'], encoder, hidden: [4], seed: 1 });
  await tagger.fit(samples, { epochs: 20, rate: 0.05 });
  assert.ok(tagger.evaluate(samples).accuracy > 0.9);
});

test('the limits are those that the README says, and name convolutions that count in', () => {
  const limitOf = (make) => {
    let limit;
    assert.throws(make, ({ name, message }) => {
      limit = Number(/at most (\d+) /.exec(message)[1]).toLocaleString('en-US');
      return name === 'RangeError';
    });
    return limit;
  };
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
  const limits = [
    limitOf(() => new Architect.Perceptron(1_048_575, 1, 1)),
    limitOf(() => new Architect.Perceptron(3000, 1600, 2)),
    limitOf(() => new Architect.LSTM(200_000, 8, 10, { variant: 'standard', embedding: 100, output: 'softmax' })),
  ];
  assert.ok(
    readme.includes(
      `Architects build up to ${limits[0]} neurons and ${limits[1]} connections, and embeddings of up to ${limits[2]} weights`,
    ),
    limits.join(', '),
  );
  const convolution = [
    { filters: 64, width: 1 },
    { filters: 1024, width: 100 },
  ];
  assert.throws(
    () => new Architect.LSTM(1, 2, { variant: 'standard', convolution }),
    /layers \[1, 2\] and 2 convolutions make \d+ connections, at most \d+ are allowed/,
  );
});
