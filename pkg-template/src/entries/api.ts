// What every entry of the package gives.

import * as synaptic from './synaptic.js';

export * from './models.js';
export * from './networks.js';
// By name, so that tools that look at one file see that require gives more than a default.
export { Architect, Layer, Network, Neuron, Trainer } from './synaptic.js';

/** All of Synaptic's names in one object, as Synaptic's default export. */
export default synaptic;
