// The library of the realm, which the entry gives: networks made here are those that the page's own `Network` knows.

import type { gather } from '../graph/home.js';
import type { Layer } from '../graph/layer.js';
import type { Neuron } from '../graph/neuron.js';
import type { GRU, LSTM } from '../network/architect.js';
import type { Network } from '../network/network.js';

/** What exchange needs of the library. */
export interface Library {
  Architect: { GRU: typeof GRU; LSTM: typeof LSTM };
  Layer: typeof Layer;
  Network: typeof Network;
  Neuron: typeof Neuron;
  gather: typeof gather;
}

let given: Library | undefined;

/** Gives the library. */
export function useLibrary(library: Library): void {
  given = library;
}

/** The library that was given. */
export function library(): Library {
  return given as Library;
}
