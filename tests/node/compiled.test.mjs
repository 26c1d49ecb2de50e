// Code compiled for a network against the interpreter: the same bits. A network takes its first 49
// steps on the page in the interpreter; a training run is compiled from the start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import engram from 'engram';

import { below, pick, randomFrom, SEED, vector } from '../support/random.mjs';

const { Architect, Layer, Network, Neuron, Trainer } = engram;
const STEPS = 40;
/** Squashes of single neurons: softmax is one of whole layers. */
const squashes = Object.values(Neuron.squash).filter((squash) => squash !== Neuron.squash.SOFTMAX);

/** A target that the outputs can reach. */
function targetFor(network, random) {
  const target = vector(random, network.outputs());
  const sum = target.reduce((total, value) => total + value);
  return network.layers.output.list.map(({ squash }, index) => {
    if (squash === Neuron.squash.HLIM) return Math.round(target[index]);
    return squash === Neuron.squash.SOFTMAX ? target[index] / sum : target[index];
  });
}

function assertSameBits(what, network, random) {
  const twin = network.clone();
  const set = Array.from({ length: STEPS }, () => ({
    input: vector(random, network.inputs(), -1, 1),
    output: targetFor(network, random),
  }));
  for (const { input, output } of set) {
    try {
      network.activate(input);
    } catch (error) {
      // It has diverged, and says so; its memory shows that below.
      assert.match(error.message, /output\[\d+\] is not a number/);
      break;
    }
    network.propagate(0.1, output);
  }
  const { stopped } = new Trainer(twin).train(set, { rate: 0.1, iterations: 1, error: 0 });
  const names = twin.layout.parts.flatMap(({ name, length }) => new Array(length).fill(name));
  const [interpreted, compiled] = [network.memory, twin.memory];
  assert.equal(compiled.length, interpreted.length, what);
  // A run that diverged has gone back to where it began.
  const finite = stopped !== 'diverged';
  assert.equal(finite, interpreted.every(Number.isFinite), what);
  compiled.forEach((value, index) => {
    // -0 and 0 are the same number.
    assert.ok(!finite || value === interpreted[index], `${what}: ${names[index]} ${index}`);
  });
  network.free();
  twin.free();
  return finite;
}

test('perceptrons of every size', (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = randomFrom(SEED);
  let compared = 0;
  for (let round = 0; round < 40; round++) {
    const sizes = Array.from({ length: 3 + below(random, 2) }, () => 1 + below(random, 40));
    const picked = pick(random, ['logistic', 'softmax', 'linear']);
    // A softmax of one is refused.
    const output = sizes.at(-1) === 1 && picked === 'softmax' ? 'linear' : picked;
    const seed = below(random, 1e6);
    const network = new Architect.Perceptron(...sizes, { output, seed });
    compared += Number(assertSameBits(`Perceptron(${sizes}) ${output}`, network, random));
  }
  assert.ok(compared >= 30, `${compared} perceptrons stayed finite`);
});

test('LSTMs with every option and size, loops over rows and vectors included', () => {
  const random = randomFrom(SEED + 1);
  const coin = () => random() < 0.5;
  let compared = 0;
  for (let round = 0; round < 60; round++) {
    const sizes = [1 + below(random, 20), 1 + below(random, 30), 1 + below(random, 12)];
    const options = coin()
      ? { variant: 'standard' }
      : {
          peepholes: pick(random, [null, Layer.connectionType.ALL_TO_ALL, Layer.connectionType.ONE_TO_ONE]),
          hiddenToHidden: coin() && sizes[1] < 8,
          outputToHidden: coin(),
          outputToGates: coin(),
          inputToOutput: coin(),
        };
    const what = `LSTM(${sizes}) ${JSON.stringify(options)}`;
    const network = new Architect.LSTM(...sizes, { ...options, seed: below(random, 1e6) });
    compared += Number(assertSameBits(what, network, random));
  }
  assert.ok(compared >= 50, `${compared} LSTMs stayed finite`);
});

test('reservoirs with random gates, and every squash', () => {
  const random = randomFrom(SEED + 2);
  let compared = 0;
  for (let round = 0; round < 60; round++) {
    const hidden = 3 + below(random, 20);
    const seed = below(random, 1e6);
    const network = new Architect.Liquid(2, hidden, 2, 2 * hidden, hidden, { seed });
    for (const { neuron, layer } of network.neurons()) {
      if (layer !== 'input') neuron.squash = pick(random, squashes);
    }
    const copy = Network.fromJSON(network.toJSON());
    compared += Number(assertSameBits(`Liquid(2, ${hidden}, 2) seed ${seed}`, copy, random));
  }
  assert.ok(compared >= 20, `${compared} reservoirs stayed finite`);
});

test('a network that is compiled on the page goes on with the same bits', () => {
  const random = randomFrom(SEED + 3);
  const network = new Architect.LSTM(3, 9, 2, { seed: 5 });
  const twin = network.clone();
  const set = Array.from({ length: 200 }, () => ({
    input: vector(random, 3, -1, 1),
    output: vector(random, 2),
  }));
  for (const { input, output } of set) {
    network.activate(input);
    network.propagate(0.1, output);
  }
  new Trainer(twin).train(set, { rate: 0.1, iterations: 1, error: 0 });
  assert.deepEqual([...network.memory], [...twin.memory]);
});
