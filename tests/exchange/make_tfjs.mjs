// Makes vectors/tfjs.json.gz: real layers models of TensorFlow.js, and what these models answer.
//
// Run with @tensorflow/tfjs 4.22 installed where it is found from here: node tests/exchange/make_tfjs.mjs
// 20 random shapes: 1 or 2 layers of one kind, one direction or two, with biases or without, with an embedding or
// without, 0 to 2 dense layers; two sequences of different lengths each. Every fourth has weights quantised to 8 or 16
// bits or halved, which tfjs itself reads back before it answers.

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';

import { below, pick, randomFrom } from '../support/random.mjs';

const random = randomFrom(5);
await tf.setBackend('cpu');

/** The number of half precision next to a number, for those that have one. */
function halved(value) {
  if (value === 0) return 0;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) + (exponent + 15) * 1024 + fraction;
}

function quantised(artifacts, dtype) {
  const specs = [];
  const parts = [];
  let at = 0;
  for (const spec of artifacts.weightSpecs) {
    const count = spec.shape.reduce((product, axis) => product * axis, 1);
    const values = new Float32Array(artifacts.weightData.slice(at, at + 4 * count));
    at += 4 * count;
    const least = Math.min(...values);
    const most = dtype === 'uint8' ? 255 : 65535;
    const scale = (Math.max(...values) - least) / most || 1;
    const Kind = dtype === 'uint8' ? Uint8Array : Uint16Array;
    const coded = Kind.from(values, (value) =>
      dtype === 'float16' ? halved(value) : Math.round((value - least) / scale),
    );
    parts.push(new Uint8Array(coded.buffer));
    const how = dtype === 'float16' ? { dtype } : { dtype, scale, min: least };
    specs.push({ ...spec, quantization: { ...how, original_dtype: 'float32' } });
  }
  return { ...artifacts, weightSpecs: specs, weightData: new Uint8Array(Buffer.concat(parts)).buffer };
}

async function made(index) {
  const kind = pick(random, ['lstm', 'gru']);
  const shape = {
    kind,
    inputs: 2 + below(random, 4),
    embedding: pick(random, [0, 3]),
    hidden: Array.from({ length: 1 + below(random, 2) }, () => 1 + below(random, 5)),
    bidirectional: random() < 0.5,
    useBias: random() < 0.7,
    dense: pick(random, [[], [2], [4, 3]]),
    activation: pick(random, ['linear', 'sigmoid', 'softmax', 'tanh']),
    quantised: index % 4 === 3 ? ['uint8', 'uint16', 'float16'][Math.floor(index / 4) % 3] : null,
  };
  const model = tf.sequential();
  const { inputs } = shape;
  if (shape.embedding > 0)
    model.add(tf.layers.embedding({ inputDim: inputs, outputDim: shape.embedding, batchInputShape: [null, null] }));
  shape.hidden.forEach((units, at) => {
    const layer = tf.layers[kind]({
      units,
      returnSequences: true,
      useBias: shape.useBias,
      recurrentActivation: 'sigmoid',
    });
    const first = at === 0 && shape.embedding === 0 ? { batchInputShape: [null, null, inputs] } : {};
    if (shape.bidirectional) model.add(tf.layers.bidirectional({ layer, mergeMode: 'concat', ...first }));
    else
      model.add(
        tf.layers[kind]({
          units,
          returnSequences: true,
          useBias: shape.useBias,
          recurrentActivation: 'sigmoid',
          ...first,
        }),
      );
  });
  shape.dense.forEach((units, at) => {
    model.add(tf.layers.dense({ units, activation: at + 1 === shape.dense.length ? shape.activation : 'relu' }));
  });
  model.setWeights(model.getWeights().map((weight) => tf.randomNormal(weight.shape, 0, 0.4, 'float32', index + 1)));
  let artifacts;
  await model.save(
    tf.io.withSaveHandler((given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  if (shape.quantised) artifacts = quantised(artifacts, shape.quantised);
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  const sequences = [0, 1].map(() =>
    Array.from({ length: 1 + below(random, 8) }, () =>
      shape.embedding > 0
        ? below(random, inputs)
        : Array.from({ length: inputs }, () => Number((random() * 2 - 1).toFixed(4))),
    ),
  );
  const outputs = sequences.map((steps) => loaded.predict(tf.tensor([steps])).arraySync()[0]);
  return {
    shape,
    model: {
      format: 'layers-model',
      modelTopology: artifacts.modelTopology,
      weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
    },
    weights: Buffer.from(artifacts.weightData).toString('base64'),
    sequences,
    outputs,
  };
}

const cases = [];
for (let index = 0; index < 20; index++) cases.push(await made(index));
const text = JSON.stringify({ tfjs: tf.version.tfjs, cases });
writeFileSync(new URL('vectors/tfjs.json.gz', import.meta.url), gzipSync(text));
