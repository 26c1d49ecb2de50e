// What lies where in a network's memory.

import type { Readout } from './json-types.js';

/** A named range of `Network.memory`. */
export interface MemoryPart {
  /** `weights`, `biases`, `states`, `activations`, ... */
  name: string;
  /** First number. */
  offset: number;
  /** Count of numbers. */
  length: number;
}

/** A layer, in units: positions in the parts that have one number per unit. */
export interface LayerLayout {
  /** `input`, `forgetGate`, `output`, ... */
  name: string;
  /** First unit. */
  first: number;
  /** Number of units. */
  size: number;
  /** Reads sequences from their end. */
  reversed: boolean;
  /** How it pools the steps of a sequence; left out where it does not. */
  pooling?: Readout;
}

/** The weights of one projection (or a part of one), contiguous in the memory. */
export interface BlockLayout {
  /** `input -> forgetGate`. */
  name: string;
  /** Name of the source layer. */
  from: string;
  /** Name of the target layer. */
  to: string;
  /** `dense`: (rows, columns), row = target; `diagonal`: one per row; `sparse`: one per connection. */
  kind: 'dense' | 'diagonal' | 'sparse';
  /** First number in the memory. */
  offset: number;
  /** Count of numbers. */
  length: number;
  /** Target neurons; 1 for sparse blocks. */
  rows: number;
  /** Weights per row. */
  columns: number;
  /**
   * Delays of a dense block that reads several steps, or steps before: a row then has the weights of one delay after
   * the other. Left out where this step is read, or the one before where the sources come later.
   */
  delays?: readonly number[];
  /** Name of the gating layer, if one gates the whole block. */
  gatedBy?: string;
}

/** Where everything lies in `Network.memory`. */
export interface NetworkLayout {
  /** Count of numbers in all. */
  length: number;
  /** The parts, in order. */
  parts: MemoryPart[];
  /** The layers, in the order of activation. */
  layers: LayerLayout[];
  /** The blocks of weights, in order. */
  blocks: BlockLayout[];
}
