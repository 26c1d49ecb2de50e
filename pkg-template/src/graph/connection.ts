// A handle of one weighted edge.

import { checkNumber } from '../checks/errors.js';
import { follow, type GraphHome, type Place } from './home.js';
import type { Neuron } from './neuron.js';

let made = 0;

/** A connection from one neuron to another, or from a neuron to itself. */
export class Connection {
  /** Number of this handle, unique in the program. */
  readonly ID: number = Connection.uid();
  readonly #place: Place;

  /** @internal */
  constructor(home: GraphHome, id: number) {
    this.#place = { home, id };
  }

  /** @internal */
  get place(): Place {
    return follow(this.#place, 'connections');
  }

  /** The next free number. */
  static uid(): number {
    return made++;
  }

  #field(index: number): number {
    const { home, id } = this.place;
    return home.settle().connections(Uint32Array.of(id))[index] ?? 0;
  }

  #neuron(index: number): Neuron {
    const neuron = this.place.home.neurons[this.#field(index)];
    if (neuron === undefined) throw new Error('Connection: its neuron has no handle');
    return neuron;
  }

  /** Where it starts. */
  get from(): Neuron {
    return this.#neuron(0);
  }

  /** Where it ends. */
  get to(): Neuron {
    return this.#neuron(1);
  }

  /** Its weight; always 1 for a self-connection. */
  get weight(): number {
    return this.#field(2);
  }

  set weight(weight: number) {
    const call = 'Connection.weight';
    checkNumber(call, 'weight', weight);
    if (this.from === this.to) {
      if (weight === 1) return;
      throw new RangeError(`${call}: weight is ${weight}, a self-connection weighs 1`);
    }
    const { home, id } = this.place;
    home.change(call).setWeight(id, weight);
  }

  /** The neuron that gates it, or null. */
  get gater(): Neuron | null {
    return this.#field(3) < 0 ? null : this.#neuron(3);
  }

  /** What its gater multiplies it by now; 1 without a gater. */
  get gain(): number {
    return this.#field(5);
  }

  /** True for a connection that keeps its weight in training. */
  get fixed(): boolean {
    return this.#field(4) !== 0;
  }
}

/** @internal The handle of a connection, the same at every call. */
export function connectionAt(home: GraphHome, id: number): Connection {
  let connection = home.connections.get(id);
  if (connection === undefined) {
    connection = new Connection(home, id);
    home.connections.set(id, connection);
  }
  return connection;
}
