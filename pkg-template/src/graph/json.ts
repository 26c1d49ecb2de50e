// The layers of a network as Synaptic's JSON and back, checked field by field on the way in.

import { checkChoice, checkNumber, outOfRange, takeNumber, wrongType } from '../checks/errors.js';
import {
  CONNECTION,
  CONNECTION_FIELDS,
  NEURON,
  NEURON_FIELDS,
  READOUTS,
  SQUASHES,
} from '../engine/generated/tables.js';
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

/** A model file. */
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

/** What a file says of a neuron's pooling, by the engine's code. */
function poolingOf(code: number, score: number | undefined): Pick<NeuronJSON, 'pooling' | 'score'> {
  const pooling = READOUTS[code - 1];
  return { ...(pooling === undefined ? {} : { pooling }), ...(score === undefined ? {} : { score }) };
}

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

/** Code of a neuron's pooling, and the neuron that scores. */
function checkPooling(field: string, { pooling, score }: Record<string, unknown>, count: number): [number, number] {
  if (pooling === undefined || pooling === null) return [0, -1];
  const code = READOUTS.indexOf(checkChoice(CALL, `${field}.pooling`, pooling, READOUTS)) + 1;
  if (pooling !== 'attention') return [code, -1];
  return [code, checkNumber(CALL, `${field}.score`, score, { min: 0, max: count - 1, integer: true })];
}

function checkNeuron(value: unknown, index: number, count: number): CheckedNeuron {
  const field = `json.neurons[${index}]`;
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

/** @internal */
export function layersFromJSON(value: unknown): Required<NetworkLayers> {
  const json = object('json', value);
  if (json.engram !== undefined && json.engram !== 1) {
    throw outOfRange(CALL, 'json.engram', '1 (the format that this version reads)', json.engram);
  }
  const given = list('json.neurons', json.neurons, MAX_NEURONS);
  const neurons = given.map((neuron, index) => checkNeuron(neuron, index, given.length));
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
  for (const layer of ['input', 'output'] as const) {
    if (!neurons.some((neuron) => neuron.layer === layer)) {
      throw new RangeError(`${CALL}: json.neurons has none with layer '${layer}', expected at least one`);
    }
  }
  const names = json.layers === undefined ? [] : list('json.layers', json.layers, neurons.length + 2);

  const home = new GraphHome();
  home.wasm.addNeurons(neurons.length);
  const ids = Uint32Array.from(neurons, (_, index) => index);
  home.wasm.setNeurons(ids, Float64Array.from(neurons.flatMap(({ fields }) => fields)));
  const selfConnected = new Set<number>();
  for (const { from, to, weight, gater, fixed } of connections) {
    if (from === to && selfConnected.has(from)) continue;
    if (from === to) selfConnected.add(from);
    const id = home.wasm.connect(from, to, from === to ? 1 : weight, fixed);
    if (gater !== null) home.wasm.gateConnection(gater, id);
  }
  countConnections(connections.length);

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

function groupHidden(handles: Neuron[], neurons: CheckedNeuron[], numbers: number[]): Layer[] {
  const groups = new Map<number, Neuron[]>(numbers.map((number) => [number, []]));
  handles.forEach((handle, index) => {
    const layer = neurons[index]?.layer;
    if (typeof layer === 'number') groups.get(layer)?.push(handle);
  });
  return [...groups.values()].map((group) => new Layer(group));
}
