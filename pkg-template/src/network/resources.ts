// What a network has in the engine, whoever made the object that it is.

import { Anchor } from '../graph/inheritance.js';
import type { LiveNetwork } from '../graph/live-network.js';

/**
 * What a network has in the engine. Each object has one of its own, from its first use on, also where it inherits from
 * a network and no constructor has run on it.
 */
export class Resources extends Anchor {
  #live: LiveNetwork | null = null;
  #freed = false;

  static #of(network: object): Resources {
    return #live in network ? (network as Resources) : new Resources(network);
  }

  /** The network in the engine, if it was lowered, whether or not it still fits. */
  static live(network: object): LiveNetwork | null {
    return Resources.#of(network).#live;
  }

  /** The same, to work with. */
  static usable(call: string, network: object): LiveNetwork | null {
    // What every step asks for comes first.
    if (#live in network && (network as Resources).#live !== null) return (network as Resources).#live;
    const own = Resources.#of(network);
    if (own.#freed) throw new TypeError(`${call}: the network has been freed`);
    return own.#live;
  }

  static setLive(network: object, live: LiveNetwork): void {
    Resources.#of(network).#live = live;
  }

  static free(network: object): void {
    const own = Resources.#of(network);
    own.#live = null;
    own.#freed = true;
  }
}
