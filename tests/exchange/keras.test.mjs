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
      (own) => Object.assign(own, { recurrent_activation: 'hard_sigmoid' }),
      /recurrent_activation is "hard_sigmoid"/,
    ],
    ['Dense', (own) => Object.assign(own, { units: 77 }), /tensor "layers.*" has shape .*, expected \(\d+, \d+\)/],
    ['Dense', (own) => Object.assign(own, { activation: 'gelu' }), /activation is "gelu"/],
    ['Dense', (own) => Object.assign(own, { activation: {} }), /activation is an object/],
    ['Dense', (_, layer) => Object.assign(layer, { class_name: 'Conv1D' }), /class_name is "Conv1D"/],
    ['Dense', (_, __, model) => Object.assign(model, { class_name: 'Functional' }), /class_name is "Functional"/],
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

test('masks are refused', () => {
  const masked = cases.find(({ shape }) => shape.embedding > 0);
  const config = changed(masked.config, 'Embedding', (own) => Object.assign(own, { mask_zero: true }));
  assert.throws(() => fromKeras(bytes(masked.files['model.keras']), { config }), /mask_zero is true, expected false/);
});
