// The hard sigmoid, as TensorFlow.js and older Keras models have it: everywhere that a squash goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Network, Neuron, Trainer } from 'engram';

const { HARD_SIGMOID } = Neuron.squash;
const clipped = (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1);

/** A standard network whose gates and outputs are hard sigmoids. */
function hard(options = {}) {
  const network = new Architect.LSTM(2, 5, 1, { variant: 'standard', seed: 3, ...options });
  for (const { name, list } of [...network.layers.hidden, network.layers.output]) {
    if (/Gate$|^output$/.test(name)) for (const neuron of list) neuron.squash = HARD_SIGMOID;
  }
  return network;
}

const steps = Array.from({ length: 6 }, (_, step) => [Math.sin(2 * step), 3 * Math.cos(step)]);

test('it is a line between 0 and 1', () => {
  const neuron = new Neuron();
  neuron.squash = HARD_SIGMOID;
  for (const x of [-1e300, -2.6, -1, 0, 0.3, 2.4, 2.5, 1e300]) {
    assert.equal(HARD_SIGMOID(x), clipped(x));
    neuron.bias = x;
    assert.equal(neuron.activate(), clipped(x));
  }
  assert.deepEqual(
    [-3, 0, 3].map((x) => HARD_SIGMOID(x, true)),
    [0, 0.2, 0],
  );
});

test('files of both formats and the standalone function have it', () => {
  const network = hard();
  const expected = network.activateSequence(steps);
  for (const json of [network.toJSON(), network.toJSON(2)]) {
    const copy = Network.fromJSON(JSON.parse(JSON.stringify(json)));
    assert.equal(copy.layers.output.list[0].squash, HARD_SIGMOID);
    assert.deepEqual(copy.activateSequence(steps), expected);
  }
  network.clear();
  const standalone = network.standalone();
  steps.forEach((step, index) => {
    assert.ok(Math.abs(standalone(step)[0] - expected[index][0]) < 1e-12);
  });
});

test('both rules learn through it', () => {
  const set = ['01', '10', '11', '00'].map((bits) => ({
    input: [...bits].map((bit) => [Number(bit), 1]),
    output: [Number(bits[0] === '1')],
  }));
  const network = hard({ output: 'linear' });
  const { error } = new Trainer(network).train(set, {
    optimizer: 'adam',
    rate: 0.02,
    iterations: 300,
    error: 0.001,
    seed: 1,
  });
  assert.ok(error < 0.02, `error ${error}`);

  const perceptron = new Architect.Perceptron(2, 4, 1, { seed: 1 });
  perceptron.layers.output.set({ squash: HARD_SIGMOID });
  const or = [0, 1, 2, 3].map((bits) => ({ input: [bits & 1, bits >> 1], output: [Number(bits > 0)] }));
  const report = new Trainer(perceptron).train(or, { rate: 0.3, iterations: 3000, error: 0.005 });
  assert.ok(report.error < 0.05, `error ${report.error}`);
});

test('targets that it cannot reach are refused', () => {
  const network = hard();
  const set = [{ input: steps, output: [1.5] }];
  assert.throws(
    () => new Trainer(network).train(set),
    /output\[0\] is 1.5, expected a number from 0 to 1.*hard sigmoids/,
  );
});
