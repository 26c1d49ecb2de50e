// Which graph a neuron lives in. Every new neuron starts a graph of its own; projecting or gating
// across two graphs joins them, and handles find their new place through the joined one.

import { Graph } from '../engine/core.js';
import { engine } from '../engine/engine.js';
import { CONNECTION_FIELDS, NEURON_FIELDS } from '../engine/generated/tables.js';
import { makingRoom, movedIn, movedOut, type Resident } from './residents.js';

/** A network whose values may be newer than the graph's, or older. */
export interface Holder {
  /** A worker or a synchronous run is training it. */
  readonly busy: boolean;
  /** Its memory is newer than the graph. */
  ahead: boolean;
  /** Its memory is older than the graph. */
  behind: boolean;
  /** A program or a worker has views of its memory, which must stay where it is. */
  readonly pinned: boolean;
  /** Bytes that it takes in the engine, about. */
  readonly bytes: number;
  /** Stores its memory in the graph. */
  store(): void;
  /** Forgets its memory: the graph has another shape now. */
  drop(): void;
  /** Takes its memory out of the engine, until it is used again. */
  moveOut(): void;
}

/** What a call that would change a network in training is told. */
export function busyError(call: string): TypeError {
  return new TypeError(`${call}: the network is being trained; wait for the run to end, or abort it`);
}

/** A handle of something in a graph. */
export interface Handle {
  readonly place: Place;
}

/** A graph outside of the engine, as rows of numbers (`src/graph/rows.rs`). */
export interface GraphRows {
  readonly neurons: Float64Array;
  readonly connections: Float64Array;
  /** What gaters know of what they gate; without it the gaters of the connections gate them as if new. */
  readonly relations?: Float64Array;
  /** Connections that are kept as matrices. */
  readonly matrices?: Float64Array;
  /** Activations of steps before, as far as delays reach. */
  readonly pasts?: Float64Array;
}

/** Numbers of rows that are handed over at once, so that a copy of them takes little memory. */
const AT_ONCE = CONNECTION_FIELDS * 2 ** 16;

function fromRows({ neurons, connections, relations, matrices, pasts }: GraphRows): Graph {
  const graph = Graph.ofNeurons(neurons);
  for (let start = 0; start < connections.length; start += AT_ONCE) {
    graph.connectRows(connections.subarray(start, start + AT_ONCE), relations === undefined);
  }
  if (relations !== undefined && relations.length > 0) graph.relate(relations);
  if (matrices !== undefined && matrices.length > 0) graph.takeMatrices(matrices);
  if (pasts !== undefined && pasts.length > 0) graph.takePasts(pasts);
  return graph;
}

/** Rows that are taken out at once: there may be no room for more, and room is what is wanted. */
const OUT_AT_ONCE = 64;

/** Rows that the engine gives in pieces. */
function inPieces(
  count: number,
  fields: number,
  rowsFrom: (first: number, count: number) => Float64Array,
): Float64Array {
  const rows = new Float64Array(count * fields);
  for (let first = 0; first < count; first += OUT_AT_ONCE) {
    rows.set(rowsFrom(first, Math.min(OUT_AT_ONCE, count - first)), first * fields);
  }
  return rows;
}

/** A graph, in the engine or outside of it, and the handles of what is in it. */
export class GraphHome implements Resident {
  #graph: Graph | undefined;
  /** The graph as it is; undefined while only the engine has that. */
  #rows: GraphRows | undefined;
  readonly neurons: (Handle | undefined)[] = [];
  readonly connections = new Map<number, Handle>();
  readonly holders = new Set<Holder>();
  /** The graph that took this one over, with the offsets of ids in it. */
  joined: { home: GraphHome; neurons: number; connections: number } | undefined;

  /** A home of rows, or of a graph in the engine; without either of an empty graph. */
  constructor(rows?: GraphRows, graph?: Graph) {
    engine();
    this.#rows = rows;
    if (rows !== undefined) return;
    this.#graph = graph ?? new Graph();
    this.measure();
  }

  /** The graph in the engine, which it comes to if need be. It stays there while no more than two others come. */
  get wasm(): Graph {
    const graph = this.reading;
    this.#rows = undefined;
    return graph;
  }

  /** The same, for what leaves the graph as it is. */
  get reading(): Graph {
    if (this.#graph === undefined) {
      const rows = this.#rows as GraphRows;
      this.#graph = makingRoom(() => fromRows(rows));
      // Matrices are spread by who only looks at their connections.
      if (rows.matrices !== undefined && rows.matrices.length > 0) this.#rows = undefined;
      this.measure();
    }
    return this.#graph;
  }

  /** Notes what it takes in the engine now. */
  measure(): void {
    if (this.#graph === undefined) return;
    let bytes = this.#graph.bytes();
    for (const holder of this.holders) {
      if (holder.pinned) return;
      bytes += holder.bytes;
    }
    movedIn(this, bytes);
  }

  /** Stays in the engine for good. */
  pin(): void {
    movedOut(this);
  }

  moveOut(): boolean {
    for (const holder of this.holders) if (holder.busy || holder.pinned) return false;
    const graph = this.#graph as Graph;
    try {
      this.#rows ??= {
        neurons: inPieces(graph.size(), NEURON_FIELDS, graph.neuronsFrom.bind(graph)),
        connections: inPieces(graph.connectionCount(), CONNECTION_FIELDS, graph.connectionsFrom.bind(graph)),
        relations: graph.relations(),
        matrices: graph.matrices(),
        pasts: graph.pasts(),
      };
      for (const holder of this.holders) holder.moveOut();
    } catch (error) {
      // There is no room for the copy.
      if (error instanceof RangeError) return false;
      throw error;
    }
    graph.free();
    this.#graph = undefined;
    return true;
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
    return this.reading;
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
  const [home, other] = a.reading.size() >= b.reading.size() ? [a, b] : [b, a];
  home.refuseWhileBusy(call);
  const moved = other.reshape(call);
  const [neurons = 0, connections = 0] = home.reshape(call).absorb(moved);
  moved.free();
  movedOut(other);
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
