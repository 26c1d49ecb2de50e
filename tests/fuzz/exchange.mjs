// The readers of engram/exchange as targets of fuzzing: files of other libraries, damaged in one to three places.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Architect } from 'engram';
import { fromBrain, fromKeras, fromNeataptic, fromPyTorch, fromTfjs, toPyTorch } from 'engram/exchange';

const vectors = (name) =>
  JSON.parse(gunzipSync(readFileSync(new URL(`../exchange/vectors/${name}.json.gz`, import.meta.url))));
const bytes = (base64) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** Uses what was read: whatever it is, it must not answer NaN. */
function judge(network) {
  try {
    const input = new Array(network.inputs()).fill(0.5);
    for (const step of network.activateSequence([input, input])) {
      if (step.some(Number.isNaN)) throw new Error('finding: an output is NaN');
    }
  } finally {
    network.free();
  }
}

/** The smallest models, of Sequential and of functional ones. */
const smallest = (cases, size) =>
  [false, true].flatMap((functional) =>
    cases
      .filter(({ shape }) => shape.functional === functional)
      .sort((a, b) => size(a) - size(b))
      .slice(0, 2),
  );
const keras = vectors('keras').cases.filter(({ files }) => 'model.weights.h5' in files);
const tfjs = smallest(vectors('tfjs').cases, ({ weights }) => weights.length);
const { brain, neataptic } = vectors('peers');

export const exchange = {
  pytorch: {
    seeds: [
      new Architect.LSTM(2, 2, 2, { variant: 'standard', seed: 1 }),
      new Architect.GRU(3, 2, 1, 2, { embedding: 2, bidirectional: true, output: 'softmax', seed: 1 }),
    ].map((network) => ({ file: toPyTorch(network), options: { output: 'linear', map: { head: 'head' } } })),
    execute: (given) => judge(fromPyTorch(given?.file, given?.options)),
  },
  keras: {
    seeds: smallest(keras, ({ files }) => files['model.keras'].length).flatMap(({ files, config }) => [
      { file: bytes(files['model.keras']) },
      { file: bytes(files['model.h5']) },
      { file: bytes(files['model.weights.h5']), options: { config: JSON.parse(config) } },
    ]),
    execute: (given) => judge(fromKeras(given?.file, given?.options)),
  },
  tfjs: {
    seeds: tfjs.map(({ model, weights }) => ({ model, shards: [bytes(weights)] })),
    execute: (given) => judge(fromTfjs(given?.model, given?.shards)),
  },
  brain: { seeds: brain.map((json) => ({ json })), execute: (given) => judge(fromBrain(given?.json)) },
  neataptic: { seeds: neataptic.map((json) => ({ json })), execute: (given) => judge(fromNeataptic(given?.json)) },
};
