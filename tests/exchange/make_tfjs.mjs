// Makes vectors/tfjs.json.gz: real layers models of TensorFlow.js, and what these models answer.
//
// Run with @tensorflow/tfjs 4.22 installed in a folder: node tests/exchange/make_tfjs.mjs <that folder> [where to write]
// 24 random shapes: 1 or 2 layers of one kind, one direction or two, with biases or without, with an embedding or without,
// gates as tfjs has them by default (hard sigmoids) or sigmoids, 0 to 2 dense layers, Sequential or functional; two
// sequences of different lengths each. Every fourth has weights quantised to 8 or 16
// bits or halved, which tfjs itself reads back before it answers.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { below, pick, randomFrom } from '../support/random.mjs';

const [installed, into = fileURLToPath(new URL('vectors', import.meta.url))] = process.argv.slice(2);
const tf = createRequire(join(resolve(installed), 'here.js'))('@tensorflow/tfjs');
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
    activation: pick(random, ['linear', 'sigmoid', 'softmax', 'tanh', 'hardSigmoid']),
    gates: pick(random, ['default', 'sigmoid']),
    functional: index % 5 === 1 || index % 5 === 3,
    quantised: index % 4 === 3 ? ['uint8', 'uint16', 'float16'][Math.floor(index / 4) % 3] : null,
  };
  const { inputs } = shape;
  const chain = [];
  if (shape.embedding > 0) chain.push(tf.layers.embedding({ inputDim: inputs, outputDim: shape.embedding }));
  for (const units of shape.hidden) {
    const gates = shape.gates === 'default' ? {} : { recurrentActivation: shape.gates };
    const layer = tf.layers[kind]({ units, returnSequences: true, useBias: shape.useBias, ...gates });
    chain.push(shape.bidirectional ? tf.layers.bidirectional({ layer, mergeMode: 'concat' }) : layer);
  }
  shape.dense.forEach((units, at) => {
    chain.push(tf.layers.dense({ units, activation: at + 1 === shape.dense.length ? shape.activation : 'relu' }));
  });
  const input = tf.input({ shape: shape.embedding > 0 ? [null] : [null, inputs] });
  const begin = tf.layers.inputLayer({ inputShape: shape.embedding > 0 ? [null] : [null, inputs] });
  const model = shape.functional
    ? tf.model({ inputs: input, outputs: chain.reduce((tensor, layer) => layer.apply(tensor), input) })
    : tf.sequential({ layers: [begin, ...chain] });
  model.setWeights(model.getWeights().map((weight) => tf.randomNormal(weight.shape, 0, 0.6, 'float32', index + 1)));
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
for (let index = 0; index < 24; index++) cases.push(await made(index));
const text = JSON.stringify({ tfjs: tf.version.tfjs, cases });
writeFileSync(join(into, 'tfjs.json.gz'), gzipSync(text));
