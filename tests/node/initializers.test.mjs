// First weights: ranges, what is orthogonal, the same bits for a seed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier } from 'engram';

const INITIALIZERS = ['keras', 'pytorch', 'scaled'];

function made(initializer, options) {
  return new Architect.LSTM(30, 16, 5, { variant: 'standard', seed: 4, initializer, ...options });
}

/** Weights of every block, by name, and biases of every layer. */
function numbersOf(network) {
  const { blocks, layers } = network.layout;
  const weights = Object.fromEntries(
    blocks.map(({ name, offset, length }) => [name, Array.from(network.memory.subarray(offset, offset + length))]),
  );
  const biases = Object.fromEntries(
    layers.map(({ name, first, size }) => [name, Array.from(network.biases.subarray(first, first + size))]),
  );
  return { weights, biases };
}

const largest = (values) => Math.max(...values.map(Math.abs));
const deviation = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function uniform(values, limit, name) {
  assert.ok(largest(values) <= limit, `${name}: ${largest(values)} within ${limit}`);
  const expected = limit / Math.sqrt(3);
  assert.ok(Math.abs(deviation(values) / expected - 1) < 0.2, `${name}: ${deviation(values)} against ${expected}`);
}

const GATES = ['inputGate', 'forgetGate', 'candidate', 'outputGate'];

test('Keras: Glorot-uniform, orthogonal, biases 0 and 1', () => {
  const { weights, biases } = numbersOf(made('keras'));
  for (const gate of GATES) {
    uniform(weights[`input -> ${gate}`], Math.sqrt(6 / (30 + 4 * 16)), gate);
    assert.deepEqual(new Set(biases[gate]), new Set([gate === 'forgetGate' ? 1 : 0]));
  }
  // (cells, gates x cells): a row for every source, across the four gates.
  const rows = Array.from({ length: 16 }, (_, source) =>
    GATES.flatMap((gate) => Array.from({ length: 16 }, (_, cell) => weights[`hidden -> ${gate}`][cell * 16 + source])),
  );
  rows.forEach((row, index) => {
    rows.forEach((other, second) => {
      const product = row.reduce((sum, value, at) => sum + value * other[at], 0);
      assert.ok(Math.abs(product - Number(index === second)) < 1e-12);
    });
  });
  uniform(weights['hidden -> output'], Math.sqrt(6 / (16 + 5)), 'output');
  assert.deepEqual(new Set(biases.output), new Set([0]));
});

test("PyTorch: uniform in 1 / sqrt(cells), sums of two biases, the forget gate's 1 more", () => {
  const { weights, biases } = numbersOf(made('pytorch'));
  for (const gate of GATES) {
    uniform(weights[`input -> ${gate}`], 0.25, gate);
    uniform(weights[`hidden -> ${gate}`], 0.25, gate);
    const around = biases[gate].map((bias) => bias - Number(gate === 'forgetGate'));
    assert.ok(largest(around) <= 0.5);
  }
  const all = GATES.flatMap((gate) => biases[gate].map((bias) => bias - Number(gate === 'forgetGate')));
  assert.ok(Math.abs(deviation(all) / (0.25 * Math.sqrt(2 / 3)) - 1) < 0.25);
  uniform(weights['hidden -> output'], 0.25, 'output');
  assert.ok(largest(biases.output) <= 0.25);
});

test('both directions, embeddings and read-outs get first weights of the same kind', () => {
  const options = { bidirectional: true, embedding: 12, readout: 'attention' };
  const ranges = { keras: 0.05, pytorch: Math.sqrt(3), scaled: 1 };
  for (const initializer of INITIALIZERS) {
    const { weights, biases } = numbersOf(made(initializer, options));
    uniform(weights['input -> embedding'], ranges[initializer], initializer);
    const limit = initializer === 'keras' ? Math.sqrt(6 / 33) : 1 / Math.sqrt(32);
    assert.ok(largest([...weights['hidden -> score'], ...weights['reversed hidden -> score']]) <= limit);
    assert.deepEqual(biases.score, [0]);
    if (initializer === 'keras')
      uniform(weights['embedding -> reversed candidate'], Math.sqrt(6 / (12 + 64)), 'reversed');
  }
});

test('perceptrons: Synaptic by default, Keras, PyTorch and He on demand', () => {
  const limits = { synaptic: 0.1, keras: Math.sqrt(6 / (40 + 30)), pytorch: 1 / Math.sqrt(40), he: Math.sqrt(6 / 40) };
  for (const [initializer, limit] of Object.entries(limits)) {
    const network = new Architect.Perceptron(40, 30, 2, { seed: 1, initializer });
    const { weights, biases } = numbersOf(network);
    uniform(Object.values(weights)[0], limit, initializer);
    const zero = ['keras', 'he'].includes(initializer);
    assert.equal(largest(biases.hidden ?? biases['hidden 0'] ?? biases['hidden 1']) === 0, zero);
  }
  const usual = new Architect.Perceptron(3, 2, 1, { seed: 1 });
  const synaptic = new Architect.Perceptron(3, 2, 1, { seed: 1, initializer: 'synaptic' });
  assert.deepEqual(usual.weights.slice(), synaptic.weights.slice());
});

/** What `first_weights_are_the_same_on_every_platform` (architect/initializer.rs) finds natively, too. */
const FOLDED = { keras: 'f24e5f32b5d5406e', pytorch: '367a48487eeaf5e7', scaled: 'cf453c625a856477' };

test('a seed gives the same first weights on every platform', () => {
  for (const initializer of INITIALIZERS) {
    const { memory, layout } = made(initializer, { readout: 'attention' });
    const [weights, biases] = layout.parts;
    const words = new BigUint64Array(memory.slice(weights.offset, biases.offset + biases.length).buffer);
    const fold = words.reduce((sum, word) => BigInt.asUintN(64, (sum << 1n) | (sum >> 63n)) ^ word, 0n);
    assert.equal(fold.toString(16), FOLDED[initializer]);
  }
});

test('initializers that can not be are refused; models store theirs', () => {
  assert.throws(() => made('glorot'), { name: 'RangeError', message: /options.initializer.*'keras'/ });
  assert.throws(() => new Architect.LSTM(1, 2, 1, { initializer: 'keras' }), /options.initializer.*left out/);
  assert.throws(() => new Architect.Perceptron(1, 2, 1, { initializer: 'scaled' }), /options.initializer/);
  const options = { labels: ['a', 'b'], encoder: Encoder.numeric() };
  assert.throws(() => new SequenceClassifier({ ...options, initializer: 'he' }), /options.initializer/);
  assert.throws(
    () => new SequenceClassifier({ ...options, variant: 'synaptic', initializer: 'keras' }),
    /options.initializer/,
  );
  for (const initializer of INITIALIZERS) {
    const classifier = new SequenceClassifier({ ...options, initializer });
    assert.equal(SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier))).initializer, initializer);
  }
  const synaptic = new SequenceClassifier({ ...options, variant: 'synaptic' });
  assert.equal(SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(synaptic))).initializer, 'synaptic');
});
