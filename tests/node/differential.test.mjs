// engram against npm synaptic: the same networks, the same 1,000 calls, the same numbers.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import engram from 'engram';
import synaptic from 'synaptic';

import { below, pick, randomFrom, SEED, vector } from '../support/random.mjs';

const STEPS = 1000;
const NETWORKS = { perceptrons: 40, lstms: 80, gated: 50, imported: 30 };
const TOLERANCE = 1e-9;

let compared = 0;
after(() => assert.ok(compared >= 200, `${compared} networks were compared`));

const close = (actual, expected, what) => {
  const distance = Math.abs(actual - expected);
  assert.ok(
    distance <= TOLERANCE * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} against synaptic's ${expected}`,
  );
};

/** Weights by their ends, biases by position: both libraries list neurons in the same order. */
function numbersOf(network) {
  const { neurons, connections } = network.toJSON();
  const weights = new Map(connections.map(({ from, to, weight }) => [`${from}>${to}`, weight]));
  return { biases: neurons.map(({ bias }) => bias), weights };
}

function assertSameNumbers(ours, theirs, what) {
  const [a, b] = [numbersOf(ours), numbersOf(theirs)];
  assert.equal(a.weights.size, b.weights.size, what);
  for (const [ends, weight] of b.weights) close(a.weights.get(ends), weight, `${what} weight ${ends}`);
  // An input neuron's bias is 0 once it was activated, before that in one library random.
  b.biases.forEach((bias, index) => {
    if (index >= ours.inputs()) close(a.biases[index], bias, `${what} bias ${index}`);
  });
}

function calls(network, random) {
  const rate = 0.05 + 0.1 * random();
  return Array.from({ length: STEPS }, () => ({
    input: vector(random, network.inputs(), -1, 1),
    target: vector(random, network.outputs()),
    rate,
    learn: random() < 0.7,
  }));
}

/**
 * Weights or states beyond this are a run that diverges, where rounding errors grow without bound
 * (and synaptic's tanh overflows).
 */
function diverged(network) {
  const { neurons, connections } = network.toJSON();
  return [...neurons.map(({ state }) => state), ...connections.map(({ weight }) => weight)].some(
    (value) => !(Math.abs(value) < 30),
  );
}

/**
 * Runs two pairs of equal networks: one call by call, one through a worker.
 * Gives false if the random network diverges.
 */
async function compare(what, make, random) {
  const [ours, theirs] = make();
  const sequence = calls(theirs, random);
  const outputs = [];
  for (const { input, target, rate, learn } of sequence) {
    const expected = theirs.activate(input);
    outputs.push([ours.activate(input), expected]);
    if (learn) {
      theirs.propagate(rate, target);
      ours.propagate(rate, target);
    }
  }
  if (diverged(theirs)) return false;
  outputs.forEach(([actual, expected], step) => {
    expected.forEach((value, index) => close(actual[index], value, `${what} step ${step} output ${index}`));
  });
  assertSameNumbers(ours, theirs, what);

  const [inWorker, inPage] = make();
  const { rate } = sequence[0];
  for (const { input, target } of sequence) {
    inPage.activate(input);
    inPage.propagate(rate, target);
  }
  if (diverged(inPage)) return false;
  const set = sequence.map(({ input, target }) => ({ input, output: target }));
  const { stopped } = await new engram.Trainer(inWorker).trainAsync(set, { rate, iterations: 1, error: 0 });
  assert.equal(stopped, 'iterations');
  assertSameNumbers(inWorker, inPage, `${what} in a worker`);
  const { input } = sequence[0];
  const expected = inPage.activate(input);
  inWorker.activate(input).forEach((value, index) => close(value, expected[index], `${what} after the worker`));
  compared++;
  return true;
}

/** Compares `count` random networks; those that diverge are replaced, at most half as many. */
async function compareMany(t, name, count, make) {
  t.diagnostic(`seed ${SEED}`);
  let [done, replaced] = [0, 0];
  for (let seed = SEED * 1000; done < count; seed++) {
    const random = randomFrom(seed);
    const build = make(random, done);
    if (await compare(`${name} seed ${seed}`, build, random)) done++;
    else replaced++;
    assert.ok(replaced <= count / 2, `${replaced} networks diverged`);
  }
  t.diagnostic(`${done} compared, ${replaced} diverged and were replaced`);
}

/** A network of synaptic's and the same of ours, from its JSON. */
const imported = (theirs) => {
  const json = theirs.toJSON();
  return () => [engram.Network.fromJSON(json), synaptic.Network.fromJSON(json)];
};

test('perceptrons', async (t) => {
  await compareMany(t, 'perceptron', NETWORKS.perceptrons, (random) => {
    const sizes = Array.from({ length: 3 + below(random, 2) }, () => 1 + below(random, 5));
    return imported(new synaptic.Architect.Perceptron(...sizes));
  });
});

test('LSTMs with every option', async (t) => {
  const { ALL_TO_ALL, ONE_TO_ONE, ALL_TO_ELSE } = synaptic.Layer.connectionType;
  await compareMany(t, 'lstm', NETWORKS.lstms, (random, index) => {
    const sizes = Array.from({ length: 3 + below(random, 2) }, () => 1 + below(random, 4));
    const options = {
      peepholes: [ALL_TO_ALL, ONE_TO_ONE, ALL_TO_ELSE, undefined][index % 4],
      hiddenToHidden: (index & 4) !== 0,
      outputToHidden: (index & 8) !== 0,
      outputToGates: (index & 16) !== 0,
      inputToOutput: (index & 32) !== 0,
    };
    if (options.peepholes === undefined) delete options.peepholes;
    return imported(new synaptic.Architect.LSTM(...sizes, options));
  });
});

test("our LSTM has synaptic's topology", () => {
  const { ALL_TO_ALL, ONE_TO_ONE, ALL_TO_ELSE } = synaptic.Layer.connectionType;
  const edges = (network) =>
    network
      .toJSON()
      .connections.map(({ from, to, gater }) => `${from}>${to} by ${gater}`)
      .sort();
  for (let index = 0; index < 48; index++) {
    const options = {
      peepholes: [ALL_TO_ALL, ONE_TO_ONE, ALL_TO_ELSE][index % 3],
      hiddenToHidden: (index & 1) !== 0,
      outputToHidden: (index & 2) !== 0,
      outputToGates: (index & 4) !== 0,
      inputToOutput: (index & 8) !== 0,
    };
    const sizes = [2, 3, 2, 2];
    const [ours, theirs] = [engram, synaptic].map((library) => new library.Architect.LSTM(...sizes, options));
    assert.deepEqual(edges(ours), edges(theirs), JSON.stringify(options));
  }
});

/**
 * The same calls of the Neuron and Layer API on a library, with weights and biases of their own.
 * Neurons either project or gate: synaptic's code for those that do both adds to a variable that it
 * does not clear.
 */
function handMade({ Layer, Network, Neuron }, seed) {
  const random = randomFrom(seed);
  const layers = [2, 2 + below(random, 3), 1 + below(random, 3), 1 + below(random, 2)].map((size) => new Layer(size));
  const [input, ...others] = layers;
  const active = others.flatMap((layer) => layer.list);
  const connections = [];
  const project = (from, to) => connections.push(from.project(to, random() - 0.5));
  for (let index = 0; index + 1 < layers.length; index++) {
    for (const from of layers[index].list) {
      for (const to of layers[index + 1].list) project(from, to);
    }
  }
  for (let count = below(random, 10); count > 0; count--) {
    const [from, to] = [pick(random, active), pick(random, active)];
    // synaptic makes a second, parallel connection where one runs back; ours would reuse the first.
    if (from !== to && !from.connected(to) && !to.connected(from)) project(from, to);
  }
  const outputs = layers.at(-1).list;
  const free = connections.slice();
  for (let count = below(random, 6); count > 0 && free.length > 0; count--) {
    const gater = new Neuron();
    others[below(random, others.length - 1)].add(gater);
    active.push(gater);
    for (const from of [...input.list, ...outputs]) {
      if (random() < 0.6) from.project(gater, random() - 0.5);
    }
    input.list[0].project(gater, random() - 0.5);
    // A state that is kept whole grows without bound, so self-connections are gated, by one in (0, 1).
    const kept = pick(random, active);
    if (random() < 0.4 && !kept.selfconnected() && kept !== gater) gater.gate(kept.project(kept));
    for (let gated = 1 + below(random, 3); gated > 0 && free.length > 0; gated--) {
      gater.gate(free.splice(below(random, free.length), 1)[0]);
    }
  }
  for (const neuron of active) {
    const gates = Object.keys(neuron.connections.gated).length > 0;
    neuron.bias = random() - 0.5;
    neuron.squash = gates ? Neuron.squash.LOGISTIC : pick(random, [Neuron.squash.LOGISTIC, Neuron.squash.TANH]);
  }
  return new Network({ input, hidden: others.slice(0, -1), output: layers.at(-1) });
}

test('hand-made gated graphs', async (t) => {
  await compareMany(t, 'gated graph', NETWORKS.gated, (random) => {
    const seed = below(random, 2 ** 30);
    return () => [handMade(engram, seed), handMade(synaptic, seed)];
  });
});

/**
 * Where synaptic's plain and optimised code agree on traces (nobody gates its own input), and no
 * state is kept whole, to grow without bound.
 */
const isPlain = ({ connections }) => connections.every(({ from, to, gater }) => from !== to && gater !== to);

test('imported liquid networks', async (t) => {
  await compareMany(t, 'liquid', NETWORKS.imported, (random) => {
    let json;
    do {
      const liquid = new synaptic.Architect.Liquid(2, 4 + below(random, 4), 2, 2 + below(random, 10), below(random, 5));
      // Parallel connections and second gaters are what synaptic's own JSON loses, so both start
      // from what it kept.
      json = synaptic.Network.fromJSON(liquid.toJSON()).toJSON();
    } while (!isPlain(json));
    return () => {
      const theirs = synaptic.Network.fromJSON(json);
      // Liquid neurons project and gate, see handMade.
      theirs.setOptimize(false);
      return [engram.Network.fromJSON(json), theirs];
    };
  });
});

test('the slow path equals the fast one', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [fast, slow] = [handMade(engram, seed), handMade(engram, seed)];
    slow.setOptimize(false);
    for (const { input, target, rate } of calls(fast, randomFrom(seed)).slice(0, 100)) {
      const expected = slow.activate(input);
      fast.activate(input).forEach((value, index) => close(value, expected[index], `seed ${seed}`));
      fast.propagate(rate, target);
      slow.propagate(rate, target);
    }
    assertSameNumbers(fast, slow, `seed ${seed}`);
  }
});
