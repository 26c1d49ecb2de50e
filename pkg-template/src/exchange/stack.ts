// A stack of layers, as other libraries have models: an embedding, recurrent layers, dense ones. What is read from
// their files becomes a stack, and a stack a network; a network is written by way of the stack that it is.

import { READOUTS, SQUASHES } from '../engine/generated/tables.js';
import type { Readout, SquashName } from '../graph/json-types.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import { library } from './realm.js';
import { type GraphTable, tableOf, takeTable } from './table.js';

/** What a recurrent layer is of; a GRU's reset gate stands after the recurrent matrix or before it. */
export type Cell = 'lstm' | 'gru' | 'gruResetBefore';

/** One way through a sequence. The gates are i, f, g, o (of an LSTM) or r, z, n (of a GRU), as in PyTorch. */
export interface Direction {
  /** Per gate (units, inputs): weights of what comes from below. */
  input: Float64Array[];
  /** Per gate (units, units): weights of the hidden state. */
  recurrent: Float64Array[];
  /** Per gate (units). */
  bias: Float64Array[];
  /** (units): bias inside the reset gate; of `'gru'` only. */
  recurrentBias?: Float64Array;
}

/** What the gates of a recurrent layer squash with. */
export type GateSquash = 'LOGISTIC' | 'HARD_SIGMOID';

/** A recurrent layer: forward, and where there are two directions, from the end. */
export interface Recurrent {
  units: number;
  gates: GateSquash;
  directions: Direction[];
}

/** A dense layer. */
export interface Dense {
  units: number;
  squash: SquashName;
  /** (units, inputs) */
  weight: Float64Array;
  /** (units) */
  bias: Float64Array;
}

/** A model as layers. */
export interface Stack {
  cell: Cell;
  /** Inputs of a step: numbers, or symbols where there is an embedding. */
  inputs: number;
  /** (units, inputs): a vector per symbol, as a column. */
  embedding?: { units: number; weight: Float64Array };
  layers: Recurrent[];
  /**
   * How the steps become one before the dense layers; none for outputs at every step. `score`, of attention alone, is
   * (outputs of the last layer).
   */
  readout?: { kind: Readout; score?: Float64Array };
  /** At least one; the last gives the outputs. */
  dense: Dense[];
}

/** Names of a network's layers for a recurrent layer, in the order of activation, and which gate of a direction each is. */
const LAYERS: Record<Cell, readonly (readonly [name: string, gate: number | 'recurrent' | null])[]> = {
  lstm: [
    ['inputGate', 0],
    ['forgetGate', 1],
    ['candidate', 2],
    ['outputGate', 3],
    ['memoryCell', null],
    ['hidden', null],
  ],
  gru: [
    ['resetGate', 0],
    ['updateGate', 1],
    ['complement', null],
    ['recurrent', 'recurrent'],
    ['candidate', 2],
    ['hidden', null],
  ],
  gruResetBefore: [
    ['resetGate', 0],
    ['updateGate', 1],
    ['complement', null],
    ['candidate', 2],
    ['hidden', null],
  ],
};

/** Gates of a cell. */
export const gatesOf = (cell: Cell): number => (cell === 'lstm' ? 4 : 3);

/** A direction without weights. */
function emptyDirection(cell: Cell, units: number, inputs: number): Direction {
  const list = (size: number) => Array.from({ length: gatesOf(cell) }, () => new Float64Array(size));
  const direction = { input: list(units * inputs), recurrent: list(units * units), bias: list(units) };
  return cell === 'gru' ? { ...direction, recurrentBias: new Float64Array(units) } : direction;
}

/** A dense layer that hands on what it is given. */
export function handingOn(units: number, squash: SquashName): Dense {
  const weight = new Float64Array(units * units);
  for (let unit = 0; unit < units; unit++) weight[unit * units + unit] = 1;
  return { units, squash, weight, bias: new Float64Array(units) };
}

/** Lists of numbers as one, such as the gates of a direction. */
export function joined(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** A matrix of so many rows with rows and columns exchanged. */
export function transposed(matrix: Float64Array, rows: number): Float64Array {
  const columns = matrix.length / rows;
  return matrix.map((_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)] as number);
}

/** Outputs of a recurrent layer. */
export const widthOf = ({ units, directions }: Recurrent): number => units * directions.length;

const KINDS: Partial<Record<SquashName, OutputKind>> = { LOGISTIC: 'logistic', SOFTMAX: 'softmax', IDENTITY: 'linear' };

/** A network of the shape of a stack, with weights of its own. */
function build({ cell, inputs, embedding, layers, readout, dense }: Stack): Network {
  const { Architect, Layer, Network, Neuron } = library();
  const [first, ...more] = dense as [Dense, ...Dense[]];
  const sizes = [inputs, ...layers.map(({ units }) => units), first.units];
  const options = {
    bidirectional: layers[0]?.directions.length === 2,
    embedding: embedding?.units ?? 0,
    output: KINDS[first.squash] ?? 'linear',
    ...(readout && { readout: readout.kind }),
    // What is drawn is written over: what is drawn fastest.
    initializer: 'scaled' as const,
    seed: 0,
  };
  const made =
    cell === 'lstm'
      ? new Architect.LSTM(...sizes, { ...options, variant: 'standard' })
      : new Architect.GRU(...sizes, { ...options, reset: cell === 'gru' ? 'after' : 'before' });
  const { input, hidden, output } = made.layers;
  const squashing = ({ squash }: { squash: SquashName }) => ({ squash: Neuron.squash[squash] });
  let at = embedding === undefined ? 0 : 1;
  for (const { gates, directions } of layers) {
    for (const [name] of directions.flatMap(() => LAYERS[cell])) {
      const layer = hidden[at++];
      if (gates !== 'LOGISTIC' && name.endsWith('Gate')) layer?.set(squashing({ squash: gates }));
    }
  }
  if (KINDS[first.squash] === undefined) output.set(squashing(first));
  if (more.length === 0) return made;
  const all = [...hidden, output];
  output.name = 'dense';
  for (const layer of more) {
    const next = new Layer(layer.units);
    next.name = 'dense';
    next.set(squashing(layer));
    all.at(-1)?.project(next);
    all.push(next);
  }
  const last = all.pop() as typeof output;
  last.name = 'output';
  return new Network({ input, hidden: all, output: last });
}

/** Layers that pool: one per direction. The last step of one direction needs none. */
const poolsOf = (kind: Readout | undefined, ways: number): number =>
  kind === undefined || (kind === 'last' && ways === 1) ? 0 : ways;

/** A run of numbers that a table and a stack both have. */
interface Part {
  of: 'bias' | 'weight';
  /** Where it begins in the table. */
  at: number;
  /** The stack's numbers. */
  own: Float64Array;
}

/** Every number that learns: a table and a stack of the same shape, side by side. */
function* parts({ cell, inputs, embedding, layers, readout, dense }: Stack, table: GraphTable): Generator<Part> {
  let layer = 1;
  /** A row per neuron of a layer: the weights into it from the `skip`th on. */
  function* rows(first: number, units: number, own: Float64Array, skip = 0): Generator<Part> {
    const columns = own.length / units;
    for (let row = 0; row < units; row++) {
      const at = (table.start[first + row] as number) + skip;
      yield { of: 'weight', at, own: own.subarray(row * columns, (row + 1) * columns) };
    }
  }
  const firstOf = (index: number): number => table.layers[index]?.first ?? 0;
  let below = inputs;
  if (embedding !== undefined) {
    yield* rows(firstOf(layer++), embedding.units, embedding.weight);
    below = embedding.units;
  }
  for (const recurrent of layers) {
    const { units, directions } = recurrent;
    for (const { input, recurrent: hidden, bias, recurrentBias } of directions) {
      for (const [, gate] of LAYERS[cell]) {
        const first = firstOf(layer++);
        if (gate === null) continue;
        if (gate === 'recurrent') {
          yield { of: 'bias', at: first, own: recurrentBias as Float64Array };
          yield* rows(first, units, hidden[2] as Float64Array);
          continue;
        }
        yield { of: 'bias', at: first, own: bias[gate] as Float64Array };
        yield* rows(first, units, input[gate] as Float64Array);
        // The hidden state is activated after its gates, so its connections come after those from below.
        if (cell !== 'gru' || gate < 2) yield* rows(first, units, hidden[gate] as Float64Array, below);
      }
    }
    below = widthOf(recurrent);
  }
  if (readout?.score !== undefined) yield* rows(firstOf(layer++), 1, readout.score);
  const ways = layers[0]?.directions.length ?? 1;
  const pools = poolsOf(readout?.kind, ways);
  layer += pools;
  for (const [index, { units, weight, bias }] of dense.entries()) {
    const first = firstOf(layer++);
    yield { of: 'bias', at: first, own: bias };
    if (index > 0 || pools < 2) {
      yield* rows(first, units, weight);
      continue;
    }
    // Of two read-outs the reversed one stands first among the neurons, and last in other libraries.
    const [columns, half] = [weight.length / units, weight.length / units / 2];
    for (let row = 0; row < units; row++) {
      const at = table.start[first + row] as number;
      yield { of: 'weight', at, own: weight.subarray(row * columns + half, (row + 1) * columns) };
      yield { of: 'weight', at: at + half, own: weight.subarray(row * columns, row * columns + half) };
    }
  }
}

/** A network of a stack. */
export function networkOf(call: string, stack: Stack): Network {
  const network = build(stack);
  try {
    const table = tableOf(call, network.layers);
    for (const { of, at, own } of parts(stack, table)) table[of].set(own, at);
    takeTable(call, network.layers, table);
    return network;
  } catch (error) {
    network.free();
    throw error;
  }
}

/** The stack that a table's layers are named for, without weights; undefined for other names. */
function shapeOf({ layers, squash, pooling }: GraphTable): Stack | undefined {
  const names = layers.map(({ name }) => name);
  const sizes = layers.map(({ size }) => size);
  let at = 1;
  const inputs = sizes[0] as number;
  let below = inputs;
  let embedding: Stack['embedding'];
  if (names[at] === 'embedding') {
    below = sizes[at++] as number;
    embedding = { units: below, weight: new Float64Array(below * inputs) };
  }
  const isAt = (cell: Cell, prefix: string) =>
    LAYERS[cell].every(([name], index) => names[at + index] === prefix + name);
  const cell = (Object.keys(LAYERS) as Cell[]).find((each) => isAt(each, ''));
  if (cell === undefined) return undefined;
  const found: Recurrent[] = [];
  while (isAt(cell, '')) {
    const units = sizes[at] as number;
    const gates = SQUASHES[squash[layers[at]?.first ?? 0] ?? 0];
    if (gates !== 'LOGISTIC' && gates !== 'HARD_SIGMOID') return undefined;
    const recurrent: Recurrent = { units, gates, directions: [] };
    for (const prefix of ['', 'reversed ']) {
      if (!isAt(cell, prefix) || recurrent.directions.length === (prefix === '' ? 1 : 2)) continue;
      recurrent.directions.push(emptyDirection(cell, units, below));
      at += LAYERS[cell].length;
    }
    below = widthOf(recurrent);
    found.push(recurrent);
  }
  let readout: Stack['readout'];
  const score = names[at] === 'score' ? new Float64Array(below) : undefined;
  if (score !== undefined) at++;
  const pools = ['reversed readout', 'readout'].filter((name) => names[at] === name && ++at > 0).length;
  if (pools > 0) {
    const kind = READOUTS[(pooling[layers[at - 1]?.first ?? 0] ?? 0) - 1];
    if (kind === undefined) return undefined;
    readout = { kind, ...(score && { score }) };
  }
  const dense = layers.slice(at).map(({ first, size }): Dense => {
    const weight = new Float64Array(size * below);
    below = size;
    return {
      units: size,
      squash: SQUASHES[squash[first] as number] ?? 'LOGISTIC',
      weight,
      bias: new Float64Array(size),
    };
  });
  const ways = found[0]?.directions.length;
  if (dense.length === 0 || found.some(({ directions }) => directions.length !== ways)) return undefined;
  return { cell, inputs, ...(embedding && { embedding }), layers: found, ...(readout && { readout }), dense };
}

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
};

/** Whether two tables differ in what learns alone. */
function alike(a: GraphTable, b: GraphTable): boolean {
  const structure = ['squash', 'fixedBias', 'reversed', 'pooling', 'score', 'start', 'from', 'gater', 'fixed'] as const;
  if (!structure.every((name) => same(a[name], b[name]))) return false;
  return (
    a.bias.every((bias, index) => a.fixedBias[index] === 0 || bias === b.bias[index]) &&
    a.weight.every((weight, index) => a.fixed[index] === 0 || weight === b.weight[index])
  );
}

/** The stack that a network is: undefined unless it is, neuron by neuron, what a stack of its shape would make. */
export function stackOf(call: string, network: Network): Stack | undefined {
  const table = tableOf(call, network.layers);
  const stack = shapeOf(table);
  if (stack === undefined) return undefined;
  const reference = build(stack);
  try {
    if (!alike(tableOf(call, reference.layers), table)) return undefined;
  } finally {
    reference.free();
  }
  for (const { of, at, own } of parts(stack, table)) own.set(table[of].subarray(at, at + own.length));
  return stack;
}
