// network.standalone(): a function whose text is enough, as programs store it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import engram from 'engram';
import synaptic from 'synaptic';

const { Architect, Layer, Network, Neuron } = engram;

function selfGated() {
  const [input, cells, gates, output] = [new Layer(2), new Layer(3), new Layer(3), new Layer(2)];
  input.project(cells);
  input.project(gates);
  const own = cells.project(cells);
  const leaving = cells.project(output);
  gates.gate(own, Layer.gateType.ONE_TO_ONE);
  gates.gate(leaving, Layer.gateType.OUTPUT);
  output.project(gates);
  cells.set({ squash: Neuron.squash.TANH });
  gates.set({ squash: Neuron.squash.HLIM });
  output.set({ squash: Neuron.squash.IDENTITY });
  return new Network({ input, hidden: [cells, gates], output });
}

function gatedByInput() {
  const [input, gater, output] = [new Layer(2), new Layer(2), new Layer(2)];
  const projection = input.project(output);
  gater.gate(projection, Layer.gateType.OUTPUT);
  output.set({ squash: Neuron.squash.RELU });
  input.set({ bias: 0 });
  return new Network({ input: gater, hidden: [input], output });
}

const networks = {
  perceptron: () => new Architect.Perceptron(2, 3, 1, { seed: 1 }),
  'deep perceptron': () => new Architect.Perceptron(2, 4, 3, 2, { seed: 2 }),
  LSTM: () => new Architect.LSTM(2, 3, 1, { seed: 3 }),
  'LSTM with every option': () =>
    new Architect.LSTM(2, 3, 2, 1, { hiddenToHidden: true, outputToHidden: true, outputToGates: true, seed: 4 }),
  'standard LSTM with softmax': () => new Architect.LSTM(2, 3, 2, { variant: 'standard', output: 'softmax', seed: 5 }),
  'perceptron with softmax': () => new Architect.Perceptron(2, 3, 3, { output: 'softmax', seed: 6 }),
  'linear perceptron': () => new Architect.Perceptron(2, 3, 3, { output: 'linear', seed: 7 }),
  liquid: () => new Architect.Liquid(2, 12, 2, 40, 15, { seed: 8 }),
  'gated self-connections': selfGated,
  'gates of the input': gatedByInput,
};

const inputAt = (step) => [Math.sin(3 * step), Math.cos(5 * step)];

for (const [name, make] of Object.entries(networks)) {
  for (const before of [0, 7]) {
    test(`the text of a standalone ${name} computes every step, ${before} steps in`, () => {
      const network = make();
      for (let step = 0; step < before; step++) {
        network.activate(inputAt(step));
        network.propagate(0.5, new Array(network.outputs()).fill(0.9));
      }
      const standalone = network.standalone();
      const text = standalone.toString();
      const copies = [
        standalone,
        new Function(`return ${text}`)(),
        runInNewContext(`'use strict'; (${text})`),
        new Function(`${text}; return standalone;`)(),
      ];
      for (let step = before; step < before + 40; step++) {
        const expected = network.activate(inputAt(step));
        for (const copy of copies) {
          const actual = copy(inputAt(step));
          assert.equal(actual.length, expected.length);
          actual.forEach((value, index) => {
            assert.ok(Math.abs(value - expected[index]) < 1e-12, `step ${step}: ${value} against ${expected[index]}`);
          });
        }
      }
    });
  }
}

test('the text is smaller than that of Synaptic', () => {
  for (const [kind, ...sizes] of [
    ['Perceptron', 4, 8, 3],
    ['LSTM', 2, 4, 2],
    ['Liquid', 2, 10, 2, 30, 10],
  ]) {
    const theirs = new synaptic.Architect[kind](...sizes);
    theirs.activate(new Array(sizes[0]).fill(1));
    const ours = Network.fromJSON(theirs.toJSON());
    const [a, b] = [ours, theirs].map((network) => network.standalone().toString().length);
    assert.ok(a < b, `${kind}: ${a} against ${b}`);
  }
});

test('a standalone perceptron has no memory, takes digits, and gives what Synaptic gives', () => {
  const theirs = new synaptic.Architect.Perceptron(2, 3, 1);
  const standalone = Network.fromJSON(theirs.toJSON()).standalone();
  assert.doesNotMatch(standalone.toString(), /memory/);
  for (const input of [
    [0, 1],
    ['1', '0'],
    [true, false],
  ]) {
    const [actual] = standalone(input);
    const [expected] = theirs.standalone()(input.map(Number));
    assert.ok(Math.abs(actual - expected) < 1e-12);
  }
});
