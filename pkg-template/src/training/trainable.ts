// What a trainer needs of a network.

import type { LiveNetwork } from '../graph/live-network.js';

/** Something that a {@link Trainer} can train: a {@link Network}. */
export interface Trainable {
  /** Number of inputs. */
  inputs(): number;
  /** Number of outputs. */
  outputs(): number;
  /** Activates the network for one step and gives its outputs. */
  activate(input: ArrayLike<number>): number[];
  /** Learns from the target of the last activation. */
  propagate(rate: number | undefined, target: ArrayLike<number>): void;
  /** The network as plain data of a format. */
  toJSON(format: 2): unknown;
  /** @internal The network in the engine, lowered if need be. */
  live(call: string): LiveNetwork;
}
