// The layers of a network as Synaptic's JSON and back, checked field by field on the way in.

import { checkChoice, checkNumber, outOfRange, takeNumber, wrongType } from '../checks/errors.js';
import { isError } from '../checks/realm.js';
import {
  CONNECTION,
  CONNECTION_FIELDS,
  NEURON,
  NEURON_FIELDS,
  READOUTS,
  SQUASHES,
} from '../engine/generated/tables.js';
import { type CheckedBlock, checkBlock, numbersOf, poolingOf } from './dense-json.js';
import { GraphHome, gather } from './home.js';
import { Layer } from './layer.js';
import { inOrder, type LayerPosition, type NetworkLayers, neuronsOf } from './layers.js';
import { countConnections, Neuron } from './neuron.js';

/** Name of a squashing function. */
export type SquashName = (typeof SQUASHES)[number];

/** How a read-out pools the steps of a sequence. */
export type Readout = (typeof READOUTS)[number];

/** A neuron in a model file. */
export interface NeuronJSON {
  /** Empty; kept for Synaptic. */
  trace?: { elegibility: object; extended: object };
  state?: number;
  old?: number;
  activation?: number;
  bias: number;
  /** `'input'`, `'output'`, or the number of the hidden layer, from 0. */
  layer: LayerPosition;
  /** Name of the squashing function; the logistic for null. */
  squash: SquashName | null;
  /** engram: the bias does not learn. */
  fixed?: boolean;
  /** engram: the neuron reads sequences from their end. */
  reversed?: boolean;
  /**
   * engram: the neuron pools the steps of a sequence in this way. Its `state` is then the weight of what it has read,
   * its `old` the largest score, its `activation` the pool.
   */
  pooling?: Readout;
  /** engram: position of the neuron whose activation scores the steps, for `'attention'`. */
  score?: number;
}

/** A connection in a model file. */
export interface ConnectionJSON {
  /** Position of the source in `neurons`. */
  from: number;
  /** Position of the target. */
  to: number;
  weight: number;
  /** Position of the gater, or null. */
  gater: number | null;
  /** engram: the weight does not learn. */
  fixed?: boolean;
}

/** A model file of format 1, which is Synaptic's with additions. */
export interface NetworkJSON {
  /** Format of the file; 1. Synaptic's files have none. */
  engram?: 1;
  neurons: NeuronJSON[];
  connections: ConnectionJSON[];
  /** engram: names of the layers, in the order of activation. */
  layers?: string[];
}

/** Most neurons and connections that a file may have. */
const MAX_NEURONS = 2 ** 20;
const MAX_CONNECTIONS = 2 ** 25;

const CALL = 'Network.fromJSON';

/** @internal */
export function layersToJSON(of: NetworkLayers): NetworkJSON {
  const list = neuronsOf(of);
  const { home, ids } = gather(
    'Network.toJSON',
    list.map(({ neuron }) => neuron),
  );
  const own = ids[0] as Uint32Array;
  const graph = home.read();
  const fields = graph.neurons(own);
  const position = new Map(Array.from(own, (id, index) => [id, index]));
  const neurons = list.map(({ layer }, index): NeuronJSON => {
    const field = (column: number): number => fields[index * NEURON_FIELDS + column] ?? 0;
    return {
      trace: { elegibility: {}, extended: {} },
      state: field(NEURON.state),
      old: field(NEURON.old),
      activation: field(NEURON.activation),
      bias: field(NEURON.bias),
      layer,
      squash: SQUASHES[field(NEURON.squash)] ?? null,
      ...(field(NEURON.fixed) ? { fixed: true } : {}),
      ...(field(NEURON.reversed) ? { reversed: true } : {}),
      ...poolingOf(field(NEURON.pooling), position.get(field(NEURON.score))),
    };
  });
  const connections: ConnectionJSON[] = [];
  for (const id of own) {
    const selfConnection = graph.selfConnection(id);
    const leaving = [...graph.projected(id), ...(selfConnection === undefined ? [] : [selfConnection])];
    const edges = graph.connections(Uint32Array.from(leaving));
    for (let start = 0; start < edges.length; start += CONNECTION_FIELDS) {
      const field = (column: number): number => edges[start + column] ?? 0;
      const to = position.get(field(CONNECTION.to));
      if (to === undefined) continue;
      const gater = field(CONNECTION.gater);
      connections.push({
        from: position.get(field(CONNECTION.from)) ?? 0,
        to,
        weight: field(CONNECTION.weight),
        gater: gater < 0 ? null : (position.get(gater) ?? null),
        ...(field(CONNECTION.fixed) ? { fixed: true } : {}),
      });
    }
  }
  const layers = inOrder(of);
  return {
    engram: 1,
    neurons,
    connections,
    ...(layers.some((layer) => layer.name !== undefined) ? { layers: layers.map((layer) => layer.name ?? '') } : {}),
  };
}

function object(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(CALL, field, 'an object', value);
  }
  return value as Record<string, unknown>;
}

function list(field: string, value: unknown, most: number): unknown[] {
  if (!Array.isArray(value)) throw wrongType(CALL, field, 'an array', value);
  if (value.length > most)
    throw new RangeError(`${CALL}: ${field} has ${value.length} entries, at most ${most} are allowed`);
  // Holes become undefined, which is refused; methods of arrays would pass over them.
  return Array.from(value);
}

interface CheckedNeuron {
  layer: LayerPosition;
  fields: number[];
}

/** Fields of a neuron that can be set. */
const SET_FIELDS = 9;

/** Code of a neuron's pooling, and the neuron that scores. */
function checkPooling(field: string, { pooling, score }: Record<string, unknown>, count: number): [number, number] {
  if (pooling === undefined || pooling === null) return [0, -1];
  const code = READOUTS.indexOf(checkChoice(CALL, `${field}.pooling`, pooling, READOUTS)) + 1;
  if (pooling !== 'attention') return [code, -1];
  return [code, checkNumber(CALL, `${field}.score`, score, { min: 0, max: count - 1, integer: true })];
}

function checkNeuron(field: string, value: unknown, count: number): CheckedNeuron {
  const neuron = object(field, value);
  const number = (name: string, required = false): number =>
    neuron[name] === undefined && !required ? 0 : checkNumber(CALL, `${field}.${name}`, neuron[name]);
  const { layer, squash } = neuron;
  if (layer !== 'input' && layer !== 'output') {
    const given = typeof layer === 'string' && /^\d+$/.test(layer) ? Number(layer) : layer;
    if (typeof given !== 'number') throw wrongType(CALL, `${field}.layer`, "'input', 'output' or a number", layer);
    checkNumber(CALL, `${field}.layer`, given, { min: 0, max: count, integer: true });
  }
  const code = squash === null || squash === undefined ? 0 : SQUASHES.indexOf(squash as SquashName);
  if (code < 0) throw outOfRange(CALL, `${field}.squash`, `null or one of ${SQUASHES.join(', ')}`, squash);
  return {
    layer: layer === 'input' || layer === 'output' ? layer : Number(layer),
    fields: [
      number('bias', true),
      number('state'),
      number('old'),
      number('activation'),
      code,
      neuron.fixed === true ? 1 : 0,
      neuron.reversed === true ? 1 : 0,
      ...checkPooling(field, neuron, count),
    ],
  };
}

/** The neurons of a file of format 2, of which each run is so many. */
function checkRuns(value: unknown): CheckedNeuron[] {
  const runs = list('json.neurons', value, MAX_NEURONS).map((entry, index) => {
    const field = `json.neurons[${index}]`;
    const run = object(field, entry);
    const count = checkNumber(CALL, `${field}.count`, run.count, { min: 1, max: MAX_NEURONS, integer: true });
    return { field, run, count };
  });
  const total = runs.reduce((sum, { count }) => sum + count, 0);
  if (total > MAX_NEURONS) {
    throw new RangeError(`${CALL}: json.neurons has ${total} neurons, at most ${MAX_NEURONS} are allowed`);
  }
  return runs.flatMap(({ field, run, count }) => {
    const biases = numbersOf(`${field}.biases`, run.biases, count);
    const context = run.context === undefined ? undefined : numbersOf(`${field}.context`, run.context, 3 * count);
    const kind = checkNeuron(field, { ...run, bias: 0, state: 0, old: 0, activation: 0 }, total);
    return Array.from(biases, (bias, index): CheckedNeuron => {
      const own = context?.subarray(3 * index, 3 * index + 3) ?? [0, 0, 0];
      return { layer: kind.layer, fields: [bias, ...own, ...kind.fields.slice(4)] };
    });
  });
}

/** @internal */
export function layersFromJSON(value: unknown): Required<NetworkLayers> {
  const json = object('json', value);
  const { engram } = json;
  if (engram !== undefined && engram !== 1 && engram !== 2) {
    throw outOfRange(CALL, 'json.engram', '1 or 2 (the formats that this version reads)', engram);
  }
  let neurons: CheckedNeuron[];
  if (engram === 2) neurons = checkRuns(json.neurons);
  else {
    const given = list('json.neurons', json.neurons, MAX_NEURONS);
    neurons = given.map((neuron, index) => checkNeuron(`json.neurons[${index}]`, neuron, given.length));
  }
  const end = neurons.length - 1;
  const connections = list('json.connections', json.connections, MAX_CONNECTIONS).map((entry, index) => {
    const field = `json.connections[${index}]`;
    const connection = object(field, entry);
    const neuron = (name: string) =>
      takeNumber(CALL, `${field}.${name}`, connection[name], { min: 0, max: end, integer: true });
    const gated = connection.gater !== null && connection.gater !== undefined;
    return {
      from: neuron('from'),
      to: neuron('to'),
      weight: checkNumber(CALL, `${field}.weight`, connection.weight),
      gater: gated ? neuron('gater') : null,
      fixed: connection.fixed === true,
    };
  });
  const blocks = engram === 2 ? list('json.blocks', json.blocks, MAX_CONNECTIONS) : [];
  const checked = blocks.map((block, index) => checkBlock(`json.blocks[${index}]`, block, neurons.length));
  for (const layer of ['input', 'output'] as const) {
    if (!neurons.some((neuron) => neuron.layer === layer)) {
      throw new RangeError(`${CALL}: json.neurons has none with layer '${layer}', expected at least one`);
    }
  }
  const names = json.layers === undefined ? [] : list('json.layers', json.layers, neurons.length + 2);

  const home = new GraphHome();
  home.wasm.addNeurons(neurons.length);
  const ids = Uint32Array.from(neurons, (_, index) => index);
  home.wasm.setNeurons(ids, fieldsOf(neurons));
  const selfConnected = new Set<number>();
  for (const { from, to, weight, gater, fixed } of connections) {
    if (from === to && selfConnected.has(from)) continue;
    if (from === to) selfConnected.add(from);
    const id = home.wasm.connect(from, to, from === to ? 1 : weight, fixed);
    if (gater !== null) home.wasm.gateConnection(gater, id);
  }
  countConnections(connections.length);
  connectBlocks(home, checked);

  const handles = neurons.map((_, index) => new Neuron(home, index));
  const layerOf = (name: LayerPosition) => new Layer(handles.filter((_, index) => neurons[index]?.layer === name));
  const numbers = [...new Set(neurons.map(({ layer }) => layer))].filter((layer) => typeof layer === 'number');
  const hidden = groupHidden(
    handles,
    neurons,
    numbers.sort((a, b) => a - b),
  );
  const layers = { input: layerOf('input'), hidden, output: layerOf('output') };
  inOrder(layers).forEach((layer, index) => {
    const name = names[index];
    if (typeof name === 'string' && name !== '') layer.name = name;
  });
  return layers;
}

function fieldsOf(neurons: CheckedNeuron[]): Float64Array {
  const fields = new Float64Array(neurons.length * SET_FIELDS);
  neurons.forEach((neuron, index) => fields.set(neuron.fields, index * SET_FIELDS));
  return fields;
}

/** Connects blocks; what gates comes first, since no gater's connections are kept as a matrix. */
function connectBlocks(home: GraphHome, blocks: CheckedBlock[]): void {
  const gated = ({ gater }: CheckedBlock) => Number(gater !== undefined);
  for (const block of [...blocks].sort((a, b) => gated(b) - gated(a))) {
    const { from, to, weights, fixed, gater, bySource } = block;
    try {
      home.wasm.connectAll(...from, ...to, weights, fixed, gater, bySource);
    } catch (error) {
      const field = `json.blocks[${blocks.indexOf(block)}]`;
      if (isError(error)) error.message = `${CALL}: ${field}: ${error.message}`;
      throw error;
    }
    countConnections(weights.length);
  }
}

function groupHidden(handles: Neuron[], neurons: CheckedNeuron[], numbers: number[]): Layer[] {
  const groups = new Map<number, Neuron[]>(numbers.map((number) => [number, []]));
  handles.forEach((handle, index) => {
    const layer = neurons[index]?.layer;
    if (typeof layer === 'number') groups.get(layer)?.push(handle);
  });
  return [...groups.values()].map((group) => new Layer(group));
}
