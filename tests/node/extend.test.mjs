// Models that learn more later: labels, words, symbols, another normalisation.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  Architect,
  Encoder,
  Network,
  Neuron,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
} from 'engram';
import { randomFrom, SEED } from '../support/random.mjs';

const few = { epochs: 3, threads: 1 };
const near = (actual, expected, message) =>
  assert.ok(Math.abs(actual - expected) < 1e-12 * Math.abs(expected), message);

/** Three kinds of noisy waves, by their lengths. */
function waves(kinds, count, random) {
  return Array.from({ length: count }, (_, index) => {
    const label = kinds[index % kinds.length];
    const shift = random() * 6;
    const input = Array.from({ length: 24 }, (_, step) =>
      Math.sin(step / { slow: 6, fast: 1.2, middle: 2.5 }[label] + shift),
    );
    return { input: input.map((value) => value + random() * 0.2), label };
  });
}

test(`a classifier learns another label, and does not forget the others, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const classifier = new SequenceClassifier({
    labels: ['slow', 'fast'],
    encoder: Encoder.numeric(),
    hidden: [16],
    seed: 1,
  });
  const old = waves(['slow', 'fast'], 80, random);
  await classifier.fit(old, { epochs: 40, rate: 0.02 });
  const inputs = old.map(({ input }) => input);
  const before = classifier.classifyAll(inputs);
  const biases = classifier.network.biases.slice();
  const shape = classifier.network.layout.layers;
  assert.equal(classifier.extend({ labels: ['middle'] }), classifier);
  assert.deepEqual(classifier.labels, ['slow', 'fast', 'middle']);
  // All old units stand where they stood, as the outputs come last; their biases are the same to the bit.
  assert.deepEqual(classifier.network.biases.slice(0, biases.length), biases);
  assert.equal(classifier.network.layout.layers.length, shape.length);
  classifier.classifyAll(inputs).forEach(({ probabilities }, index) => {
    near(probabilities.slow / probabilities.fast, before[index].probabilities.slow / before[index].probabilities.fast);
    assert.ok(probabilities.middle > 0);
  });
  const mixed = [...waves(['middle'], 40, random), ...old.slice(0, 40)];
  await classifier.fit(mixed, { epochs: 40, rate: 0.02 });
  const { accuracy, classes } = classifier.evaluate(waves(['slow', 'fast', 'middle'], 90, random));
  assert.ok(accuracy > 0.9, `${accuracy}`);
  for (const label of classifier.labels) assert.ok(classes[label].recall > 0.8, `${label} ${classes[label].recall}`);
  const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(copy.classify(inputs[0]), classifier.classify(inputs[0]));
});

test('every weight that was there stays to the bit, in every kind of network', async () => {
  const texts = ['ab ba', 'b c b', 'c a', 'a a b'];
  const encoders = [
    () => Encoder.tokens({ embedding: 3 }),
    () => Encoder.oneHot('ab '),
    () => Encoder.symbols(),
    () => Encoder.bytes(),
  ];
  const layouts = [
    { hidden: [5] },
    { hidden: [4, 3], bidirectional: true, readout: 'attention' },
    { hidden: [4], variant: 'gru', readout: 'mean' },
    { hidden: [4], bidirectional: true, variant: 'gru', readout: 'last' },
  ];
  for (const layout of layouts) {
    for (const makeEncoder of encoders) {
      const encoder = makeEncoder();
      const isList = encoder.toJSON().type === 'symbols';
      const inputs = isList ? texts.map((text) => text.split(' ')) : texts;
      const classifier = new SequenceClassifier({ labels: [1, 2], encoder, seed: 4, ...layout });
      await classifier.fit(
        inputs.map((input, index) => ({ input, label: 1 + (index % 2) })),
        few,
      );
      const fresh = isList ? ['new', 'a', 'words'] : 'new a words';
      const asked = [...inputs, fresh];
      const before = classifier.classifyAll(asked);
      const old = JSON.parse(JSON.stringify(classifier.network.toJSON()));
      const size = classifier.encoder.size;
      // Words alone: they go on to be read as unknown ones, so nothing changes by a bit.
      classifier.extend({ samples: [{ input: fresh, label: 1 }] });
      if (encoder.toJSON().type !== 'bytes') assert.ok(classifier.encoder.size > size);
      assert.deepEqual(classifier.classifyAll(asked), before);
      // And a label: ratios stay.
      classifier.extend({ labels: [true] });
      classifier.classifyAll(asked).forEach(({ probabilities }, index) => {
        near(probabilities[1] / probabilities[2], before[index].probabilities[1] / before[index].probabilities[2]);
      });
      // Connection by connection, by the places of the neurons in a file.
      const now = classifier.network.toJSON();
      const [inputsBefore, inputsNow] = [old, now].map(
        ({ neurons }) => neurons.filter(({ layer }) => layer === 'input').length,
      );
      const placeNow = (unit) => {
        if (unit >= inputsBefore) return unit - inputsBefore + inputsNow;
        return unit === inputsBefore - 1 ? inputsNow - 1 : unit;
      };
      const weights = new Map(now.connections.map(({ from, to, weight }) => [`${from} ${to}`, weight]));
      for (const { from, to, weight } of old.connections) {
        assert.equal(weights.get(`${placeNow(from)} ${placeNow(to)}`), weight, `${from} to ${to}`);
      }
      old.neurons.forEach(({ bias }, unit) => assert.equal(now.neurons[placeNow(unit)].bias, bias));
      const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
      assert.deepEqual(copy.classifyAll(asked), classifier.classifyAll(asked));
      await classifier.fit(
        [
          { input: fresh, label: true },
          { input: inputs[0], label: 1 },
        ],
        few,
      );
      classifier.free();
    }
  }
});

test('a synaptic network is extended, too', async () => {
  const samples = [
    { input: 'ab', label: 'x' },
    { input: 'ba', label: 'y' },
  ];
  const classifier = new SequenceClassifier({
    labels: ['x', 'y'],
    encoder: Encoder.oneHot('ab'),
    hidden: [3],
    variant: 'synaptic',
    seed: 1,
  });
  await classifier.fit(samples, few);
  const before = classifier.classify('abc');
  classifier.extend({ samples: [{ input: 'cd', label: 'x' }] });
  assert.deepEqual(classifier.classify('abc'), before);
  classifier.extend({ labels: ['z'] });
  const { probabilities } = classifier.classify('abc');
  near(probabilities.x / probabilities.y, before.probabilities.x / before.probabilities.y);
});

test('several labels: probabilities of the old ones stay, new thresholds come behind', async () => {
  const samples = [
    { input: [1, 2, 3], labels: ['a'] },
    { input: [3, 2, 1], labels: ['a', 'b'] },
  ];
  const classifier = new SequenceClassifier({
    labels: ['a', 'b'],
    encoder: Encoder.numeric(),
    hidden: [3],
    multiLabel: true,
    thresholds: 0.3,
    seed: 1,
  });
  await classifier.fit(samples, few);
  const { probabilities } = classifier.classify([1, 1]);
  classifier.extend({ labels: ['c', 'd'], thresholds: { d: 0.9 } });
  assert.deepEqual(classifier.thresholds, [0.3, 0.3, 0.5, 0.9]);
  const now = classifier.classify([1, 1]).probabilities;
  assert.deepEqual([now.a, now.b], [probabilities.a, probabilities.b]);
  await classifier.fit([...samples, { input: [9, 9], labels: ['c'] }], few);
});

test(`a generator learns new symbols and keeps its manner, seed ${SEED}`, async () => {
  const generator = new SequenceGenerator({ encoder: Encoder.oneHot('abc'), hidden: [16], seed: 1 });
  await generator.fit(['abcabc', 'abcabcabc', 'abc'], { epochs: 60, rate: 0.05 });
  const before = generator.next('ab');
  generator.extend({ samples: ['xyxy'] });
  const after = generator.next('ab');
  near(after.probabilities.get('c') / after.end, before.probabilities.get('c') / before.end);
  near(
    after.probabilities.get('c') / after.probabilities.get('a'),
    before.probabilities.get('c') / before.probabilities.get('a'),
  );
  assert.deepEqual([...after.probabilities.keys()].sort(), ['a', 'b', 'c', 'x', 'y']);
  await generator.fit(['xyxyxy', 'xyxy', 'abcabc', 'abcabcabc'], { epochs: 60, rate: 0.05 });
  assert.equal(generator.generate('x', { count: 3, temperature: 0 }), 'yxy');
  assert.equal(generator.generate('a', { count: 3, temperature: 0 }), 'bca');
});

test('a tagger learns new words and labels; its probabilities stay in their ratios until then', async () => {
  const tagger = new SequenceTagger({
    labels: ['O', 'B-place'],
    encoder: Encoder.tokens({ embedding: 4 }),
    hidden: [8],
    seed: 1,
  });
  const old = [
    { input: 'fly to rome', labels: ['O', 'O', 'B-place'] },
    { input: 'paris is far', labels: ['B-place', 'O', 'O'] },
  ];
  await tagger.fit(old, { epochs: 60, rate: 0.05 });
  const before = tagger.tag('fly to oslo on monday');
  const samples = [{ input: 'fly on monday to oslo', labels: ['O', 'O', 'B-day', 'O', 'B-place'] }];
  tagger.extend({ labels: ['B-day'], samples });
  tagger.tag('fly to oslo on monday').forEach(({ probabilities }, step) => {
    near(
      probabilities.O / probabilities['B-place'],
      before[step].probabilities.O / before[step].probabilities['B-place'],
    );
  });
  await tagger.fit([...samples, ...old], { epochs: 100, rate: 0.05 });
  assert.deepEqual(
    tagger.tag(samples[0].input).map(({ label }) => label),
    samples[0].labels,
  );
  assert.deepEqual(
    tagger.tag(old[0].input).map(({ label }) => label),
    old[0].labels,
  );
});

test('normalisation stays frozen, or is renewed by the samples', async () => {
  const wave = (shift, length = 40) => Array.from({ length }, (_, step) => shift + Math.sin(step / 3));
  const predictor = new SequencePredictor({ hidden: [6], seed: 1 });
  await predictor.fit([wave(0)], few);
  const [stored, before] = [predictor.encoder.toJSON(), predictor.predict(wave(0))];
  const network = predictor.network;
  predictor.extend({ samples: [wave(100)] });
  assert.deepEqual(predictor.encoder.toJSON(), stored);
  assert.deepEqual(predictor.predict(wave(0)), before);
  predictor.extend({ samples: [wave(100)], normalization: 'renewed' });
  assert.ok(Math.abs(predictor.encoder.toJSON().mean[0] - 100) < 0.5);
  assert.equal(predictor.network, network);
  assert.ok(Math.abs(predictor.predict(wave(100))[0] - 100 - before[0]) < 0.1);
  const regressor = new SequenceRegressor({ hidden: [4], seed: 1 });
  const samples = [1, 2, 3].map((value) => ({ input: wave(value), output: value }));
  await regressor.fit(samples, few);
  const weights = regressor.network.weights.slice();
  regressor.extend({
    samples: samples.map(({ input, output }) => ({ input, output: 1000 + output })),
    normalization: 'renewed',
  });
  assert.deepEqual(regressor.network.weights.slice(), weights);
  assert.ok(regressor.predict(wave(2)) > 900);
  const { targets } = regressor.toJSON();
  assert.ok(Math.abs(targets.mean[0] - 1002) < 1e-9);
  const words = new SequenceRegressor({ encoder: Encoder.tokens({ embedding: 2 }), hidden: [4], seed: 1 });
  await words.fit(
    [
      { input: 'good', output: 5 },
      { input: 'bad', output: 1 },
    ],
    few,
  );
  const answer = words.predict('great');
  words.extend({ samples: [{ input: 'great fun', output: 5 }] });
  assert.equal(words.encoder.size, 5);
  assert.equal(words.predict('great'), answer);
});

test('what cannot be added is refused, and changes nothing', async () => {
  const make = () => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [3], seed: 1 });
  assert.throws(() => make().extend({ labels: ['c'] }), /SequenceClassifier.extend: the model has not been fitted yet/);
  const classifier = make();
  const samples = [
    { input: [1, 2], label: 'a' },
    { input: [2, 1], label: 'b' },
  ];
  await classifier.fit(samples, few);
  const before = JSON.stringify(classifier);
  for (const [options, message] of [
    [{ labels: ['c', 'a'] }, /options.labels\[1\] is "a", expected another text than the label "a"/],
    [{ labels: ['c', 'c'] }, /options.labels\[1\] is "c", expected another text than that of options.labels\[0\], "c"/],
    [{ labels: [] }, /options.labels/],
    [{ labels: [{}] }, /options.labels\[0\]/],
    [{ labels: ['c'], thresholds: 0.2 }, /options.thresholds is 0.2, expected left out/],
    [
      { labels: ['c'], normalization: 'renewed' },
      /options.normalization is "renewed", expected 'frozen' where no samples/,
    ],
    [{ labels: ['c'], normalization: 'new' }, /options.normalization is "new"/],
    [
      { labels: ['c'], samples: [{ input: ['x'], label: 'a' }], normalization: 'renewed' },
      /options.samples\[0\].input\[0\] is "x"/,
    ],
    [{ labels: ['c'], samples: [1] }, /options.samples\[0\] is 1, expected an object/],
    [{ words: ['c'] }, /words/],
  ]) {
    assert.throws(() => classifier.extend(options), message);
    assert.equal(JSON.stringify(classifier), before);
  }
  const stream = classifier.stream();
  stream.push(1);
  const run = classifier.fit(samples, { epochs: 2000, threads: 1 });
  assert.throws(() => classifier.extend({ labels: ['c'] }), TypeError);
  run.abort();
  await run;
  classifier.extend({ labels: ['c'] });
  assert.throws(() => stream.push(1), /the network has been freed/);
  assert.equal(Object.keys(classifier.stream().push(1).probabilities).length, 3);
  const other = SequenceClassifier.fromNetwork(new Architect.Perceptron(1, 3, 2, { output: 'softmax' }), {
    labels: ['a', 'b'],
    encoder: Encoder.numeric({ normalize: false }),
  });
  const [kept] = [JSON.stringify(other)];
  assert.throws(
    () => other.extend({ labels: ['c'] }),
    /SequenceClassifier.extend: the network is of another kind than the model makes/,
  );
  assert.equal(JSON.stringify(other), kept);
});

test('samples that a model does not read are refused by what it knows then, and change nothing', async () => {
  const classifier = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [3], seed: 1 });
  const labelled = [
    { input: [1], label: 'a' },
    { input: [2], label: 'b' },
  ];
  await classifier.fit(labelled, few);
  const words = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.tokens(), hidden: [3], seed: 1 });
  await words.fit(
    [
      { input: 'x y', label: 'a' },
      { input: 'y', label: 'b' },
    ],
    few,
  );
  const regressor = new SequenceRegressor({ hidden: [3], seed: 1 });
  await regressor.fit(
    [
      { input: [1], output: 1 },
      { input: [2], output: 2 },
    ],
    few,
  );
  const predictor = new SequencePredictor({ hidden: [3], seed: 1 });
  await predictor.fit([[1, 2, 3, 4]], few);
  const generator = new SequenceGenerator({ encoder: Encoder.oneHot('ab'), hidden: [3], seed: 1 });
  await generator.fit(['abab'], few);
  const tagger = new SequenceTagger({ labels: ['a', 'b'], encoder: Encoder.tokens(), hidden: [3], seed: 1 });
  await tagger.fit([{ input: 'x y', labels: ['a', 'b'] }], few);
  const transcriber = new SequenceTranscriber({ encoder: Encoder.numeric(), hidden: [3], seed: 1 });
  await transcriber.fit([{ input: [1, 2, 3], output: 'x' }], few);
  for (const [model, options, message] of [
    [classifier, { samples: [{ input: [Number.NaN], label: 'a' }] }, /options\.samples\[0\]\.input\[0\] is NaN/],
    [classifier, { samples: [{ input: [1], label: 'c' }] }, /options\.samples\[0\]\.label is "c"/],
    [classifier, { samples: [{}] }, /options\.samples\[0\]/],
    [words, { samples: [{ input: 'z', label: 'c' }] }, /options\.samples\[0\]\.label is "c"/],
    [regressor, { samples: [{ input: [Number.NaN], output: 1 }] }, /options\.samples\[0\]\.input\[0\] is NaN/],
    [regressor, { samples: [{ input: [1], output: 'x' }] }, /options\.samples\[0\]\.output is "x"/],
    [predictor, { samples: [[1, 'x']] }, /options\.samples\[0\]\[1\] is "x"/],
    [generator, { samples: ['ab', 3] }, /options\.samples\[1\] is 3/],
    [tagger, { samples: [{ input: 'x z', labels: ['a'] }] }, /has 2 steps for 1 labels/],
    [transcriber, { samples: [{ input: [1, 2], output: 'y' }] }, /options\.samples\[0\]\.output/],
    [transcriber, { symbols: [5] }, /options\.symbols\[0\] is 5, expected one character/],
  ]) {
    const before = JSON.stringify(model);
    assert.throws(() => model.extend(options), { message });
    assert.equal(JSON.stringify(model), before);
  }
  // With their labels beside they are read.
  words.extend({ labels: ['c'], samples: [{ input: 'z', label: 'c' }] });
  transcriber.extend({ symbols: ['y'], samples: [{ input: [1, 2], output: 'y' }] });
});

test('a network whose cells compute otherwise is not extended', async () => {
  const classifier = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [3], seed: 1 });
  const samples = ['a', 'b'].map((label, input) => ({ input: [input, 1], label }));
  await classifier.fit(samples, few);
  const json = classifier.toJSON();
  const { network } = JSON.parse(JSON.stringify(json));
  const other = Network.fromJSON(network);
  for (const neuron of other.layers.hidden[0].list) neuron.squash = Neuron.squash.RELU;
  const odd = SequenceClassifier.fromJSON({ ...json, network: other.toJSON() });
  const before = JSON.stringify(odd);
  assert.throws(() => odd.extend({ labels: ['c'] }), /SequenceClassifier.extend: the network is of another kind/);
  assert.equal(JSON.stringify(odd), before);
});
