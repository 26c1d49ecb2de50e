// Which graph a neuron lives in. Every new neuron starts a graph of its own; projecting or gating
// across two graphs joins them, and handles find their new place through the joined one.

import { Graph } from '../engine/core.js';
import { engine } from '../engine/engine.js';

/** A network whose values may be newer than the graph's, or older. */
export interface Holder {
  /** A worker or a synchronous run is training it. */
  readonly busy: boolean;
  /** Its memory is newer than the graph. */
  ahead: boolean;
  /** Its memory is older than the graph. */
  behind: boolean;
  /** Stores its memory in the graph. */
  store(): void;
  /** Forgets its memory: the graph has another shape now. */
  drop(): void;
}

/** What a call that would change a network in training is told. */
export function busyError(call: string): TypeError {
  return new TypeError(`${call}: the network is being trained; wait for the run to end, or abort it`);
}

/** A handle of something in a graph. */
export interface Handle {
  readonly place: Place;
}

/** A graph of the engine, and the handles of what is in it. */
export class GraphHome {
  readonly wasm: Graph;
  readonly neurons: (Handle | undefined)[] = [];
  readonly connections = new Map<number, Handle>();
  readonly holders = new Set<Holder>();
  /** The graph that took this one over, with the offsets of ids in it. */
  joined: { home: GraphHome; neurons: number; connections: number } | undefined;

  constructor(wasm?: Graph) {
    engine();
    this.wasm = wasm ?? new Graph();
  }

  /** Throws where something here is in training; `call` names who asks. */
  refuseWhileBusy(call: string): void {
    for (const holder of this.holders) {
      if (holder.busy) throw busyError(call);
    }
  }

  /** Brings the graph's values up to date, for reading. */
  read(): Graph {
    for (const holder of this.holders) {
      if (holder.ahead) {
        holder.store();
        holder.ahead = holder.busy;
      }
    }
    return this.wasm;
  }

  /** Brings the graph's values up to date, for changing some of them. */
  change(call: string): Graph {
    this.refuseWhileBusy(call);
    this.read();
    for (const holder of this.holders) holder.behind = true;
    return this.wasm;
  }

  /** Brings the graph's values up to date, for changing its shape. */
  reshape(call: string): Graph {
    this.refuseWhileBusy(call);
    this.read();
    for (const holder of this.holders) holder.drop();
    this.holders.clear();
    return this.wasm;
  }
}

/** Where something is: its graph, and its id there. */
export interface Place {
  home: GraphHome;
  id: number;
}

/** Follows joins to where a neuron or connection is now. */
export function follow(place: Place, what: 'neurons' | 'connections'): Place {
  while (place.home.joined !== undefined) {
    place.id += place.home.joined[what];
    place.home = place.home.joined.home;
  }
  return place;
}

/** Joins the graphs of two places into one, the smaller into the larger; gives it. */
export function join(call: string, a: GraphHome, b: GraphHome): GraphHome {
  if (a === b) return a;
  const [home, other] = a.wasm.size() >= b.wasm.size() ? [a, b] : [b, a];
  home.refuseWhileBusy(call);
  const moved = other.reshape(call);
  const [neurons = 0, connections = 0] = home.reshape(call).absorb(moved);
  other.joined = { home, neurons, connections };
  other.neurons.forEach((neuron, id) => {
    home.neurons[neurons + id] = neuron;
  });
  for (const [id, connection] of other.connections) home.connections.set(connections + id, connection);
  other.neurons.length = 0;
  other.connections.clear();
  return home;
}

/** Joins the graphs of many neurons, given in groups; gives the graph and, group by group, the neurons' ids in it. */
export function gather(
  call: string,
  ...groups: readonly (readonly Handle[])[]
): { home: GraphHome; ids: Uint32Array[] } {
  const all = groups.flat();
  const first = all[0];
  if (first === undefined) return { home: new GraphHome(), ids: groups.map(() => new Uint32Array()) };
  let home = first.place.home;
  for (const neuron of all) home = join(call, home, neuron.place.home);
  return { home, ids: groups.map((group) => Uint32Array.from(group, (neuron) => neuron.place.id)) };
}
