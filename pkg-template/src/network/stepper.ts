// Steps through a network, of a sequence that has states of its own: the network's context stays as it is.

import type { Steps } from '../data/set-builder.js';
import { Stream } from '../engine/core.js';
import { float64 } from '../engine/engine.js';
import { checkOutput } from '../graph/live-network.js';
import { makingRoom } from '../graph/residents.js';
import type { Network } from './network.js';

/** A sequence on its way through a network, which answers to the bit as it does to whole sequences. */
export class Stepper {
  readonly #network: Network;
  readonly #core: Stream;
  /** Where the next step is written, if steps are rows. */
  readonly row: Float64Array;
  /** The outputs after the last step. */
  readonly outputs: Float64Array;

  private constructor(network: Network, core: Stream, sizes: { inputs: number; outputs: number }) {
    this.#network = network;
    this.#core = core;
    this.row = float64(core.inputAddress(), sizes.inputs);
    this.outputs = float64(core.outputAddress(), sizes.outputs);
  }

  /** A sequence that has not begun. */
  static of(call: string, network: Network, form: Steps['form']): Stepper {
    const live = network.live(call);
    const core = makingRoom(() => new Stream(live.core, form));
    return new Stepper(network, core, { inputs: form === 'rows' ? live.inputs : 0, outputs: live.outputs });
  }

  /**
   * Reads a step: this code, or the row that was written.
   *
   * @param stays false for a step that the next one takes the place of.
   */
  push(call: string, code = 0, stays = true): Float64Array {
    if (!this.#core.push(this.#network.live(call).core, code, stays)) {
      throw new TypeError(`${call}: the network has other layers than when the sequence began, expected the same`);
    }
    const { outputs } = this;
    for (let index = 0; index < outputs.length; index++) checkOutput(call, index, outputs[index] as number);
    return outputs;
  }

  /** A sequence that has read the same. */
  copy(): Stepper {
    return new Stepper(this.#network, this.#core.copy(), { inputs: this.row.length, outputs: this.outputs.length });
  }

  /** The next step begins a sequence. */
  reset(): void {
    this.#core.reset();
  }

  /** Gives the engine's memory back. */
  free(): void {
    this.#core.free();
  }
}
