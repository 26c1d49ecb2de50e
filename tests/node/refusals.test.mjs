// Bad input: a TypeError or RangeError that names the call, the field, what was expected and what
// came; and nothing is changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, configure, Layer, Network, Neuron, Trainer } from 'engram';

import { XOR } from '../support/sets.mjs';

const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
const lstm = new Architect.LSTM(1, 3, 2, { seed: 1 });
const trainer = new Trainer(network);
const sequences = new Trainer(lstm);
network.activate([0.1, 0.2]);
const bad = (change) => XOR.map((sample, index) => (index === 3 ? { ...sample, ...change } : sample));
const json = () => JSON.parse(JSON.stringify(network));
const broken = (change) => {
  const copy = json();
  change(copy);
  return copy;
};

/** [what is called, the error's class, what its message says] */
const REFUSALS = [
  [() => network.activate([1]), RangeError, 'Network.activate: input has 1 values, the network takes 2'],
  [() => network.activate([1, NaN]), RangeError, 'Network.activate: input[1] is NaN, expected a finite number'],
  [() => network.activate([1, Infinity]), RangeError, 'Network.activate: input[1] is Infinity'],
  [() => network.activate([1, 'o']), TypeError, 'Network.activate: input[1] is "o", expected a finite number'],
  [() => network.activate(), TypeError, 'Network.activate: input is undefined, expected an array of 2 numbers'],
  [() => network.activate('01'), TypeError, 'Network.activate: input is "01"'],
  [() => network.activate(new BigInt64Array(2)), TypeError, 'Network.activate: input'],
  [() => network.propagate(0.1, []), RangeError, 'Network.propagate: target has 0 values, the network gives 1'],
  [() => network.propagate('fast', [1]), TypeError, 'Network.propagate: rate is "fast"'],
  [() => network.propagate(NaN, [1]), RangeError, 'Network.propagate: rate is NaN'],
  [() => network.activateSequence([]), RangeError, 'Network.activateSequence: steps is empty'],
  [() => network.activateSequence([[1, 2], [1]]), RangeError, 'Network.activateSequence: steps[1] has 1 values'],
  [() => trainer.train([]), RangeError, 'Trainer.train: set is empty'],
  [() => trainer.train(), TypeError, 'Trainer.train: set is undefined, expected an array of { input, output }'],
  [() => trainer.train([null]), TypeError, 'Trainer.train: set[0] is null'],
  [
    () => trainer.train(bad({ input: [1] })),
    RangeError,
    'Trainer.train: set[3].input has 1 values, the network takes 2',
  ],
  [() => trainer.train(bad({ output: [NaN] })), RangeError, 'Trainer.train: set[3].output[0] is NaN'],
  [() => trainer.train(bad({ output: undefined })), TypeError, 'Trainer.train: set[3].output is undefined'],
  [() => trainer.trainAsync(bad({ input: [1] })), RangeError, 'Trainer.trainAsync: set[3].input has 1 values'],
  [() => trainer.train(XOR, 5), TypeError, 'Trainer.train: options is 5, expected an object'],
  [() => trainer.train(XOR, { rate: -1 }), RangeError, 'Trainer.train: options.rate is -1'],
  [() => trainer.train(XOR, { rate: [] }), RangeError, 'Trainer.train: options.rate is an array of 0'],
  [() => trainer.train(XOR, { rate: [0.1, 'x'] }), TypeError, 'Trainer.train: options.rate[1] is "x"'],
  [
    () => trainer.train(XOR, { iterations: 1.5 }),
    RangeError,
    'Trainer.train: options.iterations is 1.5, expected an integer',
  ],
  [() => trainer.train(XOR, { error: 'small' }), TypeError, 'Trainer.train: options.error is "small"'],
  [() => trainer.train(XOR, { cost: 'MSE' }), TypeError, 'Trainer.train: options.cost is "MSE", expected a function'],
  [
    () => trainer.train(XOR, { schedule: { every: 0.5, do() {} } }),
    RangeError,
    'Trainer.train: options.schedule.every is 0.5',
  ],
  [() => trainer.train(XOR, { schedule: { every: 1 } }), TypeError, 'Trainer.train: options.schedule.do is undefined'],
  [
    () => trainer.train(XOR, { crossValidate: { testSize: 1 } }),
    RangeError,
    'Trainer.train: options.crossValidate.testSize is 1',
  ],
  [() => trainer.train(XOR, { crossValidate: { testSize: 0.01 } }), RangeError, 'holds out 0 of 4 samples'],
  [() => trainer.train(XOR, { learner: 'magic' }), RangeError, 'Trainer.train: options.learner is "magic"'],
  [() => trainer.train(XOR, { optimizer: 1 }), TypeError, 'Trainer.train: options.optimizer is 1'],
  [() => trainer.train(XOR, { batchSize: 0 }), RangeError, 'Trainer.train: options.batchSize is 0'],
  [() => trainer.train(XOR, { precision: 'f16' }), RangeError, 'Trainer.train: options.precision is "f16"'],
  [() => trainer.train(XOR, { seed: -1 }), RangeError, 'Trainer.train: options.seed is -1'],
  [() => trainer.train(XOR, { signal: {} }), TypeError, 'Trainer.train: options.signal is an object'],
  [() => trainer.workerTrain(XOR), TypeError, 'Trainer.workerTrain: callback is undefined, expected a function'],
  [() => trainer.test(XOR, { cost: 1 }), TypeError, 'Trainer.test: options.cost is 1, expected a function'],
  [
    () => sequences.train([{ input: [[1], [0]], output: [[1, 0]] }]),
    RangeError,
    'set[0].output has 1 steps, its input 2',
  ],
  [() => sequences.train([{ input: [[1], []], output: [1, 0] }]), RangeError, 'set[0].input[1] has 0 values'],
  [() => sequences.train([{ input: [[1], 'x'], output: [1, 0] }]), TypeError, 'set[0].input[1] is "x"'],
  [() => sequences.train([{ input: [[1]], output: [null] }]), RangeError, 'set has no target'],
  [() => new Trainer({}), TypeError, 'new Trainer: network is an object (Object), expected a Network'],
  [() => new Trainer(network, { rate: -1 }), RangeError, 'new Trainer: options.rate is -1'],
  [() => new Layer(-1), RangeError, 'new Layer: size is -1'],
  [() => new Layer(2).activate([1]), RangeError, 'Layer.activate: input has 1 values, the layer takes 2'],
  [() => new Layer(2).project(3), TypeError, 'Layer.project: layer is 3, expected a Layer or Network'],
  [
    () => new Layer(2).project(new Layer(3), Layer.connectionType.ONE_TO_ONE),
    RangeError,
    'ONE TO ONE projection from 2 neurons to 3',
  ],
  [() => new Layer(2).project(new Layer(3), 'ALL'), RangeError, 'Layer.project: type is "ALL"'],
  [
    () => new Layer(2).gate(new Layer(2).project(new Layer(3)), Layer.gateType.INPUT),
    RangeError,
    'the gating layer has 2 neurons, expected 3',
  ],
  [() => new Layer(2).gate({}, 'INPUT'), TypeError, 'Layer.gate: connection is an object'],
  [
    () => new Layer(1).set({ squash: Math.sin }),
    TypeError,
    'Layer.set: options.squash is a function, expected one of Neuron.squash',
  ],
  [() => new Neuron().project(1), TypeError, 'Neuron.project: neuron is 1, expected a Neuron'],
  [() => new Neuron().gate(1), TypeError, 'Neuron.gate: connection is 1'],
  [() => new Neuron().activate('one'), TypeError, 'Neuron.activate: input is "one"'],
  [() => new Neuron().propagate(0.1, NaN), RangeError, 'Neuron.propagate: target is NaN'],
  [() => Object.assign(new Neuron(), { bias: NaN }), RangeError, 'Neuron.bias: bias is NaN'],
  [() => Object.assign(new Neuron(), { squash: Math.sin }), TypeError, 'Neuron.squash: squash is a function'],
  [() => new Network({ input: 1 }), TypeError, 'Network.set: layers.input is 1, expected a Layer'],
  [() => new Network().activate([]), TypeError, 'the network has 0 inputs and 0 outputs'],
  [() => new Architect.Perceptron(2, 1), RangeError, 'new Architect.Perceptron: got 2 layers, expected at least 3'],
  [() => new Architect.Perceptron(2, 0, 1), RangeError, 'new Architect.Perceptron: layer 1 is 0'],
  [
    () => new Architect.LSTM(1, 1e9, 1),
    RangeError,
    'new Architect.LSTM: layers [1, 1000000000, 1] make 4000000002 neurons, at most 1048576',
  ],
  [() => new Architect.LSTM(1, 3, 1, { variant: 'best' }), RangeError, 'new Architect.LSTM: options.variant is "best"'],
  [
    () => new Architect.LSTM(1, 3, 1, { variant: 'standard', hiddenToHidden: true }),
    RangeError,
    "expected left out with variant 'standard'",
  ],
  [() => new Architect.Liquid(1, 2, 1, 0, 3), RangeError, '3 gates need a connection to gate'],
  [() => new Architect.Hopfield(2.5), RangeError, 'new Architect.Hopfield: size is 2.5'],
  [() => new Architect.Hopfield(2).learn([[1]]), RangeError, 'Hopfield.learn: patterns[0] has 1 values'],
  [() => Network.fromJSON(null), TypeError, 'Network.fromJSON: json is null, expected an object'],
  [() => Network.fromJSON({}), TypeError, 'Network.fromJSON: json.neurons is undefined, expected an array'],
  [() => Network.fromJSON({ neurons: [], connections: [] }), RangeError, "json.neurons has none with layer 'input'"],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.engram = 3;
        }),
      ),
    RangeError,
    'json.engram is 3, expected 1 or 2',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.neurons[1] = 7;
        }),
      ),
    TypeError,
    'json.neurons[1] is 7, expected an object',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.neurons[1].bias = '1';
        }),
      ),
    TypeError,
    'json.neurons[1].bias is "1"',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.neurons[1].layer = 'hidden';
        }),
      ),
    TypeError,
    'json.neurons[1].layer is "hidden"',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.neurons[1].squash = 'SIN';
        }),
      ),
    RangeError,
    'json.neurons[1].squash is "SIN"',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.neurons[3].squash = 'SOFTMAX';
        }),
      ).activate([1, 2]),
    TypeError,
    'SOFTMAX is the squash of a whole output layer',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.connections[2].from = 99;
        }),
      ),
    RangeError,
    'json.connections[2].from is 99, expected an integer between 0 and 5',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.connections[2].weight = null;
        }),
      ),
    TypeError,
    'json.connections[2].weight is null',
  ],
  [
    () =>
      Network.fromJSON(
        broken((j) => {
          j.connections[2].gater = -1;
        }),
      ),
    RangeError,
    'json.connections[2].gater is -1',
  ],
  [() => configure({ maxMemory: 5 }), RangeError, 'configure: options.maxMemory is 5'],
  [() => configure({ maxMemory: 2 ** 28 }), TypeError, 'before the first network is made'],
  [() => configure({ sharedMemory: 1 }), TypeError, "did you mean 'shareMemory'?"],
  [() => network.worker().postMessage({ action: 'dance' }), TypeError, 'message.action is "dance"'],
  [() => network.worker().activate([1]), RangeError, 'NetworkWorker.activate: input has 1 values'],
  [() => network.optimized.ownership(new Float64Array(3)), RangeError, 'memoryBuffer has 3 values, the network has'],
];

for (const [index, [call, kind, says]] of REFUSALS.entries()) {
  test(`refusal ${index + 1}: ${says}`, async () => {
    const before = [json(), JSON.stringify(lstm), Array.from(network.memory), { ...trainer, network: null }];
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(error instanceof kind, `${error?.name}: ${error?.message}`);
        assert.ok(error.message.includes(says), error.message);
        return true;
      },
    );
    assert.deepEqual([json(), JSON.stringify(lstm), Array.from(network.memory), { ...trainer, network: null }], before);
  });
}

test('use after free is refused', async () => {
  const freed = new Architect.Perceptron(2, 2, 1);
  freed.activate([0, 1]);
  freed.free();
  const calls = {
    'Network.activate': () => freed.activate([0, 1]),
    'Network.propagate': () => freed.propagate(0.1, [1]),
    'Network.toJSON': () => freed.toJSON(),
    'Network.memory': () => freed.memory,
    'Network.free': () => freed.free(),
    'Trainer.train': () => new Trainer(freed).train(XOR),
    'Trainer.trainAsync': () => new Trainer(freed).trainAsync(XOR),
  };
  for (const [name, call] of Object.entries(calls)) {
    const message = `${name}: the network has been freed`;
    await assert.rejects(async () => call(), { name: 'TypeError', message });
  }
});

test('keys of prototypes in a model file do no harm', () => {
  const hostile = JSON.parse(`{"__proto__": {"polluted": 1}, ${JSON.stringify(json()).slice(1)}`);
  Network.fromJSON(hostile);
  assert.equal({}.polluted, undefined);
});
