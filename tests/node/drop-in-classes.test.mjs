// The ways in which programs of any age derive classes from Synaptic's: all of them run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inherits } from 'node:util';
import engram from 'engram';
import synaptic from 'synaptic';

/** The classes of a user's own, each made in another way, from the classes of a library. */
function derivations({ Network, Layer }) {
  const parts = (sizes) => {
    const layers = sizes.map((size) => new Layer(size));
    layers.slice(1).forEach((layer, index) => {
      layers[index].project(layer);
    });
    return { input: layers[0], hidden: layers.slice(1, -1), output: layers.at(-1) };
  };
  function ByInstance(...sizes) {
    this.set(parts(sizes));
  }
  ByInstance.prototype = new Network();
  ByInstance.prototype.constructor = ByInstance;

  function ByInherits(...sizes) {
    Network.call(this);
    this.set(parts(sizes));
  }
  inherits(ByInherits, Network);

  function ByCreate(...sizes) {
    Network.call(this, parts(sizes));
  }
  ByCreate.prototype = Object.create(Network.prototype, { constructor: { value: ByCreate } });

  function ByApply(...sizes) {
    Network.apply(this, [parts(sizes)]);
  }
  ByApply.prototype = Object.create(Network.prototype);
  ByApply.prototype.constructor = ByApply;

  class ByClass extends Network {
    constructor(...sizes) {
      super(parts(sizes));
    }
  }
  class BySet extends Network {
    constructor(...sizes) {
      super();
      this.set(parts(sizes));
    }
  }
  // What compilers make of `class extends` for old browsers.
  function Compiled(...sizes) {
    const self = Network.call(this, parts(sizes)) || this;
    self.made = true;
    return self;
  }
  Object.setPrototypeOf(Compiled, Network);
  Compiled.prototype = Object.create(Network.prototype, { constructor: { value: Compiled } });
  return { ByInstance, ByInherits, ByCreate, ByApply, ByClass, BySet, Compiled };
}

/** Fixed numbers for a network's weights and biases, through its neurons. */
function fix(network) {
  network.neurons().forEach(({ neuron }, index) => {
    neuron.bias = Math.sin(index);
    Object.values(neuron.connections.projected).forEach((connection, number) => {
      connection.weight = Math.cos(3 * index + number);
    });
  });
  return network;
}

const close = (actual, expected) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - expected[index]) < 1e-9, `${value} against ${expected[index]}`);
  });
};

const [ours, theirs] = [derivations(engram), derivations(synaptic)];

for (const name of Object.keys(ours)) {
  test(`a class derived ${name} computes what Synaptic's does`, async () => {
    const [a, b] = [ours, theirs].map((classes) => fix(new classes[name](2, 3, 1)));
    const second = fix(new ours[name](2, 3, 1));
    assert.ok(a instanceof engram.Network);
    assert.ok(a instanceof ours[name]);
    assert.equal(a.constructor, ours[name]);
    for (let step = 0; step < 200; step++) {
      const input = [Math.sin(step), Math.cos(step)];
      close(a.activate(input), b.activate(input));
      a.propagate(0.3, [0.7]);
      b.propagate(0.3, [0.7]);
    }
    // One's learning is not another's, though both may have one prototype.
    close(second.activate([1, 0]), fix(new theirs[name](2, 3, 1)).activate([1, 0]));
    close(engram.Network.fromJSON(a.toJSON()).activate([1, 0]), b.activate([1, 0]));
    const { error } = new engram.Trainer(a).train([{ input: [0, 1], output: [1] }], { iterations: 10 });
    assert.ok(error < 1);
    const result = await new engram.Trainer(a).trainAsync([{ input: [0, 1], output: [1] }], {
      iterations: 5,
      error: 0,
    });
    assert.equal(result.iterations, 5);
    a.clear();
    a.reset();
    a.free();
    assert.throws(() => a.activate([1, 0]), /freed/);
    assert.equal(second.activate([1, 0]).length, 1);
  });
}

test('a network without layers says what is missing', () => {
  const { Network } = engram;
  for (const empty of [new Network(), Object.create(Network.prototype), Object.create(new Network())]) {
    assert.throws(() => empty.activate([1]), /^TypeError: Network\.\w+: the network has (no layers|0 inputs)/);
  }
});

test('classes are called without new on objects that inherit from them only', () => {
  const { Network, Neuron, Layer, Architect } = engram;
  for (const [name, value] of Object.entries({ Network, Neuron, Layer, ...Architect })) {
    assert.equal(value.name, name);
    assert.equal(value.prototype.constructor, value);
    assert.throws(() => value(), { name: 'TypeError', message: `${name}: called without new` });
    assert.throws(() => value.call({}), { name: 'TypeError', message: `${name}: called without new` });
  }
  assert.equal(new Network().constructor, Network);
  assert.equal(new Architect.Perceptron(2, 3, 1).constructor, Architect.Perceptron);
});

test('static members are inherited by classes and found in the library', () => {
  const { Network, Layer, Neuron } = engram;
  class Mine extends Network {}
  assert.equal(Mine.fromJSON, Network.fromJSON);
  assert.ok(Mine.fromJSON(new engram.Architect.Perceptron(1, 2, 1).toJSON()) instanceof Network);
  assert.equal(Layer.connectionType.ALL_TO_ALL, 'ALL TO ALL');
  assert.equal(typeof Neuron.squash.TANH, 'function');
  assert.equal(typeof Neuron.uid(), 'number');
});

test('architects, layers and neurons are derived from too', () => {
  const { Neuron, Layer, Architect, Network } = engram;
  function Own(hidden) {
    Architect.LSTM.call(this, 1, hidden, 1);
  }
  inherits(Own, Architect.LSTM);
  class Named extends Architect.Perceptron {
    name = 'mine';
  }
  function Row(size) {
    Layer.call(this, size);
  }
  Row.prototype = Object.create(Layer.prototype);
  class WideRow extends Layer {
    width() {
      return this.size;
    }
  }
  function Cell() {
    Neuron.call(this);
  }
  inherits(Cell, Neuron);
  function Bare() {}
  Bare.prototype = new Neuron();
  class Unit extends Neuron {}

  assert.equal(new Own(3).activate([1]).length, 1);
  assert.ok(new Own(3) instanceof Network);
  const memory = new Architect.Hopfield(3);
  assert.equal(memory.trainer.network, memory);
  assert.equal(new Named(2, 3, 1).activate([1, 0]).length, 1);
  const [input, output] = [new Row(2), new WideRow(2)];
  assert.equal(output.width(), 2);
  assert.equal(input.project(output).size, 4);
  assert.equal(new Network({ input, output }).activate([1, 0]).length, 2);
  for (const Kind of [Cell, Bare, Unit]) {
    const [a, b] = [new Kind(), new Kind()];
    const connection = a.project(b, 0.5);
    assert.notEqual(a.ID, b.ID);
    b.bias = 0;
    a.activate(1);
    assert.equal(connection.from, a);
    assert.equal(connection.to, b);
    assert.ok(Math.abs(b.activate() - 1 / (1 + Math.exp(-0.5))) < 1e-12);
  }
});
