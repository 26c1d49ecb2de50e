// Steps through a network, of a sequence that has states of its own: the network's context stays as it is.

import type { Steps } from '../data/set-builder.js';
import { Stream } from '../engine/core.js';
import { float64 } from '../engine/engine.js';
import { checkOutput, type LiveNetwork } from '../graph/live-network.js';
import { makingRoom } from '../graph/residents.js';
import type { Network } from './network.js';

/** A sequence on its way through a network, which answers to the bit as it does to whole sequences. */
export class Stepper {
  readonly #network: Network;
  #core: Stream | undefined;
  readonly #live: LiveNetwork;
  readonly #form: Steps['form'];
  /** Where the next step is written, if steps are rows. */
  row: Float64Array;
  /** The outputs after the last step. */
  outputs: Float64Array;

  /** A sequence that has not begun, or that of `begun`. */
  constructor(call: string, network: Network, form: Steps['form'], begun?: Stream) {
    this.#network = network;
    this.#form = form;
    const live = network.live(call);
    this.#live = live;
    const core = begun ?? makingRoom(() => new Stream(live.core, form));
    this.#core = core;
    this.row = float64(core.inputAddress(), form === 'rows' ? live.inputs : 0);
    this.outputs = float64(core.outputAddress(), live.outputs);
  }

  /** Refuses a stepper that was freed. */
  check(call: string): void {
    this.#usable(call);
  }

  #usable(call: string): Stream {
    if (this.#core === undefined) throw new TypeError(`${call}: the stream has been freed`);
    return this.#core;
  }

  /**
   * Reads a step: this code, or the row that was written.
   *
   * @param stays false for a step that the next one takes the place of.
   */
  push(call: string, code = 0, stays = true): Float64Array {
    const core = this.#usable(call);
    const live = this.#network.live(call);
    if (live !== this.#live || !core.push(live.core, code, stays)) {
      throw new TypeError(`${call}: the network has other layers than when the sequence began, expected the same`);
    }
    const { outputs } = this;
    for (let index = 0; index < outputs.length; index++) checkOutput(call, index, outputs[index] as number);
    return outputs;
  }

  /** A sequence that has read the same; to be freed. */
  copy(call: string): Stepper {
    return new Stepper(call, this.#network, this.#form, this.#usable(call).copy());
  }

  /** The next step begins a sequence. */
  reset(call: string): void {
    this.#usable(call).reset();
  }

  /** Gives the engine's memory back. */
  free(): void {
    this.#core?.free();
    this.#core = undefined;
    // Nobody writes to, or reads, what the engine has given to others.
    this.row = new Float64Array();
    this.outputs = new Float64Array();
  }
}
