// Gated recurrent units: as a topology, and as the units of the sequence classes. That they equal PyTorch's is in
// tests/golden.rs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, Network, SequenceClassifier, SequencePredictor, Trainer } from 'engram';

import { pick, randomFrom, SEED } from '../support/random.mjs';

const logistic = (x) => 1 / (1 + Math.exp(-x));

/** A step by the formula, from the weights of the network's own file. */
function stepByHand({ neurons, connections, layers }, reset) {
  const numbers = layers.map((_, index) =>
    index === 0 ? 'input' : index + 1 === layers.length ? 'output' : index - 1,
  );
  const at = (name) => {
    const layer = numbers[layers.indexOf(name)];
    return neurons.flatMap((neuron, index) => (neuron.layer === layer ? [index] : []));
  };
  const weight = new Map(connections.map(({ from, to, weight }) => [`${from} ${to}`, weight]));
  const sum = (sources, values, target) =>
    sources.reduce((total, source, index) => total + (weight.get(`${source} ${target}`) ?? 0) * values[index], 0);
  const [x, r, z, m, n, h, y] = ['input', 'resetGate', 'updateGate', 'recurrent', 'candidate', 'hidden', 'output'].map(
    at,
  );
  return (input, hidden) => {
    const gate = (layer) =>
      layer.map((unit) => logistic(neurons[unit].bias + sum(x, input, unit) + sum(h, hidden, unit)));
    const [opened, kept] = [gate(r), gate(z)];
    const candidate = n.map((unit, index) => {
      const before = hidden.map((value, source) => value * opened[source]);
      const back =
        reset === 'after' ? opened[index] * (neurons[m[index]].bias + sum(h, hidden, m[index])) : sum(h, before, unit);
      return Math.tanh(neurons[unit].bias + sum(x, input, unit) + back);
    });
    const next = hidden.map((value, index) => kept[index] * value + (1 - kept[index]) * candidate[index]);
    return { hidden: next, output: y.map((unit) => neurons[unit].bias + sum(h, next, unit)) };
  };
}

for (const reset of ['after', 'before']) {
  test(`a GRU with its reset gate ${reset} the matrix computes what its formula says, step by step and at once`, () => {
    const network = new Architect.GRU(2, 3, 2, { reset, output: 'linear', seed: 5 });
    const step = stepByHand(network.toJSON(), reset);
    const sequence = Array.from({ length: 6 }, (_, index) => [Math.sin(index), Math.cos(index)]);
    const whole = network.activateSequence(sequence);
    let hidden = [0, 0, 0];
    sequence.forEach((input, index) => {
      const expected = step(input, hidden);
      hidden = expected.hidden;
      network.activate(input).forEach((value, output) => {
        assert.ok(Math.abs(value - expected.output[output]) < 1e-12);
        assert.ok(Math.abs(whole[index][output] - expected.output[output]) < 1e-12);
      });
    });
  });
}

test('a GRU learns from sequences and step by step, and comes back from its file', () => {
  const random = randomFrom(SEED);
  const set = Array.from({ length: 64 }, () => {
    const input = Array.from({ length: 6 }, () => [pick(random, [0, 1])]);
    return { input, output: input[0][0] === 1 ? [1, 0] : [0, 1] };
  });
  const network = new Architect.GRU(1, 8, 2, { output: 'softmax', seed: 1 });
  new Trainer(network).train(set, { iterations: 150, rate: 0.02, error: 0, seed: 1 });
  assert.equal(new Trainer(network).test(set).accuracy, 1);
  const again = Network.fromJSON(JSON.parse(JSON.stringify(network)));
  assert.deepEqual(again.activateSequence(set[0].input), network.activateSequence(set[0].input));

  // Step by step, by the online rule: to tell whether the last input was a 1.
  const online = new Architect.GRU(1, 4, 1, { seed: 2 });
  const pairs = set.flatMap(({ input }) => input.map((step) => ({ input: step, output: step })));
  const { error } = new Trainer(online).train(pairs, { iterations: 200, rate: 0.1, error: 0.01 });
  assert.ok(error < 0.02, `error ${error}`);
});

test('the sequence classes have GRU layers where they are asked for, both ways and with words', async () => {
  const samples = ['ab', 'abb', 'aab', 'ba', 'bba', 'baa'].map((input) => ({ input, label: input[0] }));
  for (const options of [
    {},
    { bidirectional: true },
    { encoder: Encoder.tokens({ embedding: 3, split: 'characters' }) },
  ]) {
    const classifier = new SequenceClassifier({
      labels: ['a', 'b'],
      encoder: Encoder.oneHot('ab'),
      hidden: [6],
      variant: 'gru',
      seed: 3,
      ...options,
    });
    await classifier.fit(samples, { epochs: 80, rate: 0.05 });
    assert.equal(classifier.evaluate(samples).accuracy, 1);
    assert.ok(classifier.network.layout.layers.some(({ name }) => name === 'resetGate'));
    const again = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
    assert.equal(again.variant, 'gru');
    assert.deepEqual(again.classify('abba'), classifier.classify('abba'));
  }
  const predictor = new SequencePredictor({ variant: 'gru', hidden: [8], seed: 1 });
  const wave = Array.from({ length: 60 }, (_, step) => Math.sin(step / 3));
  await predictor.fit([wave], { epochs: 150, rate: 0.02 });
  assert.ok(Math.abs(predictor.predict(wave)[0] - Math.sin(20)) < 0.2);
});

test('wrong options of a GRU are refused by name', () => {
  const refused = [
    [[1, 2], RangeError, /got 2 layers/],
    [[1, 0, 1], RangeError, /layer 1/],
    [[1, 2, 1, { reset: 'never' }], RangeError, /options.reset is "never"/],
    [[1, 2, 1, { embedding: -1 }], RangeError, /options.embedding/],
    [[1, 2, 1, { bidirectional: 1 }], TypeError, /options.bidirectional/],
  ];
  for (const [sizes, kind, message] of refused) {
    assert.throws(
      () => new Architect.GRU(...sizes),
      (error) => error instanceof kind && /^new Architect.GRU: /.test(error.message) && message.test(error.message),
    );
  }
  const options = { encoder: Encoder.bits(), labels: ['a', 'b'] };
  assert.throws(() => new SequenceClassifier({ ...options, variant: 'lstm' }), /one of 'standard', 'gru', 'synaptic'/);
});
