// brain.js and neataptic, which run beside engram here.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Architect, Network } from 'engram';
import { fromBrain, fromNeataptic, toNeataptic } from 'engram/exchange';

import { SEED } from '../support/random.mjs';
import { assertClose, oneHot } from './support.mjs';

const require = createRequire(import.meta.url);
const brain = require('brain.js');
const neataptic = require('neataptic');
const plain = (value) => JSON.parse(JSON.stringify(value));

for (const activation of ['sigmoid', 'tanh', 'relu']) {
  test(`a feed-forward network of brain.js with ${activation} answers as there`, () => {
    const net = new brain.NeuralNetwork({ hiddenLayers: [4, 3], activation });
    net.train(
      [
        { input: [0, 1], output: [1, 0] },
        { input: [1, 1], output: [0, 1] },
      ],
      { iterations: 20 },
    );
    const network = fromBrain(plain(net.toJSON()));
    for (const input of [
      [0, 1],
      [0.3, -0.7],
      [1, 1],
    ])
      assertClose(network.activate(input), Array.from(net.run(input)), 1e-6);
  });
}

test('a network of named inputs and outputs has them in the order of the file', () => {
  const net = new brain.NeuralNetwork({ hiddenLayers: [3] });
  net.train(
    [
      { input: { a: 1, b: 0 }, output: { x: 1 } },
      { input: { a: 0, b: 1 }, output: { y: 1 } },
    ],
    { iterations: 20 },
  );
  const json = plain(net.toJSON());
  const { x, y } = net.run({ a: 0.5, b: 0.25 });
  assert.deepEqual(Object.keys(json.layers[0]), ['a', 'b']);
  assertClose(fromBrain(json).activate([0.5, 0.25]), [x, y], 1e-6);
});

for (const kind of ['LSTMTimeStep', 'GRUTimeStep', 'RNNTimeStep']) {
  test(`recurrent.${kind} answers as in brain.js`, () => {
    const net = new brain.recurrent[kind]({ inputSize: 2, hiddenLayers: [4, 3], outputSize: 2 });
    net.train(
      [
        [
          [0.1, 0.2],
          [0.3, 0.1],
          [0.5, 0.4],
          [0.2, 0.3],
        ],
      ],
      { iterations: 30 },
    );
    const network = fromBrain(plain(net.toJSON()));
    const steps = [
      [0.1, 0.2],
      [0.4, 0.3],
      [0.9, 0.5],
    ];
    assertClose(network.activateSequence(steps).at(-1), Array.from(net.run(steps)), 1e-6);
  });
}

for (const kind of ['LSTM', 'GRU', 'RNN']) {
  test(`recurrent.${kind} says what comes next in a text as in brain.js`, () => {
    const net = new brain.recurrent[kind]({ hiddenLayers: [6, 5] });
    net.train(['abcab', 'bcabc'], { iterations: 40, errorThresh: 0.001 });
    const json = plain(net.toJSON());
    const network = fromBrain(json);
    const text = [0, 1, 2, 3, 1, 2];
    text.forEach((symbol, step) => {
      while (net.model.equations.length <= step) net.bindEquation();
      const logits = Array.from(net.model.equations[step].runIndex(symbol).weights);
      const all = logits.map(Math.exp).reduce((sum, value) => sum + value);
      const expected = logits.map((logit) => Math.exp(logit) / all);
      assertClose(network.activate(oneHot(network.inputs(), symbol)), expected, 1e-6);
    });
  });
}

test('what brain.js has and engram has not is refused by name', () => {
  const net = new brain.NeuralNetwork({ hiddenLayers: [2], activation: 'leaky-relu' });
  net.train([{ input: [0, 1], output: [1] }], { iterations: 1 });
  assert.throws(() => fromBrain(plain(net.toJSON())), /^RangeError: fromBrain: json.activation is "leaky-relu"/);
  assert.throws(() => fromBrain({ type: 'Autoencoder' }), /^RangeError: fromBrain: json.type is "Autoencoder"/);
  const steps = new brain.recurrent.LSTMTimeStep({ inputSize: 1, hiddenLayers: [2], outputSize: 1 });
  steps.train([[0.1, 0.2]], { iterations: 1 });
  const json = plain(steps.toJSON());
  json.hiddenLayers[0].forgetMatrix.rows = 3;
  assert.throws(
    () => fromBrain(json),
    /^RangeError: fromBrain: json.hiddenLayers\[0\].forgetMatrix has shape \(3, 1\), expected \(2, 1\)/,
  );
});

const { architect, methods } = neataptic;
const graphs = {
  perceptron: () => new architect.Perceptron(2, 5, 3, 2),
  lstm: () => new architect.LSTM(2, 4, 3, 2),
  gru: () => new architect.GRU(2, 3, 2),
  evolved: () => {
    const network = new neataptic.Network(2, 2);
    const known = methods.mutation.MOD_ACTIVATION;
    known.allowed = ['LOGISTIC', 'TANH', 'RELU', 'IDENTITY', 'STEP'].map((name) => methods.activation[name]);
    const kinds = ['ADD_NODE', 'ADD_CONN', 'ADD_GATE', 'ADD_SELF_CONN', 'ADD_BACK_CONN', 'MOD_ACTIVATION', 'MOD_BIAS'];
    for (let round = 0; round < 60; round++) network.mutate(methods.mutation[kinds[round % kinds.length]]);
    return network;
  },
};
const wave = Array.from({ length: 8 }, (_, step) => [Math.sin(step + SEED), Math.cos(2 * step)]);

for (const [name, make] of Object.entries(graphs)) {
  test(`a ${name} of neataptic answers as there, and once more after the way back`, () => {
    const theirs = make();
    // engram's inputs do not fire; neataptic's mutations may have one gate.
    const isInput = (node) => node?.type === 'input';
    for (const connection of [...theirs.gates]) if (isInput(connection.gater)) theirs.ungate(connection);
    const json = plain(theirs.toJSON());
    const fresh = neataptic.Network.fromJSON(json);
    const ours = fromNeataptic(json);
    assert.ok(ours instanceof Network);
    const back = neataptic.Network.fromJSON(toNeataptic(ours));
    for (const input of wave) {
      const expected = fresh.activate(input);
      assertClose(ours.activate(input), expected, 1e-6);
      assertClose(back.activate(input), expected, 1e-6);
    }
  });
}

test("engram's networks answer alike in neataptic", () => {
  const networks = [
    new Architect.Perceptron(2, 4, 1, { seed: 1 }),
    new Architect.LSTM(2, 4, 3, 2, { seed: 2 }),
    new Architect.LSTM(2, 4, 2, { variant: 'standard', output: 'linear', seed: 3 }),
    new Architect.GRU(2, 4, 2, { seed: 4 }),
  ];
  for (const network of networks) {
    const theirs = neataptic.Network.fromJSON(plain(toNeataptic(network)));
    for (const input of wave) assertClose(theirs.activate(input), network.activate(input), 1e-6);
  }
});

test('what neataptic has and engram has not, and the other way round, is refused by name', () => {
  const json = plain(new architect.Perceptron(2, 2, 1).toJSON());
  const changed = (change) => {
    const copy = plain(json);
    change(copy);
    return () => fromNeataptic(copy);
  };
  assert.throws(
    changed((copy) => {
      copy.nodes[2].squash = 'SINUSOID';
    }),
    /^RangeError: fromNeataptic: json.nodes\[2\].squash is "SINUSOID"/,
  );
  assert.throws(
    changed((copy) => {
      copy.nodes[3].mask = 0.5;
    }),
    /json.nodes\[3\].mask is 0.5/,
  );
  assert.throws(
    changed((copy) => {
      copy.connections[0].gater = 0;
    }),
    /json.connections\[0\].gater is 0/,
  );
  assert.throws(
    changed((copy) => {
      copy.connections[0].to = 99;
    }),
    /json.connections\[0\].to is 99/,
  );
  assert.throws(
    changed((copy) => {
      copy.connections.push({ from: 2, to: 2, weight: 2, gater: null });
    }),
    /weight is 2, expected 1/,
  );
  assert.throws(
    changed((copy) => {
      copy.nodes[0].type = 'output';
    }),
    /json.nodes\[1\].type is "input"/,
  );
  assert.throws(() => fromNeataptic(null), /^TypeError: fromNeataptic: json is null/);
  assert.throws(() => toNeataptic(new Architect.LSTM(1, 2, 2, { output: 'softmax' })), /squashes with SOFTMAX/);
});
