// Synaptic's names, which its default export has in one object.

export { Layer } from '../graph/layer.js';
export { Neuron } from '../graph/neuron.js';
export * as Architect from '../network/architect.js';
export { Network } from '../network/network.js';
export { Trainer } from '../training/trainer.js';
