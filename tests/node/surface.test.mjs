// Synaptic's names are all there and behave.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import engram, { Architect, Layer, Network, Neuron, Trainer } from 'engram';
import synaptic from 'synaptic';

const SURFACE = {
  Neuron: 'project gate activate propagate connected selfconnected clear reset',
  Layer: 'activate propagate project gate selfconnected connected clear reset neurons add set',
  Network:
    'activate propagate project gate clear reset optimize restore setOptimize neurons inputs outputs set toJSON toDot standalone worker clone',
  Trainer: 'train trainAsync workerTrain test XOR DSR ERG timingTask',
};

test('every method of synaptic has its name here', () => {
  for (const [name, methods] of Object.entries(SURFACE)) {
    for (const method of methods.split(' ')) {
      assert.equal(typeof engram[name].prototype[method], 'function', `${name}.${method}`);
      assert.equal(typeof synaptic[name].prototype[method], 'function', `synaptic has ${name}.${method}`);
    }
  }
  assert.deepEqual(Object.keys(engram).sort(), Object.keys(synaptic).sort());
  for (const name of Object.keys(synaptic.Architect)) assert.equal(typeof Architect[name], 'function', name);
  for (const name of Object.keys(synaptic.Neuron.squash)) assert.equal(typeof Neuron.squash[name], 'function', name);
  assert.deepEqual(Object.keys(Trainer.cost), Object.keys(synaptic.Trainer.cost));
  assert.deepEqual(Layer.connectionType, synaptic.Layer.connectionType);
  assert.deepEqual(Layer.gateType, synaptic.Layer.gateType);
  assert.equal(typeof Network.fromJSON, 'function');
});

test('neurons and connections are counted as they are made', () => {
  const { neurons, connections } = Neuron.quantity();
  const [a, b] = [new Neuron(), new Neuron()];
  assert.equal(b.ID, a.ID + 1);
  a.project(b);
  new Layer(3).project(new Layer(2));
  assert.deepEqual(Neuron.quantity(), { neurons: neurons + 7, connections: connections + 7 });
  assert.equal(Neuron.uid() + 1, Neuron.uid());
});

test('squashes and costs give what synaptic gives', () => {
  for (const name of Object.keys(synaptic.Neuron.squash)) {
    for (const x of [-2, -0.1, 0, 0.3, 4]) {
      for (const derivate of [false, true]) {
        const [ours, theirs] = [Neuron, synaptic.Neuron].map((library) => library.squash[name](x, derivate));
        assert.ok(Math.abs(ours - theirs) < 1e-15, `${name}(${x}, ${derivate})`);
      }
    }
  }
  for (const name of Object.keys(Trainer.cost)) {
    const [ours, theirs] = [Trainer, synaptic.Trainer].map((library) =>
      library.cost[name]([1, 0, 0.2], [0.7, 0.4, 0.5]),
    );
    assert.ok(Math.abs(ours - theirs) < 1e-12, name);
  }
});

test('every entry gives the same API', async () => {
  const imported = await import('engram');
  const required = createRequire(import.meta.url)('engram');
  const { init, ...slim } = await import('engram/slim');
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
  assert.deepEqual(Object.keys(slim).sort(), Object.keys(imported).sort());
  await init();
  const model = new Architect.Perceptron(2, 2, 1, { seed: 1 }).toJSON();
  const outputs = Network.fromJSON(model).activate([0, 1]);
  for (const library of [required, slim]) {
    assert.deepEqual(Object.keys(library.default).sort(), Object.keys(engram).sort());
    const network = new library.Architect.Perceptron(2, 2, 1);
    assert.deepEqual(library.Network.fromJSON(model).activate([0, 1]), outputs);
    assert.equal(network.constructor.name, 'Perceptron');
    assert.equal(library.Trainer.name, 'Trainer');
  }
});

test('neurons learn alone, as in the README of synaptic', () => {
  const [a, b] = [new Neuron(), new Neuron()];
  a.project(b);
  for (let index = 0; index < 20_000; index++) {
    a.activate(1);
    b.activate();
    b.propagate(0.3, 0);
  }
  a.activate(1);
  assert.ok(b.activate() < 0.03);
});

test('layers project, gate and tell how they are connected', () => {
  const [a, b, c] = [new Layer(3), new Layer(3), new Layer(3)];
  const projection = a.project(b);
  assert.equal(projection.size, 9);
  assert.equal(projection.type, Layer.connectionType.ALL_TO_ALL);
  assert.equal(a.connected(b), Layer.connectionType.ALL_TO_ALL);
  assert.equal(a.project(b), undefined);
  assert.equal(b.connected(a), undefined);
  const self = b.project(b);
  assert.equal(self.type, Layer.connectionType.ONE_TO_ONE);
  assert.ok(b.selfconnected() && self.selfconnection);
  c.gate(projection, Layer.gateType.INPUT);
  assert.equal(projection.list[0].gater, c.list[0]);
  assert.equal(Object.keys(c.list[1].connections.gated).length, 3);
  assert.equal(a.list[0].connected(b.list[2]).type, 'projected');
  assert.equal(b.list[2].connected(a.list[0]).type, 'inputs');
  assert.equal(c.list[0].connected(b.list[0]).type, 'gated');
  assert.equal(a.list[0].connected(a.list[1]), false);
  a.set({ label: 'in', squash: Neuron.squash.TANH, bias: 0.5 });
  assert.equal(a.list[2].bias, 0.5);
  assert.equal(a.list[2].squash, Neuron.squash.TANH);
  assert.match(a.list[2].label, /^in_\d+$/);
});

test('what is changed through a handle reaches the network, and back', () => {
  const network = new Architect.Perceptron(1, 1, 1);
  network.activate([1]);
  const [hidden] = network.layers.hidden[0].list;
  const [connection] = Object.values(hidden.connections.inputs);
  hidden.bias = 0.25;
  connection.weight = 2;
  network.activate([1]);
  assert.ok(Math.abs(hidden.activation - 1 / (1 + Math.exp(-2.25))) < 1e-12);
  network.propagate(0.5, [1]);
  assert.notEqual(hidden.bias, 0.25);
  assert.equal(network.toJSON().connections[0].weight, connection.weight);
});

test('networks join: one projects into the other', () => {
  const [first, second] = [new Architect.Perceptron(2, 2, 2), new Architect.Perceptron(2, 3, 1)];
  first.activate([1, 1]);
  first.project(second);
  const joined = new Network({
    input: first.layers.input,
    hidden: [...first.layers.hidden, first.layers.output, second.layers.input, ...second.layers.hidden],
    output: second.layers.output,
  });
  const theirs = synaptic.Network.fromJSON(JSON.parse(JSON.stringify(joined)));
  for (const input of [
    [1, 0],
    [0, 1],
  ]) {
    assert.ok(Math.abs(joined.activate(input)[0] - theirs.activate(input)[0]) < 1e-12);
  }
  assert.notDeepEqual(joined.activate([1, 0]), joined.activate([0, 1]));
  assert.equal(second.layers.input.list[0].connected(first.layers.output.list[0]).type, 'inputs');
});

test('clear forgets traces, resetContext states too, reset weights too', () => {
  const network = new Architect.LSTM(1, 3, 1);
  const first = network.activate([1]);
  const second = network.activate([1]);
  assert.notDeepEqual(second, first);
  network.clear();
  assert.notDeepEqual(network.activate([1]), first);
  network.resetContext();
  assert.deepEqual(network.activate([1]), first);
  const { connections } = network.toJSON();
  network.reset();
  const changed = network.toJSON().connections;
  assert.equal(changed.filter(({ from, to }) => from === to).length, 3);
  changed.forEach(({ from, to, weight }, index) => {
    // A memory cell keeps its state as it is.
    if (from === to) assert.equal(weight, 1);
    else assert.ok(weight !== connections[index].weight && Math.abs(weight) <= 0.1, `weight ${index} is ${weight}`);
  });
});

test('a network goes to JSON and back, in both libraries', () => {
  const network = new Architect.LSTM(2, 3, 2, { variant: 'standard', output: 'softmax', seed: 4 });
  network.activate([1, 0]);
  const copy = Network.fromJSON(JSON.parse(JSON.stringify(network)));
  assert.deepEqual(copy.toJSON(), network.toJSON());
  network.resetContext();
  copy.resetContext();
  const steps = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  assert.deepEqual(copy.activateSequence(steps), network.activateSequence(steps));
  assert.deepEqual(
    copy.layout.blocks.map(({ name }) => name),
    network.layout.blocks.map(({ name }) => name),
  );

  const plain = new Architect.LSTM(2, 3, 1);
  plain.activate([0, 1]);
  const theirs = synaptic.Network.fromJSON(JSON.parse(JSON.stringify(plain)));
  const input = [0.3, -0.4];
  assert.ok(Math.abs(theirs.activate(input)[0] - plain.activate(input)[0]) < 1e-12);
});

test('a clone and a standalone function give the same outputs', () => {
  const network = new Architect.LSTM(2, 4, 3, { output: 'softmax' });
  network.activate([1, 0]);
  const clone = network.clone();
  const standalone = network.standalone();
  for (const input of [
    [0, 1],
    [1, 1],
    [0.5, 0],
  ]) {
    const expected = network.activate(input);
    clone.activate(input).forEach((value, index) => assert.ok(Math.abs(value - expected[index]) < 1e-12));
    standalone(input).forEach((value, index) => assert.ok(Math.abs(value - expected[index]) < 1e-9));
  }
});

test('toDot draws what synaptic draws', () => {
  for (const sizes of [
    [2, 4, 3],
    [1, 2, 3, 1],
  ]) {
    const [ours, theirs] = [engram, synaptic].map(({ Architect }) => new Architect.LSTM(...sizes));
    for (const edgeConnection of [false, true]) {
      assert.equal(ours.toDot(edgeConnection).code, theirs.toDot(edgeConnection).code);
    }
  }
});

test('optimized offers memory, activate, propagate and ownership', () => {
  const network = new Architect.Perceptron(2, 2, 1);
  assert.equal(network.optimized, null);
  network.optimize();
  const { memory } = network.optimized;
  const before = network.optimized.activate([1, 0]);
  const copy = new Float64Array(memory);
  network.optimized.propagate(0.5, [1]);
  assert.notDeepEqual(network.activate([1, 0]), before);
  network.optimized.ownership(copy);
  assert.deepEqual(network.activate([1, 0]), before);
  network.setOptimize(false);
  assert.equal(network.optimized, false);
  assert.deepEqual(network.activate([1, 0]), before);
});

test('the layout names every number of the memory', () => {
  const network = new Architect.LSTM(2, 5, 3, 2, { variant: 'standard' });
  const { layout, memory, weights, biases } = network;
  assert.equal(memory.length, layout.length);
  let end = 0;
  for (const { offset, length } of layout.parts) {
    assert.equal(offset, end);
    end += length;
  }
  assert.equal(end, memory.length);
  assert.equal(
    layout.blocks.reduce((sum, { length }) => sum + length, 0),
    weights.length,
  );
  assert.equal(
    biases.length,
    layout.layers.reduce((sum, { size }) => sum + size, 0),
  );
  const block = layout.blocks.find(({ name }) => name === 'input -> forgetGate');
  assert.deepEqual([block.kind, block.rows, block.columns], ['dense', 5, 2]);
  const [target] = network.layers.hidden[1].list;
  const [source] = network.layers.input.list;
  assert.equal(memory[block.offset], source.connected(target).connection.weight);
});

test('one seed gives one network', () => {
  for (const make of [
    (options) => new Architect.Perceptron(2, 3, 1, options),
    (options) => new Architect.LSTM(2, 3, 1, options),
    (options) => new Architect.Liquid(2, 9, 1, 12, 5, options),
    (options) => new Architect.Hopfield(3, options),
  ]) {
    assert.deepEqual(make({ seed: 9 }).toJSON(), make({ seed: 9 }).toJSON());
    assert.notDeepEqual(make({ seed: 9 }).toJSON(), make({ seed: 10 }).toJSON());
    for (const { weight, from, to } of make({}).toJSON().connections) {
      assert.ok(from === to || Math.abs(weight) <= 0.1);
    }
  }
});

test('a Hopfield network recalls a pattern', () => {
  const hopfield = new Architect.Hopfield(10, { seed: 1 });
  const patterns = [
    [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
    [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  ];
  const { error, stopped } = hopfield.learn(patterns);
  assert.equal(stopped, 'error');
  assert.ok(error <= 0.00005, `error ${error}`);
  assert.deepEqual(hopfield.feed([0, 1, 0, 1, 0, 1, 0, 1, 1, 1]), patterns[0]);
  assert.deepEqual(hopfield.feed([1, 1, 1, 0, 1, 0, 0, 0, 0, 0]), patterns[1]);
});

test('what is written to a view counts, whichever code computes and whoever has computed before', () => {
  const make = () => new Architect.Perceptron(2, 3, 1, { seed: 1 });
  const zero = (network) => {
    network.weights.fill(0);
    network.biases.fill(0);
  };
  for (const [name, before] of Object.entries({
    'as it is made': () => {},
    optimized: (network) => network.activate([0, 1]),
    plain: (network) => network.setOptimize(false),
    'layers by themselves': ({ layers: { input, hidden, output } }) => {
      input.activate([0, 1]);
      for (const layer of [...hidden, output]) layer.activate();
    },
    'another network of its layers': (network) => {
      network.activate([0, 1]);
      new Network(network.layers).activate([0, 1]);
    },
  })) {
    const network = make();
    before(network);
    zero(network);
    assert.deepEqual(network.activate([0, 1]), [0.5], name);
    assert.ok(network.weights.every((weight) => weight === 0));
    assert.deepEqual(network.clone().activate([0, 1]), [0.5], name);
    const other = new Network(network.layers);
    assert.deepEqual(other.activate([0, 1]), [0.5], name);
  }
});

test('other layers that are assigned are the network from then on', async () => {
  const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
  network.activate([0, 1]);
  const other = new Architect.Perceptron(3, 2, 2, { seed: 2 });
  network.layers = other.layers;
  assert.deepEqual([network.inputs(), network.outputs()], [3, 2]);
  assert.deepEqual(network.activate([1, 1, 1]), other.activate([1, 1, 1]));
  new Trainer(network).train([{ input: [1, 1, 1], output: [1, 0] }], { iterations: 3 });
  const run = new Trainer(network).trainAsync([{ input: [1, 1, 1], output: [1, 0] }], { iterations: 1e6, error: -1 });
  const { layers } = network;
  network.layers = null;
  assert.throws(() => network.activate([1, 1, 1]), { name: 'TypeError', message: /is being trained/ });
  network.layers = layers;
  assert.equal(network.activate([1, 1, 1]).length, 2);
  run.abort();
  await run;
  network.layers = null;
  assert.throws(() => network.activate([1, 1, 1]), {
    name: 'TypeError',
    message: /^Network\.set: layers\.input is undefined/,
  });
});
