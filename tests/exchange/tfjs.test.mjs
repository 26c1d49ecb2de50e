// TensorFlow.js' layers models, against what tfjs itself has answered (make_tfjs.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Neuron } from 'engram';
import { fromTfjs } from 'engram/exchange';

import { assertClose, bytes, stepsOf, vectors } from './support.mjs';

const { cases } = vectors('tfjs');

for (const [index, { shape, model, weights, sequences, outputs }] of cases.entries()) {
  test(`${index}: ${JSON.stringify(shape)} answers as in TensorFlow.js`, () => {
    const all = bytes(weights);
    // In one shard, or cut in the middle of a number.
    const shards = index % 2 === 0 ? all : [all.subarray(0, 7), all.subarray(7)];
    const network = fromTfjs(model, shards);
    sequences.forEach((steps, at) => {
      assertClose(network.activateSequence(stepsOf(network.inputs(), steps)), outputs[at], 2e-6);
    });
    network.free();
  });
}

test('what a file leaves out is as in tfjs', () => {
  const { model, weights } = cases.find(({ shape }) => shape.gates === 'default' && !shape.bidirectional);
  const copy = JSON.parse(JSON.stringify(model));
  for (const { config } of (copy.modelTopology.model_config ?? copy.modelTopology).config.layers) {
    delete config.recurrent_activation;
  }
  const [made, expected] = [copy, model].map((each) => fromTfjs(each, bytes(weights)));
  assert.deepEqual(made.toJSON(), expected.toJSON());
  assert.ok(made.layers.hidden.some(({ list }) => list[0].squash === Neuron.squash.HARD_SIGMOID));
});

test('names and versions that have no text are no reason to stumble', () => {
  const { model, weights } = cases.find(({ shape }) => shape.gates === 'default' && !shape.bidirectional);
  const textless = { toString: 1, valueOf: 1 };
  const changed = (change) => {
    const copy = JSON.parse(JSON.stringify(model));
    change(copy.modelTopology, (copy.modelTopology.model_config ?? copy.modelTopology).config.layers);
    return copy;
  };
  const made = fromTfjs(
    changed((topology) => Object.assign(topology, { keras_version: textless })),
    bytes(weights),
  );
  assert.deepEqual(made.toJSON(), fromTfjs(model, bytes(weights)).toJSON());
  for (const change of [
    (_, layers) => Object.assign(layers.at(-1), { class_name: textless }),
    (_, layers) => Object.assign(layers.at(-1).config, { name: textless }),
  ]) {
    assert.throws(() => fromTfjs(changed(change), bytes(weights)), /^RangeError: fromTfjs: /);
  }
});

test('what engram cannot tell, and what is damaged, is refused by name', () => {
  const { model, weights } = cases.find(({ shape }) => !shape.bidirectional && shape.quantised === null);
  const all = bytes(weights);
  const plain = (change) => {
    const copy = JSON.parse(JSON.stringify(model));
    const { layers } = (copy.modelTopology.model_config ?? copy.modelTopology).config;
    change(copy, layers.find(({ class_name: name }) => name === 'LSTM' || name === 'GRU').config);
    return copy;
  };
  const refused = [
    [
      (_, own) => Object.assign(own, { recurrent_activation: 'relu' }),
      /recurrent_activation is "relu", expected 'sigmoid' or 'hard_sigmoid'/,
    ],
    [(_, own) => Object.assign(own, { go_backwards: true }), /go_backwards is true/],
    [(copy) => Object.assign(copy, { format: 'graph-model' }), /model.format is "graph-model"/],
    [(copy) => delete copy.weightsManifest, /weightsManifest is undefined/],
    [(copy) => copy.weightsManifest[0].weights.pop(), /shards have \d+ bytes, the manifest tells of \d+/],
    [(copy) => Object.assign(copy.weightsManifest[0].weights[0], { shape: [2 ** 30] }), /shape has 1073741824 numbers/],
    [(copy) => Object.assign(copy.weightsManifest[0].weights[0], { dtype: 'complex64' }), /dtype is "complex64"/],
    [
      (copy) => Object.assign(copy.weightsManifest[0].weights[0], { quantization: { dtype: 'uint8' } }),
      /quantization.scale is undefined/,
    ],
    [
      (copy) => Object.assign(copy.weightsManifest[0].weights[0], { name: 'other/kernel' }),
      /has \d tensors, expected \d/,
    ],
  ];
  for (const [change, message] of refused) {
    assert.throws(
      () => fromTfjs(plain(change), all),
      (error) => {
        assert.match(error.message, /^fromTfjs: /);
        assert.match(error.message, message);
        return error instanceof RangeError || error instanceof TypeError;
      },
    );
  }
  assert.throws(() => fromTfjs(model, all.subarray(4)), /ends at byte \d+, the shards have/);
  assert.throws(() => fromTfjs(model, 'weights.bin'), /^TypeError: fromTfjs: shards\[0\] is "weights.bin"/);
});
