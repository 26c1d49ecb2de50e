// Keras' models, against what Keras itself has answered (make_keras.py).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromKeras } from 'engram/exchange';

import { assertClose, bytes, stepsOf, vectors } from './support.mjs';

const { cases } = vectors('keras');

for (const [index, { shape, lastOnly, config, files, sequences, outputs }] of cases.entries()) {
  for (const [name, file] of Object.entries(files)) {
    test(`${name} ${index}: ${JSON.stringify(shape)} answers as in Keras`, () => {
      const network = fromKeras(bytes(file), name === 'model.weights.h5' ? { config } : undefined);
      sequences.forEach((steps, at) => {
        const said = network.activateSequence(stepsOf(network.inputs(), steps));
        assertClose(lastOnly ? said.at(-1) : said, outputs[at], 1e-6);
      });
      network.free();
    });
  }
}

/** A model's configuration with one of its layers changed. */
function changed(config, className, change) {
  const copy = JSON.parse(config);
  const layer = copy.config.layers.find((each) => each.class_name === className);
  const inner = className === 'Bidirectional' ? layer.config.layer.config : layer.config;
  change(inner, layer, copy);
  return copy;
}

test('what engram cannot tell is refused by name', () => {
  const { config, files } = cases.find(({ shape, files }) => files['model.weights.h5'] && shape.dense.length > 0);
  const file = bytes(files['model.weights.h5']);
  const names = JSON.parse(config).config.layers.map(({ class_name: name }) => name);
  const cell = names.find((name) => ['LSTM', 'GRU', 'Bidirectional'].includes(name));
  const refused = [
    [cell, (own) => Object.assign(own, { go_backwards: true }), /go_backwards is true, expected false/],
    [cell, (own) => Object.assign(own, { stateful: true }), /stateful is true/],
    [cell, (own) => Object.assign(own, { return_state: true }), /return_state is true/],
    [cell, (own) => Object.assign(own, { activation: 'relu' }), /activation is "relu", expected 'tanh'/],
    [
      cell,
      (own) => Object.assign(own, { recurrent_activation: 'relu' }),
      /recurrent_activation is "(relu|hard_sigmoid|sigmoid)", expected/,
    ],
    ['Dense', (own) => Object.assign(own, { units: 77 }), /tensor "layers.*" has shape .*, expected \(\d+, \d+\)/],
    ['Dense', (own) => Object.assign(own, { activation: 'gelu' }), /activation is "gelu"/],
    ['Dense', (own) => Object.assign(own, { activation: {} }), /activation is an object/],
    ['Dense', (_, layer) => Object.assign(layer, { class_name: 'Conv1D' }), /class_name is "Conv1D"/],
    ['Dense', (_, __, model) => Object.assign(model, { class_name: 'MyModel' }), /class_name is "MyModel"/],
    // A Sequential has none of a functional model's ends.
    ['Dense', (_, __, model) => Object.assign(model, { class_name: 'Functional' }), /config.input_layers is undefined/],
    [cell, (_, layer) => Object.assign(layer, { class_name: 'Masking' }), /class_name is "Masking"/],
    // Every object has a property of this name.
    ['Dense', (_, layer) => Object.assign(layer, { class_name: 'constructor' }), /class_name is "constructor"/],
    [cell, (_, layer) => Object.assign(layer, { class_name: 'constructor' }), /class_name is "constructor"/],
  ];
  for (const [className, change, message] of refused) {
    assert.throws(
      () => fromKeras(file, { config: changed(config, className, change) }),
      (error) => {
        assert.match(error.message, /^fromKeras: /);
        assert.match(error.message, message);
        return error instanceof RangeError || error instanceof TypeError;
      },
    );
  }
  assert.throws(() => fromKeras(file), /weights but no layers; give model.to_json\(\)/);
  assert.throws(() => fromKeras(file, { config: '{' }), /^RangeError: fromKeras: options.config is no JSON/);
  assert.throws(() => fromKeras(Uint8Array.of(1, 2, 3)), /neither a zip/);
  assert.throws(() => fromKeras('model.keras'), /^TypeError: fromKeras: file is "model.keras"/);
  assert.throws(
    () => fromKeras(file.subarray(0, 2000), { config }),
    /^RangeError: fromKeras: the file is no HDF5 that can be read/,
  );
  const zip = bytes(cases[0].files['model.keras']);
  assert.throws(() => fromKeras(zip.subarray(0, zip.length - 30)), /^RangeError: fromKeras: the file is no sound zip/);
});

const functional = cases.find(({ shape }) => shape.functional && shape.dense.length > 0);

test('functional models that are no chain are refused by name', () => {
  const file = bytes(functional.files['model.keras']);
  const layersOf = (model) => model.config.layers;
  const node = (layer) => layer.inbound_nodes[0];
  const refused = [
    // A layer that reads another than the one before it leaves that one unread.
    [
      (model) => Object.assign(layersOf(model).at(-1), { inbound_nodes: layersOf(model).at(-2).inbound_nodes }),
      /layer ".*" is read by layer ".*" and by layer ".*"; engram has chains/,
    ],
    [
      (model) =>
        layersOf(model)
          .at(-1)
          .inbound_nodes.push(node(layersOf(model)[1])),
      /inbound_nodes is .*, expected 1/,
    ],
    [(model) => Object.assign(layersOf(model)[1], { inbound_nodes: 3 }), /inbound_nodes is 3, expected an array/],
    [
      (model) => node(layersOf(model)[1]).args.push(node(layersOf(model)[1]).args[0]),
      /expected a call with the output/,
    ],
    [
      (model) => Object.assign(node(layersOf(model)[1]).kwargs, { training: true }),
      /inbound_nodes\[0\].kwargs.training is true, expected left out/,
    ],
    [
      (model) => Object.assign(node(layersOf(model)[1]).args[0].config, { keras_history: ['elsewhere', 0, 0] }),
      /reads "elsewhere", which is no layer/,
    ],
    [
      (model) => Object.assign(node(layersOf(model)[1]).args[0].config, { keras_history: ['input_layer', 0, 1] }),
      /expected a call with the output of one layer/,
    ],
    [
      (model) =>
        Object.assign(model.config, {
          output_layers: [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
        }),
      /config.output_layers is/,
    ],
    [
      (model) => Object.assign(model.config, { output_layers: [layersOf(model)[1].name, 0, 0] }),
      /the layers are no chain from ".*" to ".*"/,
    ],
  ];
  for (const [change, message] of refused) {
    const model = JSON.parse(functional.config);
    change(model);
    assert.throws(
      () => fromKeras(file, { config: model }),
      (error) => {
        assert.match(error.message, /^fromKeras: /);
        assert.match(error.message, message);
        return error instanceof RangeError || error instanceof TypeError;
      },
    );
  }
});

test('functional models as they were before Keras 3 are chains, too, in whatever order the file has the layers', () => {
  const file = bytes(functional.files['model.keras']);
  const model = JSON.parse(functional.config);
  for (const layer of model.config.layers) {
    layer.inbound_nodes = layer.inbound_nodes.map(({ args }) => [[...args[0].config.keras_history, {}]]);
  }
  for (const end of ['input_layers', 'output_layers']) model.config[end] = [model.config[end]];
  // Moving the input does not change how classes are counted.
  model.config.layers.push(model.config.layers.shift());
  const [made, expected] = [model, functional.config].map((config) => fromKeras(file, { config }));
  assert.deepEqual(made.toJSON(), expected.toJSON());
});

test('a hard sigmoid is that of the version of Keras that wrote the file', () => {
  const { config, files } = cases.find(({ shape, files }) => files['model.weights.h5'] && shape.dense.length > 0);
  const file = bytes(files['model.weights.h5']);
  const model = JSON.parse(config);
  for (const { config } of model.config.layers) {
    for (const own of [config.layer?.config, config.backward_layer?.config, config]) {
      if (own?.recurrent_activation) own.recurrent_activation = 'sigmoid';
    }
  }
  model.config.layers.at(-1).config.activation = 'hard_sigmoid';
  const linear = structuredClone(model);
  linear.config.layers.at(-1).config.activation = 'linear';
  const networks = [linear, model, { ...model, keras_version: '2.15.0' }].map((each) =>
    fromKeras(file, { config: each }),
  );
  const steps = [1, 2, 3].map((step) =>
    Array.from({ length: networks[0].inputs() }, (_, at) => Math.sin(step * 3 + at)),
  );
  const [states, newer, older] = networks.map((network) => network.activateSequence(steps));
  const clipped = (slope) => states.map((row) => row.map((x) => Math.min(Math.max(slope * x + 0.5, 0), 1)));
  assertClose(newer, clipped(1 / 6), 1e-12);
  assertClose(older, clipped(0.2), 1e-12);
  assert.notDeepEqual(newer, older);
});

test('layers that squash are as activations of the name', () => {
  const { config, files } = cases.find(({ shape, files }) => files['model.weights.h5'] && shape.dense.length > 0);
  const file = bytes(files['model.weights.h5']);
  const read = (activation, ...more) => {
    const model = JSON.parse(config);
    model.config.layers.at(-1).config.activation = activation;
    model.config.layers.push(...more);
    return fromKeras(file, { config: model }).toJSON();
  };
  const layer = (className, config) => ({ class_name: className, config: { name: 'squash', ...config } });
  assert.deepEqual(read('linear', layer('Softmax', { axis: -1 })), read('softmax'));
  assert.deepEqual(read('linear', layer('ReLU', { max_value: null, negative_slope: 0, threshold: 0 })), read('relu'));
  assert.deepEqual(read('linear', layer('Activation', { activation: 'hard_sigmoid' })), read('hard_sigmoid'));
  assert.throws(() => read('linear', layer('ReLU', { max_value: 6 })), /layer "squash".max_value is 6, expected null/);
  assert.throws(() => read('linear', layer('Softmax', { axis: 1 })), /layer "squash".axis is 1, expected -1/);
});

test('masks are refused', () => {
  const masked = cases.find(({ shape }) => shape.embedding > 0);
  const config = changed(masked.config, 'Embedding', (own) => Object.assign(own, { mask_zero: true }));
  assert.throws(() => fromKeras(bytes(masked.files['model.keras']), { config }), /mask_zero is true, expected false/);
});
