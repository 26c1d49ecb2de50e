// Model files of format 2: they hold what format 1 holds, in a fraction of the space, and hostile ones are refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, Layer, Network, Neuron, SequenceClassifier, Trainer } from 'engram';

const stored = (network) => JSON.parse(JSON.stringify(network.toJSON(2)));
const sequence = (inputs) => [0.5, -1, 0.25].map((value) => new Array(inputs).fill(value));

function mixed() {
  const [input, hidden, output] = [new Layer(2), new Layer(3), new Layer(2)];
  input.project(hidden);
  const own = hidden.project(hidden, Layer.connectionType.ALL_TO_ELSE);
  const out = hidden.project(output);
  hidden.gate(out, Layer.gateType.OUTPUT);
  output.gate(own.list.length === 6 ? input.project(output) : own, Layer.gateType.INPUT);
  hidden.selfconnected();
  hidden.list[1].project(hidden.list[1]);
  hidden.list[0].gate(Object.values(hidden.list[1].connections.inputs)[0]);
  hidden.list[2].squash = Neuron.squash.RELU;
  return new Network({ input, hidden: [hidden], output });
}

const networks = {
  perceptron: () => new Architect.Perceptron(2, 3, 1, { seed: 1 }),
  synaptic: () => new Architect.LSTM(2, 3, 4, 2, { seed: 1 }),
  everything: () =>
    new Architect.LSTM(2, 3, 2, { hiddenToHidden: true, outputToHidden: true, outputToGates: true, seed: 1 }),
  standard: () => new Architect.LSTM(2, 3, 2, { variant: 'standard', seed: 1 }),
  bidirectional: () => new Architect.LSTM(2, 3, 2, { variant: 'standard', bidirectional: true, embedding: 2, seed: 1 }),
  attention: () =>
    new Architect.LSTM(2, 3, 2, { variant: 'standard', bidirectional: true, readout: 'attention', seed: 1 }),
  mean: () => new Architect.LSTM(2, 3, 2, { variant: 'standard', readout: 'mean', embedding: 2, seed: 1 }),
  liquid: () => new Architect.Liquid(2, 6, 2, 12, 4, { seed: 1 }),
  hopfield: () => new Architect.Hopfield(3, { seed: 1 }),
  mixed,
};

for (const [name, make] of Object.entries(networks)) {
  test(`${name}: format 2 gives the network of format 1`, () => {
    const network = make();
    const inputs = network.inputs();
    const [compact, plain] = [Network.fromJSON(stored(network)), Network.fromJSON(JSON.parse(JSON.stringify(network)))];
    assert.deepEqual(compact.activateSequence(sequence(inputs)), network.activateSequence(sequence(inputs)));
    assert.deepEqual(compact.weights, network.weights);
    assert.deepEqual(stored(compact), stored(network), 'it is stored as it was');
    if (network.layers.hidden.length > 0 && !['bidirectional', 'attention', 'mean'].includes(name)) {
      // The rule that sees gates and traces, step by step.
      for (const step of sequence(inputs)) {
        const [a, b] = [compact, plain].map((copy) => {
          const output = copy.activate(step);
          copy.propagate(0.2, new Array(copy.outputs()).fill(0.3));
          return output;
        });
        a.forEach((value, index) => assert.ok(Math.abs(value - b[index]) < 1e-12, `${a} and ${b}`));
      }
    }
    assert.equal(Object.keys(plain.toJSON()).includes('connections'), true);
  });
}

test('context, names, fixed and reversed neurons are stored', () => {
  const network = new Architect.LSTM(1, 2, 1, { variant: 'standard', seed: 3 });
  network.activate([0.5]);
  const copy = Network.fromJSON(stored(network));
  assert.deepEqual(copy.activate([0.25]), network.activate([0.25]));
  assert.deepEqual(
    copy.layout.layers.map(({ name }) => name),
    network.layout.layers.map(({ name }) => name),
  );
  const json = stored(new Architect.LSTM(1, 2, 1, { variant: 'standard', bidirectional: true, seed: 3 }));
  assert.ok(json.neurons.some(({ reversed }) => reversed) && json.neurons.some(({ fixed }) => fixed));
  assert.ok(json.connections.some(({ fixed }) => fixed));
});

test('JSON.stringify and toJSON give format 1, as Synaptic does', () => {
  const network = new Architect.Perceptron(1, 2, 1);
  for (const json of [network.toJSON(), JSON.parse(JSON.stringify({ network })).network, network.toJSON('2')]) {
    assert.equal(json.engram, 1);
    assert.equal(json.neurons.length, 4);
    assert.equal(json.connections.length, 4);
  }
});

test('numbers may be lists', () => {
  const network = new Architect.Perceptron(2, 2, 1, { seed: 1 });
  const json = stored(network);
  const numbers = (text) => [...new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)];
  for (const run of json.neurons) run.biases = numbers(run.biases);
  for (const block of json.blocks) block.weights = numbers(block.weights);
  assert.deepEqual(Network.fromJSON(json).activate([1, 0]), network.activate([1, 0]));
});

test('a network in training is stored as it is at a moment', async () => {
  const network = new Architect.LSTM(1, 3, 1, { variant: 'standard', embedding: 2, seed: 1 });
  const set = [{ input: [[1], [0]], output: [1] }];
  const run = new Trainer(network).trainAsync(set, { iterations: 2000, error: 0 });
  assert.ok(
    Network.fromJSON(stored(network))
      .activateSequence([[1], [0]])
      .flat()
      .every(Number.isFinite),
  );
  await run;
  assert.deepEqual(
    Network.fromJSON(stored(network)).activateSequence([[1], [0]]),
    network.activateSequence([[1], [0]]),
  );
});

test('models are stored in format 2', async () => {
  const classifier = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.tokens(), hidden: [3], seed: 1 });
  await classifier.fit(
    [
      { input: 'x y', label: 'a' },
      { input: 'y z', label: 'b' },
    ],
    { epochs: 1 },
  );
  const json = JSON.parse(JSON.stringify(classifier));
  assert.equal(json.engram, 2);
  assert.equal(json.network.engram, 2);
  assert.deepEqual(SequenceClassifier.fromJSON(json).classify('x'), classifier.classify('x'));
});

test('hostile files are refused, with what is wrong, before memory is touched', () => {
  const json = stored(new Architect.LSTM(2, 3, 1, { variant: 'standard', embedding: 2, seed: 1 }));
  const gated = stored(new Architect.LSTM(2, 3, 1, { seed: 1 }));
  const place = gated.blocks.findIndex(({ gated: gates }) => gates !== undefined);
  const changed = (from, change) => () => {
    const copy = structuredClone(from);
    change(copy);
    Network.fromJSON(copy);
  };
  for (const [change, message, from = json] of [
    [
      (file) => {
        file.neurons[0].count = 2 ** 30;
      },
      /neurons\[0\]\.count is 1073741824/,
    ],
    [
      (file) => {
        file.neurons[0].count = 3;
      },
      /neurons\[0\]\.biases has 24 characters, 3 numbers make 32/,
    ],
    [
      (file) => {
        file.neurons[0].count = 2 ** 20;
      },
      /neurons, at most|biases has/,
    ],
    [
      (file) => {
        file.neurons[0].biases = '!'.repeat(24);
      },
      /neurons\[0\]\.biases/,
    ],
    [
      (file) => {
        file.neurons[0].biases = 7;
      },
      /neurons\[0\]\.biases/,
    ],
    [
      (file) => {
        file.neurons[0].biases = [1, NaN];
      },
      /neurons\[0\]\.biases\[1\]/,
    ],
    [
      (file) => {
        file.neurons[0].biases = Buffer.from(Float64Array.of(1, NaN).buffer).toString('base64');
      },
      /biases, number 1/,
    ],
    [
      (file) => {
        file.neurons[0].context = [0];
      },
      /neurons\[0\]\.context has 1 numbers, expected 6/,
    ],
    [
      (file) => {
        file.neurons[1].squash = 'SINE';
      },
      /neurons\[1\]\.squash/,
    ],
    [
      (file) => {
        file.neurons[1].layer = -1;
      },
      /neurons\[1\]\.layer/,
    ],
    [
      (file) => {
        file.neurons = 3;
      },
      /json\.neurons/,
    ],
    [
      (file) => {
        file.blocks = {};
      },
      /json\.blocks/,
    ],
    [
      (file) => {
        file.blocks[0] = null;
      },
      /blocks\[0\]/,
    ],
    [
      (file) => {
        file.blocks[0].from = [0, 1e9];
      },
      /blocks\[0\]\.from\[1\]/,
    ],
    [
      (file) => {
        file.blocks[0].from = [-1, 1];
      },
      /blocks\[0\]\.from\[0\]/,
    ],
    [
      (file) => {
        file.blocks[0].from = 1;
      },
      /blocks\[0\]\.from/,
    ],
    [
      (file) => {
        file.blocks[0].to = file.blocks[0].from;
      },
      /blocks\[0\]\.to/,
    ],
    [
      (file) => {
        file.blocks[0].weights = '';
      },
      /blocks\[0\]\.weights/,
    ],
    [
      (file) => {
        file.blocks[1] = file.blocks[0];
      },
      /blocks\[1\].*not joined before/,
    ],
    [
      (file) => {
        file.blocks[place].gated.first = 1e6;
      },
      /gated\.first/,
      gated,
    ],
    [
      (file) => {
        file.blocks[place].gated.by = 'all';
      },
      /gated\.by/,
      gated,
    ],
    [
      (file) => {
        file.blocks[place].gated = 5;
      },
      /gated/,
      gated,
    ],
    [
      (file) => {
        file.connections[0].from = 1e9;
      },
      /connections\[0\]\.from/,
    ],
    [
      (file) => {
        file.engram = 3;
      },
      /engram is 3/,
    ],
  ]) {
    assert.throws(changed(from, change), (error) => {
      assert.ok(['TypeError', 'RangeError'].includes(error.name), `${error.stack}`);
      assert.match(error.message, /^Network\.fromJSON: /);
      assert.match(error.message, message);
      return true;
    });
  }
});
