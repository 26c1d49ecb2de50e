// Model files of format 1: Synaptic's, with what engram adds to it.

import type { READOUTS, SQUASHES } from '../engine/generated/tables.js';
import type { LayerPosition } from './layers.js';

/** Name of a squashing function. */
export type SquashName = (typeof SQUASHES)[number];

/** How a read-out pools the steps of a sequence. */
export type Readout = (typeof READOUTS)[number];

/** A neuron in a model file. */
export interface NeuronJSON {
  /** Empty; kept for Synaptic. */
  trace?: { elegibility: object; extended: object };
  state?: number;
  old?: number;
  activation?: number;
  bias: number;
  /** `'input'`, `'output'`, or the number of the hidden layer, from 0. */
  layer: LayerPosition;
  /** Name of the squashing function; the logistic for null. */
  squash: SquashName | null;
  /** engram: the bias does not learn. */
  fixed?: boolean;
  /** engram: the neuron reads sequences from their end. */
  reversed?: boolean;
  /**
   * engram: the neuron pools the steps of a sequence in this way. Its `state` is then the weight of what it has read,
   * its `old` the largest score, its `activation` the pool.
   */
  pooling?: Readout;
  /** engram: activations of the steps before the last, the latest first; left out where all are 0 or no delay asks. */
  past?: number[];
  /** engram: position of the neuron whose activation scores the steps, for `'attention'`. */
  score?: number;
}

/** A connection in a model file. */
export interface ConnectionJSON {
  /** Position of the source in `neurons`. */
  from: number;
  /** Position of the target. */
  to: number;
  weight: number;
  /** Position of the gater, or null. */
  gater: number | null;
  /** engram: the weight does not learn. */
  fixed?: boolean;
  /** engram: steps that the read activation lies before; negative for steps after. 0 if left out. */
  delay?: number;
}

/** A model file of format 1, which is Synaptic's with additions. */
export interface NetworkJSON {
  /** Format of the file; 1. Synaptic's files have none. */
  engram?: 1;
  neurons: NeuronJSON[];
  connections: ConnectionJSON[];
  /** engram: names of the layers, in the order of activation. */
  layers?: string[];
}
