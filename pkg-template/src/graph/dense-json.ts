// The second format of model files: neurons in runs of the same kind, and blocks of weights as the text of their bytes.

import { checkEntries, checkNumber, checkObject, isVector, outOfRange, wrongType } from '../checks/errors.js';
import { MAX_DELAY, NEURON, NEURON_FIELDS, READOUTS, SQUASHES } from '../engine/generated/tables.js';
import { lengthOfText, numbersOfText, textOfNumbers } from './base64.js';
import type { ConnectionJSON, NeuronJSON, Readout, SquashName } from './json-types.js';
import { inOrder, type LayerPosition, type NetworkLayers, neuronsOf } from './layers.js';
import type { LiveNetwork } from './live-network.js';

/** Numbers in a model file: the base64 of their bytes (doubles, little-endian), or a list of them. */
export type NumbersJSON = string | number[];

/** Consecutive neurons of one layer and one kind in a model file of format 2. */
export interface NeuronsJSON {
  /** Number of neurons. */
  count: number;
  /** `'input'`, `'output'`, or the number of the hidden layer, from 0. */
  layer: LayerPosition;
  /** Name of the squashing function. */
  squash: SquashName;
  /** The biases do not learn. */
  fixed?: boolean;
  /** The neurons read sequences from their end. */
  reversed?: boolean;
  /** The neurons pool the steps of a sequence in this way, as in format 1. */
  pooling?: Readout;
  /** Position of the neuron whose activation scores the steps, for `'attention'`. */
  score?: number;
  /** (count) */
  biases: NumbersJSON;
  /** (count, 3): state, state of the step before, activation; left out where all are 0. */
  context?: NumbersJSON;
  /** Activations of the steps before the last, (count) each, the latest first; left out where all are 0. */
  past?: NumbersJSON[];
}

/** Connections from each of a range of neurons to each of another in a model file of format 2. */
export interface BlockJSON {
  /** Position of the first source among the neurons, and number of sources. */
  from: [first: number, count: number];
  /** Position of the first target, and number of targets. */
  to: [first: number, count: number];
  /** What gates them: consecutive neurons from `first`, one per target or one per source. */
  gated?: { by: 'target' | 'source'; first: number };
  /** The weights do not learn. */
  fixed?: boolean;
  /** Steps that the read activations lie before, in order; negative ones of steps after. Left out for this step alone. */
  delays?: number[];
  /** (targets, delays, sources); without delays (targets, sources). */
  weights: NumbersJSON;
}

/** A model file of format 2. */
export interface DenseNetworkJSON {
  /** Format of the file. */
  engram: 2;
  /** The neurons, in runs. */
  neurons: NeuronsJSON[];
  /** Blocks of connections, apart from one another. */
  blocks: BlockJSON[];
  /** All other connections. */
  connections: ConnectionJSON[];
  /** Names of the layers, in the order of activation. */
  layers?: string[];
}

const CALL = 'Network.fromJSON';
/** Numbers of a block in {@link LiveNetwork}'s core, before its delays, and of another connection. */
const [BLOCK, EDGE] = [9, 6];

/** @internal What a file says of a neuron's pooling, by the engine's code. */
export function poolingOf(code: number, score: number | undefined): Pick<NeuronJSON, 'pooling' | 'score'> {
  const pooling = READOUTS[code - 1];
  return { ...(pooling === undefined ? {} : { pooling }), ...(score === undefined ? {} : { score }) };
}

/** @internal What files say of activations of steps before, by neuron; of those that are all 0, nothing. */
export function pastsOf(graph: { pasts(): Float64Array }): Map<number, { past: number[] }> {
  const rows = graph.pasts();
  const pasts = new Map<number, { past: number[] }>();
  for (let at = 0; at < rows.length; at += 2 + (rows[at + 1] as number)) {
    const past = Array.from(rows.subarray(at + 2, at + 2 + (rows[at + 1] as number)));
    if (past.some((value) => value !== 0)) pasts.set(rows[at] as number, { past });
  }
  return pasts;
}

/** @internal */
export function networkToDenseJSON(of: NetworkLayers, live: LiveNetwork): DenseNetworkJSON {
  const list = neuronsOf(of);
  const ids = Uint32Array.from(list, ({ neuron }) => neuron.place.id);
  const graph = live.home.read();
  const fields = graph.neurons(ids);
  const pasts = pastsOf(graph);
  const field = (unit: number, column: number): number => fields[unit * NEURON_FIELDS + column] ?? 0;
  const position = new Map(Array.from(ids, (id, index) => [id, index]));
  const parameters = live.core.parameters();
  const inputs = live.inputs;
  // Inputs have no bias in the engine's memory.
  const bias = (unit: number) =>
    unit < inputs ? field(unit, NEURON.bias) : (parameters[live.weights.length + unit] as number);
  const neurons: NeuronsJSON[] = [];
  const kind = (unit: number): unknown[] => [
    list[unit]?.layer,
    ...[NEURON.squash, NEURON.fixed, NEURON.reversed, NEURON.pooling, NEURON.score].map((column) =>
      field(unit, column),
    ),
  ];
  for (let first = 0, end = 0; first < list.length; first = end) {
    const own = kind(first);
    while (end < list.length && kind(end).every((value, index) => value === own[index])) end++;
    const units = Array.from({ length: end - first }, (_, index) => first + index);
    const context = Float64Array.from(
      units.flatMap((unit) => [NEURON.state, NEURON.old, NEURON.activation].map((column) => field(unit, column))),
    );
    const past = units.map((unit) => pasts.get(ids[unit] as number)?.past ?? []);
    const depth = Math.max(...past.map((steps) => steps.length));
    const steps = Array.from({ length: depth }, (_, step) =>
      textOfNumbers(Float64Array.from(past, (of) => of[step] ?? 0)),
    );
    neurons.push({
      count: units.length,
      layer: list[first]?.layer as LayerPosition,
      squash: SQUASHES[field(first, NEURON.squash)] ?? 'LOGISTIC',
      ...(field(first, NEURON.fixed) ? { fixed: true } : {}),
      ...(field(first, NEURON.reversed) ? { reversed: true } : {}),
      ...poolingOf(field(first, NEURON.pooling), position.get(field(first, NEURON.score))),
      biases: textOfNumbers(Float64Array.from(units, bias)),
      ...(context.some((value) => value !== 0) ? { context: textOfNumbers(context) } : {}),
      ...(steps.length > 0 ? { past: steps } : {}),
    });
  }
  const layers = inOrder(of);
  const named = layers.some((layer) => layer.name !== undefined);
  return {
    engram: 2,
    neurons,
    ...linksOf(live, list.length, parameters),
    ...(named ? { layers: layers.map((layer) => layer.name ?? '') } : {}),
  };
}

/** Connections among the first `count` units, which are the network's own; gaters outside are left out. */
function linksOf(
  live: LiveNetwork,
  count: number,
  parameters: Float64Array,
): Pick<DenseNetworkJSON, 'blocks' | 'connections'> {
  const blocks: BlockJSON[] = [];
  const words = live.core.blocks();
  for (let at = 0; at < words.length; ) {
    const [source, columns, target, rows, weight, fixed, gates, gater, taps] = words.subarray(
      at,
      at + BLOCK,
    ) as unknown as [...number[]] as [number, number, number, number, number, number, number, number, number];
    const delays = Array.from(words.subarray(at + BLOCK, at + BLOCK + taps));
    at += BLOCK + taps;
    if (source + columns > count) continue;
    blocks.push({
      from: [source, columns],
      to: [target, rows],
      ...(gates > 0 && gater < count ? { gated: { by: gates === 1 ? 'target' : 'source', first: gater } } : {}),
      ...(fixed ? { fixed: true } : {}),
      ...(taps > 0 ? { delays } : {}),
      weights: textOfNumbers(parameters.subarray(weight, weight + rows * columns * Math.max(1, taps))),
    });
  }
  const connections: ConnectionJSON[] = [];
  const edges = live.core.edges();
  for (let at = 0; at < edges.length; at += EDGE) {
    const [from = 0, to = 0, weight = 0, gater = 0, fixed = 0, delay = 0] = edges.subarray(at, at + EDGE);
    if (from >= count) continue;
    connections.push({
      from,
      to,
      weight: weight < 0 ? 1 : (parameters[weight] as number),
      gater: gater < 0 || gater >= count ? null : gater,
      ...(fixed ? { fixed: true } : {}),
      ...(delay ? { delay } : {}),
    });
  }
  return { blocks, connections };
}

/** Checks numbers of a file, of which there have to be `count`. */
export function numbersOf(field: string, value: unknown, count: number): Float64Array {
  if (typeof value === 'string') {
    if (value.length !== lengthOfText(count)) {
      throw new RangeError(
        `${CALL}: ${field} has ${value.length} characters, ${count} numbers make ${lengthOfText(count)}`,
      );
    }
    const numbers = numbersOfText(value, count);
    if (numbers === undefined) throw outOfRange(CALL, field, 'base64 of doubles', value);
    const wrong = numbers.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0) throw outOfRange(CALL, `${field}, number ${wrong}`, 'a finite number', numbers[wrong]);
    return numbers;
  }
  if (!isVector(value)) throw wrongType(CALL, field, 'base64 of doubles, or an array of numbers', value);
  if (value.length !== count) {
    throw new RangeError(`${CALL}: ${field} has ${value.length} numbers, expected ${count}`);
  }
  return Float64Array.from(value, (number, index) => checkNumber(CALL, `${field}[${index}]`, number));
}

/** A block of connections that has been checked. */
export interface CheckedBlock {
  from: [number, number];
  to: [number, number];
  gater: number | undefined;
  bySource: boolean;
  fixed: boolean;
  delays: Int32Array;
  weights: Float64Array;
}

/** Checks the delay of a connection in a file. */
export function checkDelay(field: string, value: unknown): number {
  const bounds = { min: -MAX_DELAY, max: MAX_DELAY, integer: true };
  return value === undefined ? 0 : checkNumber(CALL, field, value, bounds);
}

/** Checks a block of a network of so many neurons. */
export function checkBlock(field: string, value: unknown, neurons: number): CheckedBlock {
  const { from, to, gated, fixed, delays, weights } = checkObject(CALL, field, value) as Partial<BlockJSON>;
  const range = (name: string, given: unknown): [number, number] => {
    if (!Array.isArray(given) || given.length !== 2) {
      throw wrongType(CALL, `${field}.${name}`, 'an array of a position and a count', given);
    }
    const first = checkNumber(CALL, `${field}.${name}[0]`, given[0], { min: 0, max: neurons - 1, integer: true });
    const most = { min: 1, max: neurons - first, integer: true };
    return [first, checkNumber(CALL, `${field}.${name}[1]`, given[1], most)];
  };
  const [sources, targets] = [range('from', from), range('to', to)];
  const taps = delays === undefined ? [] : checkEntries(CALL, `${field}.delays`, delays, 2 * MAX_DELAY + 1);
  const checked = Int32Array.from(taps, (delay, index) => checkDelay(`${field}.delays[${index}]`, delay));
  if (new Set(checked).size < checked.length) throw outOfRange(CALL, `${field}.delays`, 'each delay once', delays);
  const overlap = sources[0] < targets[0] + targets[1] && targets[0] < sources[0] + sources[1];
  // A delay may join a layer to itself.
  if (overlap && (checked.length === 0 || checked.includes(0))) {
    throw outOfRange(CALL, `${field}.to`, 'other neurons than those of from', to);
  }
  let gater: number | undefined;
  let bySource = false;
  if (gated !== undefined) {
    if (typeof gated !== 'object' || gated === null) throw wrongType(CALL, `${field}.gated`, 'an object', gated);
    if (gated.by !== 'target' && gated.by !== 'source') {
      throw outOfRange(CALL, `${field}.gated.by`, "'target' or 'source'", gated.by);
    }
    bySource = gated.by === 'source';
    const count = bySource ? sources[1] : targets[1];
    gater = checkNumber(CALL, `${field}.gated.first`, gated.first, { min: 0, max: neurons - count, integer: true });
  }
  const count = sources[1] * targets[1] * Math.max(1, checked.length);
  const numbers = numbersOf(`${field}.weights`, weights, count);
  return { from: sources, to: targets, gater, bySource, fixed: fixed === true, delays: checked, weights: numbers };
}
