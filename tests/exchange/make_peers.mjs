// Makes vectors/peers.json.gz: small networks as brain.js and neataptic write them, which fuzzing begins with.
//
// Run after `npm ci` here: node tests/exchange/make_peers.mjs

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const require = createRequire(import.meta.url);
const brain = require('brain.js');
const { architect } = require('neataptic');

const net = new brain.NeuralNetwork({ hiddenLayers: [2] });
net.train([{ input: [0, 1], output: [1] }], { iterations: 1 });
const recurrent = ['LSTMTimeStep', 'GRUTimeStep', 'RNNTimeStep'].map((kind) => {
  const made = new brain.recurrent[kind]({ inputSize: 1, hiddenLayers: [2], outputSize: 1 });
  made.train([[0.1, 0.2]], { iterations: 1 });
  return made;
});
const text = new brain.recurrent.LSTM({ hiddenLayers: [2] });
text.train(['ab'], { iterations: 1 });
const made = {
  brain: [net, ...recurrent, text].map((each) => each.toJSON()),
  neataptic: [new architect.Perceptron(2, 2, 1), new architect.LSTM(1, 2, 1), new architect.GRU(1, 1, 1)],
};
writeFileSync(new URL('vectors/peers.json.gz', import.meta.url), gzipSync(JSON.stringify(made)));
