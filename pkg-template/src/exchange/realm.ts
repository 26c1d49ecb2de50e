// The library of the realm, which the entry gives: networks made here are those that the page's own `Network` knows.

import type { Layer } from '../graph/layer.js';
import type { Neuron } from '../graph/neuron.js';
import type { tableOf, takeTable } from '../graph/table.js';
import type { GRU, LSTM } from '../network/architect.js';
import type { Network } from '../network/network.js';

/** What exchange needs of the library. */
export interface Library {
  Architect: { GRU: typeof GRU; LSTM: typeof LSTM };
  Layer: typeof Layer;
  Network: typeof Network;
  Neuron: typeof Neuron;
  tableOf: typeof tableOf;
  takeTable: typeof takeTable;
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
