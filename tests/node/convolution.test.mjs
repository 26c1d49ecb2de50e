// Convolutions in the sequence classes: what they learn, how they are stored, and what is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Architect,
  Encoder,
  Network,
  SequenceClassifier,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
} from 'engram';

/** A repeatable stream of numbers in [0, 1). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Noise with a rise and a fall somewhere, in this order or in the other. */
function shapes(count, seed) {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + Math.floor(next() * 30);
    const sign = index % 2 === 0 ? 1 : -1;
    const input = Array.from({ length: 50 }, (_, step) => {
      const bump = step === at ? sign : step === at + 3 ? -sign : 0;
      return bump * 2 + next() * 0.6 - 0.3;
    });
    return { input, label: index % 2 === 0 ? 'up' : 'down' };
  });
}

const convolution = [
  { filters: 6, width: 4 },
  { filters: 5, width: 3, dilation: 2 },
];

function classifier(options) {
  return new SequenceClassifier({
    labels: ['up', 'down'],
    encoder: Encoder.numeric(),
    hidden: [],
    convolution,
    seed: 2,
    ...options,
  });
}

test('convolutions alone tell shapes apart wherever they are, the same bits with any number of threads', async () => {
  const [samples, unseen] = [shapes(80, 1), shapes(60, 2)];
  const weights = [];
  for (const threads of [1, 2]) {
    const model = classifier();
    assert.equal(model.readout, 'mean+max');
    await model.fit(samples, { epochs: 30, rate: 0.01, threads });
    const { accuracy } = model.evaluate(unseen);
    assert.ok(accuracy > 0.95, `accuracy ${accuracy}`);
    weights.push(Array.from(model.network.weights));
  }
  assert.deepEqual(weights[0], weights[1]);
});

test('a stream of steps gives the answer of the sequence so far', async () => {
  const samples = shapes(20, 3);
  const model = classifier();
  await model.fit(samples, { epochs: 2 });
  const { network, encoder } = model;
  network.resetContext();
  let answer;
  for (const step of encoder.encode(samples[0].input)) answer = network.activate(step);
  const [expected] = network.activateSequence(encoder.encode(samples[0].input));
  answer.forEach((value, index) => assert.ok(Math.abs(value - expected[index]) < 1e-12));
});

for (const options of [
  {},
  { hidden: [4] },
  { bidirectional: true, readout: 'mean+max' },
  { hidden: [3], variant: 'gru', readout: 'attention', dropout: 0.1, initializer: 'keras' },
]) {
  test(`${JSON.stringify(options)}: stored and around its network it is the same`, async () => {
    const samples = shapes(20, 4);
    const model = classifier(options);
    await model.fit(samples, { epochs: 2 });
    const stored = JSON.parse(JSON.stringify(model));
    assert.deepEqual(stored.convolution, [{ ...convolution[0], dilation: 1 }, convolution[1]]);
    const again = SequenceClassifier.fromJSON(stored);
    assert.deepEqual(again.convolution, model.convolution);
    assert.equal(again.readout, model.readout);
    assert.deepEqual(again.classify(samples[0].input), model.classify(samples[0].input));
    assert.deepEqual(JSON.parse(JSON.stringify(again)), stored);
    await again.fit(samples, { epochs: 1 });
    const around = SequenceClassifier.fromNetwork(Network.fromJSON(stored.network), {
      labels: ['up', 'down'],
      encoder: model.encoder,
    });
    const { hidden, bidirectional, variant, readout } = model;
    assert.deepEqual(
      [around.hidden, around.convolution, around.bidirectional, around.variant, around.readout],
      [hidden, model.convolution, bidirectional, variant, readout],
    );
    assert.deepEqual(around.classify(samples[1].input), model.classify(samples[1].input));
  });
}

test('what is below convolutions may grow, and streams go on to the bit', async () => {
  const texts = ['abcab', 'bca', 'ccab', 'abb', 'bbbcaac', 'acb'];
  const encoders = {
    symbols: [Encoder.symbols(), (text) => [...text]],
    words: [Encoder.tokens({ split: 'characters', embedding: 3 }), (text) => text],
    numbers: [Encoder.numeric(), (text) => Array.from(text, (letter) => letter.charCodeAt(0) - 97)],
  };
  const two = [
    { filters: 4, width: 3 },
    { filters: 6, width: 2, dilation: 2 },
  ];
  for (const [name, [encoder, inputOf]] of Object.entries(encoders)) {
    for (const options of [
      { hidden: [], convolution: [{ filters: 5, width: 4 }] },
      { hidden: [4], convolution: two },
    ]) {
      for (const bidirectional of [false, true]) {
        const given = `${name} ${JSON.stringify(options)} ${bidirectional}`;
        const model = new SequenceClassifier({ labels: ['x', 'y'], encoder, ...options, bidirectional, seed: 3 });
        const inputs = texts.map(inputOf);
        const samples = inputs.map((input, index) => ({ input, label: index % 2 ? 'x' : 'y' }));
        await model.fit(samples, { epochs: 3, threads: 1 });
        const before = model.classifyAll(inputs);
        model.extend({ labels: ['z'], samples: [{ input: inputOf('aq'), label: 'z' }] });
        model.classifyAll(inputs).forEach(({ probabilities: { x, y, z } }, index) => {
          const old = before[index].probabilities;
          assert.ok(Math.abs(x / y / (old.x / old.y) - 1) < 1e-12 && z > 0, given);
        });
        if (bidirectional) continue;
        const stream = model.stream();
        for (const input of inputs) {
          stream.reset();
          let last;
          for (const step of input) last = stream.push(step);
          assert.deepEqual(last, model.classify(input), given);
        }
        stream.free();
      }
    }
  }
});

test('frozen convolutions keep their weights, both ways', async () => {
  const samples = shapes(20, 5);
  const model = classifier({ bidirectional: true });
  await model.fit(samples, { epochs: 1 });
  const of = () => {
    const { layout, weights } = model.network;
    return layout.blocks.map(({ to, offset, length }) => [to, Array.from(weights.subarray(offset, offset + length))]);
  };
  const before = of();
  await model.fit(samples, { epochs: 2, freeze: ['convolution 0'] });
  const changed = of().flatMap(([, weights], index) =>
    weights.some((weight, at) => weight !== before[index][1][at]) ? [index] : [],
  );
  // The first two blocks are the first convolution's; read-outs are fixed.
  assert.equal(before[0][0], 'convolution');
  assert.equal(before[1][0], 'reversed convolution');
  assert.deepEqual(changed.slice(0, 2), [2, 3]);
  await assert.rejects(model.fit(samples, { freeze: ['convolution 2'] }), /'convolution 0', 'convolution 1'/);
});

test('regressors, taggers and predictors have convolutions, too', async () => {
  const samples = shapes(16, 6).map(({ input }) => ({ input, output: Math.max(...input) }));
  const regressor = new SequenceRegressor({ hidden: [], convolution, seed: 1 });
  await regressor.fit(samples, { epochs: 40, rate: 0.01 });
  assert.equal(regressor.readout, 'mean+max');
  assert.ok(Math.abs(regressor.predict(samples[0].input) - samples[0].output) < 0.5);
  const tagger = new SequenceTagger({
    labels: ['a', 'b'],
    encoder: Encoder.oneHot('ab'),
    hidden: [],
    convolution,
    seed: 1,
  });
  // Each step's label is the symbol two steps before.
  const texts = ['abbabaab', 'aabbabba', 'bbaababa', 'babbbaaa'];
  const tagged = texts.map((input) => ({
    input,
    labels: Array.from(input, (_, at) => (at < 2 ? null : input[at - 2])),
  }));
  await tagger.fit(tagged, { epochs: 150, rate: 0.02 });
  assert.deepEqual(
    tagger
      .tag('abbab')
      .slice(2)
      .map(({ label }) => label),
    ['a', 'b', 'b'],
  );
  const wave = Array.from({ length: 120 }, (_, step) => Math.sin(step / 3));
  const predictor = new SequencePredictor({ hidden: [], convolution, seed: 1 });
  await predictor.fit([wave], { epochs: 150, rate: 0.01 });
  const [next] = predictor.predict(wave);
  assert.ok(Math.abs(next - Math.sin(40)) < 0.2, `${next}`);
  const copy = SequencePredictor.fromJSON(JSON.parse(JSON.stringify(predictor)));
  assert.deepEqual(copy.predict(wave), [next]);
});

test('He draws the first weights of a convolution', () => {
  const network = new Architect.LSTM(3, 2, {
    variant: 'standard',
    convolution: [{ filters: 200, width: 5 }],
    readout: 'mean',
    seed: 1,
  });
  const weights = network.weights.subarray(0, 200 * 15);
  const limit = Math.sqrt(6 / 15);
  assert.ok(weights.every((weight) => Math.abs(weight) <= limit));
  const variance = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
  assert.ok(Math.abs(variance / (2 / 15) - 1) < 0.1, `variance ${variance}`);
  assert.ok(network.biases.every((bias) => bias === 0 || Math.abs(bias) <= 0.1));
});

test('what makes no convolution is refused', () => {
  const refused = (given, message) => assert.throws(() => classifier({ convolution: given }), message);
  refused('x', /options.convolution/);
  refused([3], /options.convolution\[0\]/);
  refused([{ width: 3 }], /options.convolution\[0\].filters/);
  refused([{ filters: 0, width: 3 }], /filters/);
  refused([{ filters: 2, width: 0 }], /width/);
  refused([{ filters: 2, width: 2.5 }], /width/);
  refused([{ filters: 2, width: 3, dilation: 600 }], /dilation/);
  refused([{ filters: 2, width: 3, dilatation: 6 }], /dilation/);
  refused(new Array(65).fill({ filters: 1, width: 1 }), /at most 64/);
  assert.throws(() => classifier({ convolution: [], hidden: [] }), /options.hidden/);
  assert.throws(() => classifier({ variant: 'synaptic', hidden: [3] }), /options.convolution/);
  assert.throws(() => new Architect.LSTM(1, 2), /at least 3/);
  assert.throws(() => new Architect.LSTM(1, 2, { variant: 'standard', convolution: [] }), /at least 3/);
  assert.throws(() => new Architect.LSTM(1, 2, 2, { convolution }), /options.convolution/);
  const big = [{ filters: 65_536, width: 1025 }];
  assert.throws(
    () => new Architect.LSTM(1, 2, { variant: 'standard', convolution: big }),
    /connections, at most 4194304 are allowed/,
  );
});
