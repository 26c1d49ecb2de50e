// Delays: connections that read steps before, step by step, in sequences, in files and in training.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Layer, Network, Trainer } from 'engram';
import { toC } from 'engram/exchange';

/** A repeatable stream of numbers in [-1, 1). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const series = (length, next = numbers(2)) => Array.from({ length }, () => [next(), next()]);

/** A time-delay network whose hidden layer also reads its own past and that of the outputs. */
function narx(seed = 3) {
  const next = numbers(seed);
  const [input, hidden, output] = [new Layer(2), new Layer(3), new Layer(2)];
  for (const delay of [0, 1, 4]) input.project(hidden, undefined, undefined, { delay });
  hidden.project(hidden, Layer.connectionType.ALL_TO_ALL, undefined, { delay: 2 });
  output.project(hidden, undefined, undefined, { delay: 1 });
  hidden.project(output);
  const gated = hidden.project(output, undefined, undefined, { delay: 3 });
  hidden.list[0].gate(gated.list[1]);
  input.list[0].project(output.list[1], 0.4, { delay: 5 });
  const network = new Network({ input, hidden: [hidden], output });
  for (const { neuron } of network.neurons().slice(2)) {
    neuron.bias = next();
    for (const connection of Object.values(neuron.connections.inputs)) connection.weight = next();
  }
  return network;
}

const close = (a, b, tolerance = 1e-12) =>
  a.flat().forEach((value, index) => {
    assert.ok(Math.abs(value - b.flat()[index]) <= tolerance, `${value} against ${b.flat()[index]}`);
  });

test('a delay reads the activation of as many steps before, and 0 before the sequence begins', () => {
  const [input, output] = [new Layer(1), new Layer(1)];
  const projection = input.project(output, undefined, 1, { delay: 3 });
  assert.equal(projection.delay, 3);
  assert.equal(projection.list[0].delay, 3);
  output.set({ bias: 0 });
  const network = new Network({ input, output });
  const logistic = (x) => 1 / (1 + Math.exp(-x));
  const inputs = [5, -2, 1, 4, 3];
  const expected = [0, 0, 0, 5, -2].map((x) => [logistic(x)]);
  const steps = inputs.map((value) => [value]);
  close(network.activateSequence(steps), expected);
  close(
    steps.map((step) => network.activate(step)),
    expected,
  );
});

test('steps, sequences, the plain rule, files and standalone functions agree', () => {
  const steps = series(12);
  const network = narx();
  const expected = network.activateSequence(steps);
  const streamed = narx();
  const plain = narx();
  plain.setOptimize(false);
  const alone = narx().standalone();
  steps.forEach((step, index) => {
    for (const answer of [streamed.activate(step), plain.activate(step), alone(step)]) close(answer, expected[index]);
  });
  streamed.resetContext();
  plain.resetContext();
  for (const each of [streamed, plain]) close(each.activate(steps[0]), expected[0]);
  // Half-way, a file goes on where the network is, and so does a function.
  for (const step of steps.slice(1, 6)) streamed.activate(step);
  const copies = [streamed.toJSON(), streamed.toJSON(2)].map((json) =>
    Network.fromJSON(JSON.parse(JSON.stringify(json))),
  );
  const standalone = streamed.standalone();
  steps.slice(6).forEach((step, index) => {
    for (const copy of copies) close(copy.activate(step), expected[index + 6]);
    close(standalone(step), expected[index + 6]);
  });
  for (const copy of copies) {
    assert.deepEqual(copy.activateSequence(steps), expected);
    assert.deepEqual(Object.keys(copy.toJSON(2)), Object.keys(network.toJSON(2)));
  }
  assert.deepEqual(Network.fromJSON(network.toJSON(2)).toJSON(2), network.toJSON(2));
});

test('layout and dot show delays', () => {
  const network = narx();
  const { blocks, parts } = network.layout;
  assert.deepEqual(
    blocks.filter(({ to }) => to === 'hidden 1').map(({ from, kind, delays }) => [from, kind, delays]),
    [
      ['input', 'dense', [0, 1, 4]],
      ['hidden 1', 'dense', [2]],
      ['output', 'dense', [1]],
    ],
  );
  // Seven units from the first input to the last output, five steps back.
  assert.equal(parts.at(-1).name, 'past');
  assert.equal(parts.at(-1).length, 7 * 5);
  const { code } = network.toDot();
  assert.match(code, /0 -> 1 \[label = "6, t - 4"\]/);
});

test('a network with delays learns sequences, the same with any number of threads, and refuses single steps', async () => {
  const next = numbers(9);
  const set = Array.from({ length: 40 }, (_, sample) => {
    const input = series(6 + (sample % 5), next);
    // What was read two and four steps before.
    const output = input.map((_, step) => [input[step - 2]?.[0] > 0 ? 1 : 0, input[step - 4]?.[1] > 0 ? 1 : 0]);
    return { input, output };
  });
  const runs = [];
  for (const threads of [1, 3]) {
    const network = narx();
    const result = await new Trainer(network).trainAsync(set, {
      iterations: 320,
      rate: 0.03,
      error: 0,
      threads,
      seed: 1,
    });
    runs.push({ error: result.error, weights: Array.from(network.weights) });
  }
  assert.deepEqual(runs[0], runs[1]);
  assert.ok(runs[0].error < 0.45, `error ${runs[0].error}`);
  const network = narx();
  network.activate([1, 2]);
  const refused = /delays learns? from whole sequences/;
  assert.throws(() => network.propagate(0.1, [1, 0]), refused);
  network.setOptimize(false);
  assert.throws(() => network.propagate(0.1, [1, 0]), refused);
  assert.throws(() => network.layers.output.propagate(0.1, [1, 0]), refused);
});

test('reversed layers look ahead by negative delays', () => {
  const make = () => {
    const network = new Architect.LSTM(1, 1, {
      variant: 'standard',
      convolution: [{ filters: 1, width: 2, dilation: 2 }],
      bidirectional: true,
      output: 'linear',
      seed: 1,
    });
    for (const { neuron } of network.neurons().slice(1)) {
      neuron.bias = 0;
      for (const connection of Object.values(neuron.connections.inputs))
        connection.weight = connection.delay === 0 ? 0 : 1;
    }
    for (const connection of Object.values(network.layers.output.list[0].connections.inputs)) connection.weight = 1;
    return network;
  };
  const network = make();
  const delays = network.layout.blocks.map((block) => block.delays);
  assert.deepEqual(delays.slice(0, 2), [
    [0, 2],
    [0, -2],
  ]);
  // The step two before, and the step two after.
  close(network.activateSequence([[1], [2], [3], [4], [5]]), [[3], [4], [6], [2], [3]]);
  assert.deepEqual(
    Network.fromJSON(network.toJSON()).activateSequence([[1], [2], [3]]),
    network.activateSequence([[1], [2], [3]]),
  );
  assert.deepEqual(Network.fromJSON(network.toJSON(2)).toJSON(2), network.toJSON(2));
});

test('delays that make no sense are refused, and files with such', () => {
  const [input, output] = [new Layer(1), new Layer(1)];
  for (const delay of [1.5, 1025, -1025, Number.NaN, '2', null]) {
    assert.throws(() => input.project(output, undefined, undefined, { delay }), /Layer.project: options.delay/);
  }
  assert.throws(() => input.project(output, undefined, undefined, 3), /options/);
  input.project(output, undefined, undefined, { delay: -1 });
  assert.throws(() => new Network({ input, output }).activate([1]), /a delay is positive/);
  const json = narx().toJSON();
  const dense = narx().toJSON(2);
  const block = dense.blocks.findIndex(({ delays }) => delays?.length === 3);
  const changed = (base, change) => {
    const copy = structuredClone(base);
    change(copy);
    return () => Network.fromJSON(copy);
  };
  for (const delay of [0.5, 5000, -5000, null, 'x', {}]) {
    assert.throws(
      changed(json, (copy) => Object.assign(copy.connections[0], { delay })),
      /connections\[0\].delay/,
    );
    assert.throws(
      changed(dense, (copy) => Object.assign(copy.blocks[block], { delays: [0, 1, delay] })),
      /delays\[2\]/,
    );
  }
  for (const delays of [[0, 1, 1], [0, 1], 'x', [0, 1, 2, 3]]) {
    assert.throws(
      changed(dense, (copy) => Object.assign(copy.blocks[block], { delays })),
      /blocks\[\d\]/,
    );
  }
  for (const past of [3, [Number.NaN], ['a'], new Array(2000).fill(0)]) {
    assert.throws(
      changed(json, (copy) => Object.assign(copy.neurons[0], { past })),
      /neurons\[0\].past/,
    );
    assert.throws(
      changed(dense, (copy) => Object.assign(copy.neurons[0], { past })),
      /neurons\[0\].past/,
    );
  }
  assert.throws(() => toC(narx()), /connections with delays/);
});

test('no delayed weight is left out of learning: the rule for single steps is refused, wherever it would be taken', async () => {
  const delayed = () => {
    const [input, output] = [new Layer(1), new Layer(1)];
    input.project(output, undefined, 0.3, { delay: 1 });
    return new Network({ input, output });
  };
  const sequences = [
    { input: [[1], [0]], output: [1] },
    { input: [[0], [1]], output: [0] },
  ];
  const pairs = [
    { input: [1], output: [0] },
    { input: [0], output: [1] },
  ];
  const refused = {
    name: 'TypeError',
    message: /options\.learner is 'online', expected 'bptt': a network with delays/,
  };
  const convolved = new Architect.LSTM(1, 3, 1, { variant: 'standard', convolution: [{ filters: 3, width: 2 }] });
  for (const network of [delayed(), convolved]) {
    const trainer = new Trainer(network);
    const weights = network.weights.slice();
    const options = { iterations: 3, error: 0, learner: 'online' };
    assert.throws(() => trainer.train(sequences, options), refused);
    await assert.rejects(trainer.trainAsync(sequences, options), refused);
    // Pairs are learnt online where nothing else is said.
    assert.throws(() => trainer.train(pairs, { iterations: 3 }), refused);
    await assert.rejects(trainer.trainAsync(pairs), refused);
    assert.deepEqual(network.weights, weights);
  }
  // In their order they are one sequence, which is learnt.
  const network = delayed();
  const inOrder = [{ input: pairs.map(({ input }) => input), output: [[0.5], [1]] }];
  new Trainer(network).train(inOrder, { iterations: 300, rate: 0.3, error: 0 });
  assert.notEqual(network.weights[0], 0.3);
  assert.ok(network.activateSequence(inOrder[0].input)[1][0] > 0.9);
});

test('a delay that no step could have is refused by the call that needs the network', () => {
  const [input, output] = [new Layer(1), new Layer(1)];
  input.project(output, undefined, 0.3, { delay: -1 });
  const network = new Network({ input, output });
  assert.throws(() => network.activate([1]), { name: 'TypeError', message: /^Network\.\w+: a delay is positive/ });
});
