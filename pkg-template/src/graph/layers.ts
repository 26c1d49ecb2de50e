// The layers of a network, in the order in which they are activated.

import type { Layer } from './layer.js';
import type { Neuron } from './neuron.js';

/** The layers of a network. */
export interface NetworkLayers {
  /** Takes the input. */
  input: Layer;
  /** Activated in this order; none if left out. */
  hidden?: Layer[];
  /** Gives the output. */
  output: Layer;
}

/** Which layer a neuron is in: `'input'`, `'output'`, or the number of the hidden layer, from 0. */
export type LayerPosition = 'input' | 'output' | number;

/** All layers, from the input to the output. */
export function inOrder({ input, hidden = [], output }: NetworkLayers): Layer[] {
  return [input, ...hidden, output];
}

/** All neurons in the order of activation, with the layer each is in. */
export function neuronsOf({ input, hidden = [], output }: NetworkLayers): { neuron: Neuron; layer: LayerPosition }[] {
  const positioned = (layer: Layer, position: LayerPosition) =>
    layer.list.map((neuron) => ({ neuron, layer: position }));
  return [
    ...positioned(input, 'input'),
    ...hidden.flatMap((layer, index) => positioned(layer, index)),
    ...positioned(output, 'output'),
  ];
}
