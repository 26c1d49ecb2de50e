// Compiled, not run: CommonJS in TypeScript.

import synaptic = require('engram');

import Network = synaptic.Network;
import Layer = synaptic.Layer;

const { Architect, Trainer } = synaptic;
const network: Network = new Architect.Perceptron(2, 2, 1);
const trainer: synaptic.Trainer = new Trainer(network, { rate: 0.1, iterations: 10 });
const set: synaptic.Trainer.TrainingSet = [{ input: [1, 1], output: [0] }];
const { error, time }: synaptic.Trainer.TrainingResult = trainer.train(set);
const layer: Layer = new Layer(3);
layer.set({ squash: synaptic.Neuron.squash.TANH, bias: 0 });

export = { error, layer, time };
