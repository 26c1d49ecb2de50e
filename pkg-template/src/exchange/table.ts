// A network's graph as flat arrays, in one order whatever the order in which it was built: for those who compare
// networks, and write them down in other forms.

import { CONNECTION, CONNECTION_FIELDS, NEURON, NEURON_FIELDS } from '../engine/generated/tables.js';
import type { GraphHome } from '../graph/home.js';
import { inOrder, type NetworkLayers } from '../graph/layers.js';
import { library } from './realm.js';

/** A layer of a {@link GraphTable}. */
export interface TableLayer {
  /** Its name, if it has one. */
  name: string | undefined;
  /** Its first neuron. */
  first: number;
  /** Number of neurons. */
  size: number;
}

/** A network's graph. Neurons are numbered in the order of activation; connections go by target, then by source. */
export interface GraphTable {
  layers: TableLayer[];
  /** (neurons): bias of each. */
  bias: Float64Array;
  /** (neurons): code of each squashing function, its place in `SQUASHES`. */
  squash: Uint8Array;
  /** (neurons): 1 where the bias does not learn. */
  fixedBias: Uint8Array;
  /** (neurons): 1 where the neuron reads sequences from their end. */
  reversed: Uint8Array;
  /** (neurons): how the neuron pools the steps, its place in `READOUTS` from 1; 0 for most, which do not. */
  pooling: Uint8Array;
  /** (neurons): the neuron that scores the steps which this one pools, -1 for none. */
  score: Int32Array;
  /** (neurons): what a neuron multiplies connections by that it gates, before it has fired once. */
  gain: Float64Array;
  /** (neurons + 1): first connection into each neuron; the last number is how many there are. */
  start: Uint32Array;
  /** (connections): source. */
  from: Uint32Array;
  /** (connections): gating neuron, -1 for none. */
  gater: Int32Array;
  /** (connections): weight; 1 where source and target are one. */
  weight: Float64Array;
  /** (connections): 1 where the weight does not learn. */
  fixed: Uint8Array;
}

interface Found {
  home: GraphHome;
  ids: Uint32Array;
  /** Connections in the table's order, and the columns of each. */
  connections: Uint32Array;
  fields: Float64Array;
  position: Map<number, number>;
}

function find(call: string, layers: NetworkLayers): Found {
  const { home, ids } = library().gather(
    call,
    inOrder(layers).flatMap((layer) => layer.list),
  );
  const own = ids[0] as Uint32Array;
  const graph = home.read();
  const position = new Map(Array.from(own, (id, index) => [id, index]));
  const entering = Array.from(own, (id) => {
    const self = graph.selfConnection(id);
    return [...graph.incoming(id), ...(self === undefined ? [] : [self])];
  });
  const columns = graph.connections(Uint32Array.from(entering.flat()));
  const connections = new Uint32Array(columns.length / CONNECTION_FIELDS);
  const fields = new Float64Array(columns.length);
  let at = 0;
  for (const list of entering) {
    const sources = list.map((id, index) => {
      const row = (at + index) * CONNECTION_FIELDS;
      const source = position.get(columns[row + CONNECTION.from] as number);
      const gater = columns[row + CONNECTION.gater] as number;
      if (columns[row + CONNECTION.delay] !== 0) {
        throw new TypeError(`${call}: the network has connections with delays, which only engram's own files hold`);
      }
      if (source === undefined || (gater >= 0 && !position.has(gater))) {
        throw new TypeError(`${call}: a neuron of the network reads, or is gated by, one outside of it`);
      }
      return { id, row, source };
    });
    sources.sort((a, b) => a.source - b.source);
    sources.forEach(({ id, row }, index) => {
      connections[at + index] = id;
      fields.set(columns.subarray(row, row + CONNECTION_FIELDS), (at + index) * CONNECTION_FIELDS);
    });
    at += list.length;
  }
  return { home, ids: own, connections, fields, position };
}

/**
 * The graph of a network.
 *
 * @throws TypeError where it depends on neurons outside of the network.
 */
export function tableOf(call: string, layers: NetworkLayers): GraphTable {
  const { home, ids, fields, position } = find(call, layers);
  const graph = home.read();
  const columns = graph.neurons(ids);
  const neuron = <T>(
    of: { from(list: ArrayLike<number>, map: (id: number, index: number) => number): T },
    which: number,
  ) => of.from(ids, (_, index) => columns[index * NEURON_FIELDS + which] as number);
  const count = fields.length / CONNECTION_FIELDS;
  const at = (index: number, which: number): number => fields[index * CONNECTION_FIELDS + which] as number;
  const indices = { length: count };
  const connection = <T>(
    of: { from(list: ArrayLike<number>, map: (_: number, index: number) => number): T },
    which: number,
  ) => of.from(indices as ArrayLike<number>, (_, index) => at(index, which));
  const place = (id: number): number => position.get(id) ?? -1;
  const start = new Uint32Array(ids.length + 1);
  for (let index = 0; index < count; index++) {
    const target = place(at(index, CONNECTION.to)) + 1;
    start[target] = (start[target] ?? 0) + 1;
  }
  for (let index = 0; index < ids.length; index++) start[index + 1] = (start[index + 1] ?? 0) + (start[index] ?? 0);
  const gain = new Float64Array(ids.length).fill(1);
  for (let index = 0; index < count; index++) {
    const gater = place(at(index, CONNECTION.gater));
    // An input never fires, so what it multiplies by stays what it was.
    if (gater >= 0 && gater < layers.input.size) gain[gater] = at(index, CONNECTION.gain);
  }
  let first = 0;
  const named = inOrder(layers).map(({ name, size }) => {
    first += size;
    return { name, first: first - size, size };
  });
  return {
    layers: named,
    bias: neuron(Float64Array, NEURON.bias),
    squash: neuron(Uint8Array, NEURON.squash),
    fixedBias: neuron(Uint8Array, NEURON.fixed),
    reversed: neuron(Uint8Array, NEURON.reversed),
    pooling: neuron(Uint8Array, NEURON.pooling),
    score: neuron(Int32Array, NEURON.score).map(place),
    gain,
    start,
    from: Uint32Array.from(indices as ArrayLike<number>, (_, index) => place(at(index, CONNECTION.from))),
    gater: Int32Array.from(indices as ArrayLike<number>, (_, index) => place(at(index, CONNECTION.gater))),
    weight: connection(Float64Array, CONNECTION.weight),
    fixed: connection(Uint8Array, CONNECTION.fixed),
  };
}

/** Gives a network the biases and weights of a table of its graph, in its order. */
export function takeTable(
  call: string,
  layers: NetworkLayers,
  { bias, weight }: Pick<GraphTable, 'bias' | 'weight'>,
): void {
  const { home, ids, connections } = find(call, layers);
  const graph = home.change(call);
  const rows = graph.neurons(ids);
  for (let index = 0; index < ids.length; index++) rows[index * NEURON_FIELDS + NEURON.bias] = bias[index] as number;
  graph.setNeurons(ids, rows);
  connections.forEach((id, index) => graph.setWeight(id, weight[index] as number));
}
