// What Synaptic lets programs do to neurons, connections and layers: it acts here too, or says what to do instead.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import engram from 'engram';
import synaptic from 'synaptic';

const { Architect, Layer, Network, Neuron } = engram;

/** As programs without 'use strict' run it. */
const sloppy = (body, ...names) => new Function(...names, body);

test('what is computed cannot be set, and says so in sloppy code too', () => {
  const network = new Architect.LSTM(1, 2, 1, { seed: 1 });
  network.activate([1]);
  const before = JSON.stringify(network);
  const { neuron } = network.neurons()[0];
  const connection = Object.values(neuron.connections.projected)[0];
  for (const [body, value, message] of [
    ['x.gain = 2', connection, /^Connection\.gain: .*change the weight/],
    ['x.gater = null', connection, /^Connection\.gater: set by neuron\.gate/],
    ['x.error.projected = 2', neuron, /^Neuron\.error: .*pass a target to propagate/],
    ['x.error.responsibility += 1', neuron, /^Neuron\.error/],
    ['x.error = {}', neuron, /^Neuron\.error/],
    [
      'delete x.connections.projected[Object.keys(x.connections.projected)[0]]',
      neuron,
      /^Neuron\.connections: .*fromJSON/,
    ],
    ['delete x.connections.inputs', neuron, /^Neuron\.connections/],
    ['x.connections.gated[7] = 1', neuron, /^Neuron\.connections/],
    ['x.connections = {}', neuron, /^Neuron\.connections/],
  ]) {
    assert.throws(() => sloppy(body, 'x')(value), { name: 'TypeError', message }, body);
  }
  assert.equal(JSON.stringify(network), before);
  assert.deepEqual(Object.keys(neuron.error), ['responsibility', 'projected', 'gated']);
  assert.equal(JSON.stringify(neuron.error), '{"responsibility":0,"projected":0,"gated":0}');
  assert.deepEqual({ ...neuron.error }, { responsibility: 0, projected: 0, gated: 0 });
  assert.ok(Object.keys(neuron.connections.projected).length > 0);
});

test('a neuron that is not connected to itself has a self-connection of weight 0, as in Synaptic', () => {
  const seen = (library) => {
    const [neuron, gater] = [new library.Neuron(), new library.Neuron()];
    const { selfconnection: at } = neuron;
    const log = [at.weight, at.gain, at.gater, at.from === neuron, at.to === neuron, neuron.selfconnected()];
    log.push(neuron.connected(neuron));
    at.weight = 0;
    log.push(neuron.selfconnected(), neuron.selfconnection === at);
    at.weight = 1;
    log.push(neuron.selfconnected(), neuron.selfconnection.weight, at.weight);
    gater.gate(neuron.selfconnection);
    log.push(neuron.selfconnection.gater === gater, at.gater === gater);
    return log;
  };
  assert.deepEqual(seen(engram), seen(synaptic));
  const neuron = new Neuron();
  assert.throws(() => new Neuron().gate(neuron.selfconnection), { name: 'TypeError', message: /project\(neuron\)/ });
  for (const weight of [2, -1, 0.5, NaN, 'x']) {
    assert.throws(() => {
      neuron.selfconnection.weight = weight;
    }, /^\w+Error: Connection\.weight: weight is/);
  }
  assert.equal(neuron.selfconnected(), false);
  assert.equal(new Network(layersOf(1, 2)).toJSON().connections.length, 2);
});

function layersOf(...sizes) {
  const layers = sizes.map((size) => new Layer(size));
  layers.slice(1).forEach((layer, index) => {
    layers[index].project(layer);
  });
  return { input: layers[0], hidden: layers.slice(1, -1), output: layers.at(-1) };
}

test('older names of gates', () => {
  const { INPUT_GATE, OUTPUT_GATE, INPUT, OUTPUT } = Layer.gateType;
  assert.deepEqual([INPUT_GATE, OUTPUT_GATE], [INPUT, OUTPUT]);
  for (const type of [INPUT_GATE, OUTPUT_GATE]) {
    const [from, to, gater] = [new Layer(2), new Layer(2), new Layer(2)];
    const projection = from.project(to);
    gater.gate(projection, type);
    assert.equal(projection.gatedfrom[0].type, type);
    assert.ok(projection.list.every((connection) => connection.gater !== null));
  }
  assert.throws(() => new Layer(1).gate(new Layer(1).project(new Layer(1)), 'INPUT_GATE'), {
    name: 'RangeError',
    message: "Layer.gate: type is \"INPUT_GATE\", expected one of 'INPUT', 'OUTPUT', 'ONE TO ONE'",
  });
});

test('a layer that is listed twice is refused when the network is made', () => {
  const { input, hidden, output } = layersOf(1, 2, 1);
  for (const [list, at] of [
    [[...hidden, ...hidden], 1],
    [[input], 0],
    [[...hidden, output], 1],
  ]) {
    const message = `Network.set: layers.hidden[${at}] is listed twice, expected every layer once: each is activated once a step`;
    assert.throws(() => new Network({ input, hidden: list, output }), { name: 'TypeError', message });
  }
  assert.equal(new Network({ input, hidden, output }).activate([1]).length, 1);
});

test('squashing functions of others are refused, in code and in files', () => {
  const own = (x, derivate) => (derivate ? Math.cos(x) : Math.sin(x));
  const layer = new Layer(2);
  assert.throws(() => layer.set({ squash: own }), { name: 'TypeError', message: /^Layer\.set: .*Neuron\.squash/ });
  assert.throws(
    () => {
      layer.list[0].squash = own;
    },
    { name: 'TypeError', message: /^Neuron\.squash: squash is a function, expected one of Neuron\.squash: the engine/ },
  );
  assert.equal(layer.list[0].squash, Neuron.squash.LOGISTIC);
  const json = new Architect.Perceptron(1, 2, 1).toJSON();
  for (const squash of ['SINE', '', 'toString', 3]) {
    json.neurons[1].squash = squash;
    assert.throws(() => Network.fromJSON(json), {
      name: 'RangeError',
      message: /json\.neurons\[1\]\.squash is .*LOGISTIC/,
    });
  }
  json.neurons[1].squash = null; // what Synaptic writes for functions of others, and reads as the logistic
  assert.equal(Network.fromJSON(json).neurons()[1].neuron.squash, Neuron.squash.LOGISTIC);
  assert.equal(Neuron.squash.ReLU, Neuron.squash.RELU);
  assert.equal(new Layer(1).set({ squash: Neuron.squash.ReLU }).list[0].squash, Neuron.squash.RELU);
});
