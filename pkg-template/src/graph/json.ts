// The layers of a network as Synaptic's JSON and back, checked field by field on the way in.

import {
  checkChoice,
  checkEntries,
  checkNumber,
  checkObject,
  outOfRange,
  takeNumber,
  wrongType,
} from '../checks/errors.js';
import { isError } from '../checks/realm.js';
import {
  CONNECTION,
  CONNECTION_FIELDS,
  MAX_DELAY,
  NEURON,
  NEURON_FIELDS,
  READOUTS,
  SQUASHES,
} from '../engine/generated/tables.js';
import { type CheckedBlock, checkBlock, checkDelay, numbersOf, pastsOf, poolingOf } from './dense-json.js';
import { GraphHome, gather } from './home.js';
import type { ConnectionJSON, NetworkJSON, NeuronJSON, SquashName } from './json-types.js';
import { Layer } from './layer.js';
import { inOrder, type LayerPosition, type NetworkLayers, neuronsOf } from './layers.js';
import { countConnections, Neuron } from './neuron.js';

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
  const pasts = pastsOf(graph);
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
      ...pasts.get(own[index] as number),
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
        ...(field(CONNECTION.delay) ? { delay: field(CONNECTION.delay) } : {}),
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

interface CheckedNeuron {
  layer: LayerPosition;
  fields: number[];
  past: ArrayLike<number>;
}

/** Code of a neuron's pooling, and the neuron that scores. */
function checkPooling(field: string, { pooling, score }: Record<string, unknown>, count: number): [number, number] {
  if (pooling === undefined || pooling === null) return [0, -1];
  const code = READOUTS.indexOf(checkChoice(CALL, `${field}.pooling`, pooling, READOUTS)) + 1;
  if (pooling !== 'attention') return [code, -1];
  return [code, checkNumber(CALL, `${field}.score`, score, { min: 0, max: count - 1, integer: true })];
}

/** Activations of steps before, of a neuron or of each of a run. */
function checkPast(field: string, past: unknown): ArrayLike<number> {
  if (past === undefined) return [];
  const given = checkEntries(CALL, `${field}.past`, past, MAX_DELAY);
  return given.map((value, index) => checkNumber(CALL, `${field}.past[${index}]`, value));
}

function checkNeuron(field: string, value: unknown, count: number): CheckedNeuron {
  const neuron = checkObject(CALL, field, value);
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
    past: checkPast(field, neuron.past),
  };
}

/** The neurons of a file of format 2, of which each run is so many. */
function checkRuns(value: unknown): CheckedNeuron[] {
  const runs = checkEntries(CALL, 'json.neurons', value, MAX_NEURONS).map((entry, index) => {
    const field = `json.neurons[${index}]`;
    const run = checkObject(CALL, field, entry);
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
    const steps = run.past === undefined ? [] : checkEntries(CALL, `${field}.past`, run.past, MAX_DELAY);
    const pasts = steps.map((step, index) => numbersOf(`${field}.past[${index}]`, step, count));
    const kind = checkNeuron(field, { ...run, bias: 0, state: 0, old: 0, activation: 0, past: undefined }, total);
    return Array.from(biases, (bias, index): CheckedNeuron => {
      const own = context?.subarray(3 * index, 3 * index + 3) ?? [0, 0, 0];
      return {
        layer: kind.layer,
        fields: [bias, ...own, ...kind.fields.slice(4)],
        past: pasts.map((step) => step[index] as number),
      };
    });
  });
}

/** @internal */
export function layersFromJSON(value: unknown): Required<NetworkLayers> {
  const json = checkObject(CALL, 'json', value);
  const { engram } = json;
  if (engram !== undefined && engram !== 1 && engram !== 2) {
    throw outOfRange(CALL, 'json.engram', '1 or 2 (the formats that this version reads)', engram);
  }
  let neurons: CheckedNeuron[];
  if (engram === 2) neurons = checkRuns(json.neurons);
  else {
    const given = checkEntries(CALL, 'json.neurons', json.neurons, MAX_NEURONS);
    neurons = given.map((neuron, index) => checkNeuron(`json.neurons[${index}]`, neuron, given.length));
  }
  const last = neurons.length - 1;
  const connections = checkEntries(CALL, 'json.connections', json.connections, MAX_CONNECTIONS).map((entry, index) => {
    const field = `json.connections[${index}]`;
    const connection = checkObject(CALL, field, entry);
    const neuron = (name: string) =>
      takeNumber(CALL, `${field}.${name}`, connection[name], { min: 0, max: last, integer: true });
    const gated = connection.gater !== null && connection.gater !== undefined;
    return {
      from: neuron('from'),
      to: neuron('to'),
      weight: checkNumber(CALL, `${field}.weight`, connection.weight),
      gater: gated ? neuron('gater') : null,
      fixed: connection.fixed === true,
      delay: checkDelay(`${field}.delay`, connection.delay),
    };
  });
  const blocks = engram === 2 ? checkEntries(CALL, 'json.blocks', json.blocks, MAX_CONNECTIONS) : [];
  const checked = blocks.map((block, index) => checkBlock(`json.blocks[${index}]`, block, neurons.length));
  for (const layer of ['input', 'output'] as const) {
    if (!neurons.some((neuron) => neuron.layer === layer)) {
      throw new RangeError(`${CALL}: json.neurons has none with layer '${layer}', expected at least one`);
    }
  }
  const names = json.layers === undefined ? [] : checkEntries(CALL, 'json.layers', json.layers, neurons.length + 2);

  const rows = {
    neurons: new Float64Array(neurons.length * NEURON_FIELDS),
    connections: new Float64Array(connections.length * CONNECTION_FIELDS),
  };
  neurons.forEach(({ fields }, index) => {
    rows.neurons.set(fields, index * NEURON_FIELDS);
    rows.neurons[index * NEURON_FIELDS + NEURON.gain] = 1;
  });
  const selfConnected = new Set<number>();
  let end = 0;
  for (const { from, to, weight, gater, fixed, delay } of connections) {
    const retains = from === to && delay === 0;
    if (retains && selfConnected.has(from)) continue;
    if (retains) selfConnected.add(from);
    rows.connections[end + CONNECTION.from] = from;
    rows.connections[end + CONNECTION.to] = to;
    rows.connections[end + CONNECTION.weight] = retains ? 1 : weight;
    rows.connections[end + CONNECTION.gater] = gater ?? -1;
    rows.connections[end + CONNECTION.fixed] = Number(fixed);
    rows.connections[end + CONNECTION.delay] = delay;
    end += CONNECTION_FIELDS;
  }
  const pasts = Float64Array.from(
    neurons.flatMap(({ past }, index) => (past.length > 0 ? [index, past.length, ...Array.from(past)] : [])),
  );
  const home = new GraphHome({ neurons: rows.neurons, connections: rows.connections.subarray(0, end), pasts });
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

/** Connects blocks; what gates comes first, since no gater's connections are kept as a matrix. */
function connectBlocks(home: GraphHome, blocks: CheckedBlock[]): void {
  const gated = ({ gater }: CheckedBlock) => Number(gater !== undefined);
  for (const block of [...blocks].sort((a, b) => gated(b) - gated(a))) {
    const { from, to, weights, delays, fixed, gater, bySource } = block;
    try {
      home.wasm.connectAll(...from, ...to, weights, delays, fixed, gater, bySource);
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
