// Views of a network's memory that outlive the network: their place is nobody else's while they are held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Architect, configure, Network } from 'engram';

configure({ maxMemory: 2 ** 26 });

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const make = (seed = 1) => new Architect.LSTM(2, 5, 1, { seed });

const views = {
  memory: (network) => network.memory,
  weights: (network) => network.weights,
  biases: (network) => network.biases,
  'a part of the weights': (network) => network.weights.subarray(2, 9),
  'a part of a part': (network) => network.memory.subarray(3).subarray(-40, -2),
  'the memory of optimized'(network) {
    network.optimize();
    return network.optimized.memory;
  },
};

/** What ends a network, after which its memory could be given to others. */
const ends = {
  'is collected': () => {},
  'is freed': (network) => network.free(),
  'has another shape'(network) {
    network.layers.output.list[0].project(network.layers.output.list[0]);
    network.activate([1, 0]);
  },
};

/** Gives the garbage collector its turns, and the places that it frees to other networks. */
async function crowd() {
  for (let round = 0; round < 10; round++) {
    collect();
    // Finalisers run between turns.
    await new Promise((resolve) => setImmediate(resolve));
    for (let seed = 2; seed < 6; seed++) make(seed).weights.fill(7);
  }
}

for (const [end, act] of Object.entries(ends)) {
  test(`views of a network that ${end} keep its numbers, and what is written to them is nobody else's`, async () => {
    const held = Object.values(views).map((view) => {
      const network = make();
      const taken = view(network);
      act(network);
      return taken;
    });
    await crowd();
    const expected = Object.values(views).map((view) => Array.from(view(make())));
    assert.deepEqual(
      held.map((view) => Array.from(view)),
      expected,
    );
    const others = Array.from({ length: 10 }, () => make(3));
    for (const view of held) view.fill(1e300);
    for (const other of others) assert.deepEqual(other.weights, make(3).weights);
  });
}

test('a loop that views and frees does not use the memory up', () => {
  const model = new Architect.Perceptron(20, 60, 20, { seed: 1 }).toJSON();
  for (let index = 0; index < 3_000; index++) {
    const network = Network.fromJSON(model);
    network.weights[0] = index;
    network.free();
  }
});
