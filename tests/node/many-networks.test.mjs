// Many networks, as genetic algorithms make them: those that are not at work leave the engine's memory, and come back
// as they were. All in one turn of the event loop, in which no finaliser runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Architect, Layer, Network, Neuron, Trainer } from 'engram';

import { below, pick, randomFrom, SEED, vector } from '../support/random.mjs';

const MEGABYTE = 2 ** 20;
const model = new Architect.Perceptron(8, 20, 3, { seed: 1 }).toJSON();

/** Bytes of the engine's memory, which never shrinks. */
const engineBytes = () => new Architect.Perceptron(1, 1, 1).memory.buffer.byteLength;

/** Fills the places of the engine, so that what has one and no view of it moves out. */
function crowd() {
  for (let index = 0; index < 1200; index++) Network.fromJSON(model).activate([0, 1, 0, 1, 0, 1, 0, 1]);
}

const kinds = {
  perceptron: (seed) => new Architect.Perceptron(3, 5, 2, { seed }),
  lstm: (seed) => new Architect.LSTM(3, 4, 2, { seed }),
  standard: (seed) => new Architect.LSTM(3, 4, 2, { seed, variant: 'standard', output: 'softmax' }),
  liquid: (seed) => new Architect.Liquid(3, 12, 2, 40, 20, { seed }),
  'from JSON': (seed) => Network.fromJSON(new Architect.Liquid(3, 12, 2, 40, 20, { seed }).toJSON()),
  layers(seed) {
    const random = randomFrom(seed);
    const [input, hidden, output] = [new Layer(3), new Layer(4), new Layer(2)];
    const projection = input.project(hidden);
    hidden.project(output);
    hidden.project(hidden);
    hidden.gate(projection, Layer.gateType.INPUT);
    const network = new Network({ input, hidden: [hidden], output });
    for (const { neuron } of network.neurons()) {
      neuron.bias = random() - 0.5;
      for (const connection of Object.values(neuron.connections.projected)) connection.weight = random() - 0.5;
    }
    return network;
  },
};

for (const [name, make] of Object.entries(kinds)) {
  test(`a network that has left the engine in between goes on to the same bits: ${name}`, (t) => {
    t.diagnostic(`seed ${SEED}`);
    const random = randomFrom(SEED);
    const [staying, leaving] = [make(SEED), make(SEED)];
    // A view keeps a network where it is.
    staying.memory;
    for (let round = 0; round < 3; round++) {
      for (let step = below(random, 70); step >= 0; step--) {
        const [input, target] = [vector(random, 3), vector(random, 2)];
        assert.deepEqual(leaving.activate(input), staying.activate(input));
        // Between the two halves of a step, too.
        if (step === 1) crowd();
        leaving.propagate(0.3, target);
        staying.propagate(0.3, target);
      }
      crowd();
      const act = pick(random, ['activateSequence', 'clear', 'resetContext', 'edit', 'train', 'nothing']);
      for (const network of [leaving, staying]) {
        if (act === 'activateSequence') network.activateSequence([[0, 1, 0.5]]);
        else if (act === 'edit') network.layers.output.list[1].bias = 0.25;
        else if (act === 'train') new Trainer(network).train([{ input: [0, 1, 0], output: [1, 0] }], { iterations: 3 });
        else if (act !== 'nothing') network[act]();
      }
    }
    crowd();
    assert.deepEqual(leaving.toJSON(), staying.toJSON());
    crowd();
    assert.deepEqual(leaving.memory, staying.memory);
  });
}

test('handles of what has left the engine stay the same, and graphs of such are joined', () => {
  const layer = new Layer(3);
  const neuron = new Neuron();
  const connection = layer.list[0].project(neuron, 0.5);
  const { bias } = layer.list[1];
  crowd();
  assert.equal(connection.weight, 0.5);
  assert.equal(layer.list[1].bias, bias);
  assert.equal(Object.values(neuron.connections.inputs)[0], connection);
  crowd();
  layer.project(new Layer(2));
  layer.list[1].gate(connection);
  crowd();
  assert.equal(connection.gater, layer.list[1]);
  assert.equal(connection.from, layer.list[0]);
});

const input = Array.from(new Float64Array(8).fill(0.5));
const small = {
  'from JSON': () => Network.fromJSON(model).activate(input),
  cloned: () => Network.fromJSON(model).clone().activate(input),
  'by an architect': () => new Architect.Perceptron(8, 20, 3).activate(input),
  'of layers'() {
    const [first, last] = [new Layer(8), new Layer(20)];
    first.project(last);
    new Network({ input: first, output: last }).activate(input);
  },
  'with a weight edited'() {
    const network = Network.fromJSON(model);
    Object.values(network.layers.input.list[0].connections.projected)[0].weight = 0.5;
    network.activate(input);
  },
  'that learn, compiled'() {
    const network = Network.fromJSON(model);
    for (let step = 0; step < 60; step++) network.activate(input);
    network.propagate(0.1, [0, 1, 0]);
  },
};

test('thousands of networks in one turn take no more than some of them do', () => {
  for (const [how, make] of Object.entries(small)) {
    for (let index = 0; index < 3000; index++) make();
    assert.ok(engineBytes() < 100 * MEGABYTE, `${how}: ${engineBytes()} bytes`);
  }
});

test('so do large ones', () => {
  for (let index = 0; index < 150; index++) new Architect.LSTM(10, 30, 4).activate(vector(randomFrom(index), 10));
  assert.ok(engineBytes() < 700 * MEGABYTE, `${engineBytes()} bytes`);
});
