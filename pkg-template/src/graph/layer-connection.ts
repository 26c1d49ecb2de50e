// A projection of one layer onto another.

import { type Connection, connectionAt } from './connection.js';
import { follow, type GraphHome, type Place } from './home.js';
import type { ConnectionType, GateType, Layer } from './layer.js';

let made = 0;

/** All connections that one call of `project` made between two layers. */
export class LayerConnection {
  /** Number of this projection, unique in the program. */
  readonly ID: number = LayerConnection.uid();
  /** Whether the layer projects onto itself. */
  readonly selfconnection: boolean;
  /** Number of connections. */
  readonly size: number;
  /** The layers that gate it. */
  readonly gatedfrom: { layer: Layer; type: GateType }[] = [];
  readonly #first: Place;
  readonly #offsets: Uint32Array;

  /** @internal */
  constructor(
    /** The layer it starts from. */
    readonly from: Layer,
    /** The layer it ends at. */
    readonly to: Layer,
    /** How neurons are paired. */
    readonly type: ConnectionType,
    home: GraphHome,
    ids: Uint32Array,
  ) {
    this.selfconnection = from === to;
    this.size = ids.length;
    this.#first = { home, id: 0 };
    this.#offsets = ids;
  }

  /** The next free number. */
  static uid(): number {
    return made++;
  }

  /** @internal The graph and the ids of its connections there. */
  get place(): { home: GraphHome; ids: Uint32Array } {
    const { home, id } = follow(this.#first, 'connections');
    return { home, ids: this.#offsets.map((offset) => offset + id) };
  }

  /** The connections, source by source. */
  get list(): Connection[] {
    const { home, ids } = this.place;
    return Array.from(ids, (id) => connectionAt(home, id));
  }

  /** The connections by their ID. */
  get connections(): Record<number, Connection> {
    return Object.fromEntries(this.list.map((connection) => [connection.ID, connection]));
  }
}
