// PyTorch's nn.LSTM and nn.GRU, with nn.Embedding before and nn.Linear after, as safetensors.

import { checkChoice, checkOptions, describe, outOfRange } from '../checks/errors.js';
import { READOUTS, SQUASHES } from '../engine/generated/tables.js';
import type { Readout, SquashName } from '../graph/json-types.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import { refuseUnknown, squashOf } from './refusals.js';
import { readTensors, type Tensor, type Tensors, writeTensors } from './safetensors.js';
import {
  type Cell,
  type Dense,
  type Direction,
  gatesOf,
  handingOn,
  joined,
  networkOf,
  type Stack,
  stackOf,
  transposed,
  widthOf,
} from './stack.js';

/** Options of {@link fromPyTorch}. */
export interface PyTorchOptions {
  /**
   * What the outputs are; a state dict does not say it. Default: what {@link toPyTorch} noted in the file, else
   * `'linear'`, as `nn.Linear` gives them. Choose `'softmax'` for a model whose loss is `nn.CrossEntropyLoss`.
   */
  output?: OutputKind;
  /**
   * What stands between linear modules, where several follow the recurrent part: `nn.ReLU`, `nn.Tanh`, `nn.Sigmoid`
   * (`'logistic'`) or nothing (`'linear'`). A state dict does not say it, so it is asked for; but for files of
   * {@link toPyTorch}, which note it.
   */
  hidden?: keyof typeof HIDDEN;
  /**
   * Names of the parts, where the file has more than these or calls them so that they can't be told apart: the name of
   * the embedding's weight without `.weight`, the prefixes of the recurrent modules from the input on, and those of the
   * linear ones.
   */
  map?: { embedding?: string; rnn?: string | string[]; head?: string | string[] };
}

/** What may stand between linear modules. */
const HIDDEN = { linear: 'IDENTITY', logistic: 'LOGISTIC', relu: 'RELU', tanh: 'TANH' } as const;

/** A parameter of a recurrent module: prefix, what it is, layer, direction. */
const PARAMETER = /^(.*?)(weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)_l(\d+)(_reverse)?$/;

const shapeText = (shape: readonly number[]): string => `(${shape.join(', ')})`;

/** Tensors by name, of which every one is to be used. */
class Source {
  readonly #left: Map<string, Tensor>;

  constructor(
    readonly call: string,
    readonly tensors: Map<string, Tensor>,
  ) {
    this.#left = new Map(tensors);
  }

  /** A tensor of this shape. */
  take(name: string, ...shape: number[]): Float64Array {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new RangeError(`${this.call}: the file has no tensor ${describe(name)}`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      const actual = shapeText(tensor.shape);
      throw new RangeError(`${this.call}: tensor ${describe(name)} has shape ${actual}, expected ${shapeText(shape)}`);
    }
    this.#left.delete(name);
    return tensor.values;
  }

  get left(): string[] {
    return [...this.#left.keys()];
  }
}

/** Names in the order in which people count: rnn.2 before rnn.10. */
const inOrder = (names: Iterable<string>): string[] =>
  [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** Prefixes of the recurrent modules. */
function recurrentPrefixes(call: string, tensors: Map<string, Tensor>): string[] {
  const prefixes = new Set<string>();
  for (const name of tensors.keys()) {
    const [, prefix, what] = PARAMETER.exec(name) ?? [];
    if (prefix === undefined) continue;
    if (what === 'weight_hr') {
      throw new RangeError(
        `${call}: tensor ${describe(name)} is of an LSTM with proj_size, which engram does not have`,
      );
    }
    prefixes.add(prefix);
  }
  if (prefixes.size === 0) {
    throw new RangeError(`${call}: the file has no weight_ih_l0 of an nn.LSTM or nn.GRU, expected one (any prefix)`);
  }
  return inOrder(prefixes);
}

/** The gates of a matrix or vector, cut from the stack that PyTorch keeps them in. */
const cut = (values: Float64Array, gates: number): Float64Array[] =>
  Array.from({ length: gates }, (_, gate) =>
    values.slice((gate * values.length) / gates, ((gate + 1) * values.length) / gates),
  );

const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, index) => value + (b[index] as number));

function directionFrom(
  source: Source,
  prefix: string,
  suffix: string,
  cell: Cell,
  units: number,
  below: number,
): Direction {
  const gates = gatesOf(cell);
  const name = (what: string) => `${prefix}${what}_${suffix}`;
  const input = cut(source.take(name('weight_ih'), gates * units, below), gates);
  const recurrent = cut(source.take(name('weight_hh'), gates * units, units), gates);
  const biased = source.tensors.has(name('bias_ih')) || source.tensors.has(name('bias_hh'));
  const of = (what: string) => (biased ? source.take(name(what), gates * units) : new Float64Array(gates * units));
  const [own, hidden] = [cut(of('bias_ih'), gates), cut(of('bias_hh'), gates)];
  const bias = own.map((values, gate) =>
    cell === 'gru' && gate === 2 ? values : sum(values, hidden[gate] as Float64Array),
  );
  // A GRU's reset gate multiplies the candidate's hidden bias too, so the two stay apart.
  return { input, recurrent, bias, ...(cell === 'gru' ? { recurrentBias: hidden[2] as Float64Array } : {}) };
}

/** Width of a tensor's last axis, which has two. */
function sizesOf({ call, tensors }: Source, name: string): [rows: number, columns: number] {
  const shape = tensors.get(name)?.shape;
  if (shape === undefined) throw new RangeError(`${call}: the file has no tensor ${describe(name)}`);
  const [rows = 0, columns = 0] = shape;
  if (shape.length === 2 && rows > 0 && columns > 0) return [rows, columns];
  throw new RangeError(`${call}: tensor ${describe(name)} has shape ${shapeText(shape)}, expected two axes`);
}

function layersFrom(source: Source, prefixes: string[]): Pick<Stack, 'cell' | 'layers'> {
  const { call, tensors } = source;
  const layers: Stack['layers'] = [];
  let found: Cell | undefined;
  let ways: number | undefined;
  let below = sizesOf(source, `${prefixes[0]}weight_ih_l0`)[1];
  for (const prefix of prefixes) {
    for (let layer = 0; layer === 0 || tensors.has(`${prefix}weight_ih_l${layer}`); layer++) {
      const name = `${prefix}weight_hh_l${layer}`;
      const [rows, units] = sizesOf(source, name);
      const cell = rows === 4 * units ? 'lstm' : rows === 3 * units ? 'gru' : undefined;
      if (cell === undefined) {
        const expected = '(4 h, h) of an nn.LSTM or (3 h, h) of an nn.GRU';
        throw new RangeError(
          `${call}: tensor ${describe(name)} has shape ${shapeText([rows, units])}, expected ${expected}`,
        );
      }
      found ??= cell;
      if (found !== cell) throw new RangeError(`${call}: the file has an nn.LSTM and an nn.GRU, expected one kind`);
      const suffixes = [`l${layer}`, `l${layer}_reverse`].filter((suffix) =>
        tensors.has(`${prefix}weight_ih_${suffix}`),
      );
      ways ??= suffixes.length;
      if (ways !== suffixes.length) {
        throw new RangeError(
          `${call}: of the recurrent layers some have two directions and some one, expected one kind`,
        );
      }
      const width = below;
      const directions = suffixes.map((suffix) => directionFrom(source, prefix, suffix, cell, units, width));
      layers.push({ units, gates: 'LOGISTIC', directions });
      below = units * directions.length;
    }
  }
  return { cell: found as Cell, layers };
}

const list = (value: string | string[] | undefined): string[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value : [value];

/** Which weights of two axes are an embedding's, and which a linear module's, from the input on. */
function partsOf(source: Source, map: NonNullable<PyTorchOptions['map']>, below: number, read: number) {
  const { call, tensors } = source;
  const matrices = inOrder(source.left.filter((name) => tensors.get(name)?.shape.length === 2));
  const modules = matrices.filter((name) => name.endsWith('.weight')).map((name) => name.slice(0, -'.weight'.length));
  const isBiased = (name: string) => tensors.has(`${name}.bias`);
  const columns = (name: string) => tensors.get(`${name}.weight`)?.shape[1];
  const embeddings = modules.filter((name) => !isBiased(name) && columns(name) === below);
  const named = embeddings.filter((name) => /emb/i.test(name));
  const guessed = named.length === 1 ? named[0] : below !== read ? embeddings[0] : undefined;
  const embedding = map.embedding ?? guessed;
  const heads = list(map.head) ?? modules.filter((name) => name !== embedding);
  if (heads.length > 1 && map.head === undefined && heads.some((name) => !/^head\.\d+$/.test(name))) {
    const names = heads.map(describe).join(', ');
    throw new RangeError(
      `${call}: ${names} can't be told apart; say in options.map.head which come after the recurrent part`,
    );
  }
  return { embedding, heads };
}

function denseFrom(
  source: Source,
  names: string[],
  read: number,
  squash: (index: number, last: boolean) => SquashName,
): Dense[] {
  let below = read;
  const dense = names.map((name, index): Dense => {
    const [units] = sizesOf(source, `${name}.weight`);
    const weight = source.take(`${name}.weight`, units, below);
    const bias = source.tensors.has(`${name}.bias`) ? source.take(`${name}.bias`, units) : new Float64Array(units);
    below = units;
    return { units, squash: squash(index, index === names.length - 1), weight, bias };
  });
  return dense;
}

function checkMap(call: string, given: unknown): NonNullable<PyTorchOptions['map']> {
  const map = checkOptions<NonNullable<PyTorchOptions['map']>>(
    call,
    given,
    ['embedding', 'rnn', 'head'],
    'options.map',
  );
  for (const [name, value] of Object.entries(map)) {
    const names = list(value as string | string[]) ?? [];
    if (names.length === 0 || names.some((each) => typeof each !== 'string')) {
      throw outOfRange(call, `options.map.${name}`, 'a name', value);
    }
  }
  return map;
}

/**
 * A network of the weights of an `nn.LSTM` or `nn.GRU`: any number of layers, bidirectional or not, with biases or
 * without, an `nn.Embedding` before and an `nn.Linear` after, found by names and shapes whatever the prefix. Without an
 * `nn.Linear` the outputs are the hidden state of the last layer. With an embedding the network's inputs are one-hot,
 * an input per symbol.
 *
 * @param file a state dict as safetensors: `safetensors.torch.save_file(model.state_dict(), path)`.
 * @throws TypeError for a pickle, and RangeError for a file that is damaged, for `proj_size`, for tensors that belong
 *   nowhere, and for shapes that do not fit, with the tensor's name and its actual and expected shape.
 * @example
 * const network = fromPyTorch(await readFile('model.safetensors'), { output: 'softmax' });
 */
export function fromPyTorch(file: Uint8Array | ArrayBuffer, options?: PyTorchOptions): Network {
  const call = 'fromPyTorch';
  const given = checkOptions<PyTorchOptions>(call, options, ['output', 'hidden', 'map']);
  if (given.output !== undefined) checkChoice(call, 'options.output', given.output, ['logistic', 'softmax', 'linear']);
  const kinds = Object.keys(HIDDEN) as (keyof typeof HIDDEN)[];
  if (given.hidden !== undefined) checkChoice(call, 'options.hidden', given.hidden, kinds);
  const map = checkMap(call, given.map);
  const { tensors, metadata } = readTensors(call, file);
  const source = new Source(call, tensors);
  const dotted = (name: string) => (name === '' || name.endsWith('.') ? name : `${name}.`);
  const prefixes = list(map.rnn)?.map(dotted) ?? recurrentPrefixes(call, tensors);
  const { cell, layers } = layersFrom(source, prefixes);
  const below = (layers[0]?.directions[0]?.input[0]?.length ?? 0) / (layers[0]?.units ?? 1);
  const read = widthOf(layers.at(-1) as Stack['layers'][number]);
  const kind = metadata.get('engram.readout');
  if (kind !== undefined) checkChoice(call, "the file's engram.readout", kind, READOUTS);
  const score = kind === 'attention' ? { score: source.take('score.weight', 1, read) } : {};
  const readout = kind === undefined ? undefined : { kind: kind as Readout, ...score };
  const { embedding, heads } = partsOf(source, map, below, read);
  const noted = metadata.get('engram.squash')?.split(' ') ?? [];
  if (heads.length > 1 && noted.length === 0 && given.hidden === undefined) {
    const names = heads.map(describe).join(', ');
    throw new RangeError(
      `${call}: a state dict does not say what stands between ${names}; say it in options.hidden: ${kinds.join(', ')}`,
    );
  }
  const squash = (index: number, last: boolean): SquashName => {
    if (last && given.output !== undefined) return squashOf(given.output);
    if (!last && given.hidden !== undefined) return HIDDEN[given.hidden];
    const name = noted[index] as SquashName;
    return SQUASHES.includes(name) && (last || name !== 'SOFTMAX') ? name : 'IDENTITY';
  };
  const dense = denseFrom(source, heads, read, squash);
  if (dense.length === 0) dense.push(handingOn(read, squash(0, true)));
  let inputs = below;
  let embedded: Stack['embedding'];
  if (embedding !== undefined) {
    const [symbols] = sizesOf(source, `${embedding}.weight`);
    const rows = source.take(`${embedding}.weight`, symbols, below);
    // PyTorch has a row per symbol, a network a row per neuron.
    const weight = transposed(rows, symbols);
    inputs = symbols;
    embedded = { units: below, weight };
  }
  refuseUnknown(call, source.left);
  return networkOf(call, {
    cell,
    inputs,
    ...(embedded && { embedding: embedded }),
    layers,
    ...(readout && { readout }),
    dense,
  });
}

/**
 * A network as PyTorch's modules: the state dict of `embedding` (`nn.Embedding`), `rnn` (`nn.LSTM` or `nn.GRU`) and `head`
 * (`nn.Linear`), in safetensors, with what to build in the metadata. Where layers have different sizes there is a module
 * per layer, `rnn.0` and so on; the score of an attention is `score`. `docs/exchange.md` has the Python that loads it.
 *
 * @param network one of `Architect.LSTM` with `variant: 'standard'`, of `Architect.GRU`, or of the sequence classes.
 * @returns the file, in single precision.
 * @throws TypeError for a network that PyTorch has no modules for.
 */
export function toPyTorch(network: Network): Uint8Array {
  const call = 'toPyTorch';
  const stack = stackOf(call, network);
  if (stack === undefined) {
    throw new TypeError(
      `${call}: the network is none of standard LSTM or GRU layers, which PyTorch has; use toOnnx or toC`,
    );
  }
  const { cell, inputs, embedding, layers, readout, dense } = stack;
  if (cell === 'gruResetBefore') {
    throw new TypeError(`${call}: PyTorch has no GRU whose reset gate stands before the matrix; use toOnnx or toC`);
  }
  if (layers.some(({ gates }) => gates !== 'LOGISTIC')) {
    throw new TypeError(`${call}: the network's gates are hard sigmoids, and PyTorch's are not; use toOnnx or toC`);
  }
  const tensors: Tensors['tensors'] = new Map();
  const put = (name: string, shape: number[], values: Float64Array) => tensors.set(name, { shape, values });
  if (embedding !== undefined) {
    const { units, weight } = embedding;
    put('embedding.weight', [inputs, units], transposed(weight, units));
  }
  const one = layers.every(({ units }) => units === layers[0]?.units);
  const gates = gatesOf(cell);
  let below = embedding?.units ?? inputs;
  layers.forEach((layer, index) => {
    const { units, directions } = layer;
    directions.forEach((direction, way) => {
      const end = `_l${one ? index : 0}${way === 1 ? '_reverse' : ''}`;
      const name = (what: string) => `${one ? 'rnn' : `rnn.${index}`}.${what}${end}`;
      put(name('weight_ih'), [gates * units, below], joined(direction.input));
      put(name('weight_hh'), [gates * units, units], joined(direction.recurrent));
      put(name('bias_ih'), [gates * units], joined(direction.bias));
      const hidden = new Float64Array(gates * units);
      if (direction.recurrentBias) hidden.set(direction.recurrentBias, 2 * units);
      put(name('bias_hh'), [gates * units], hidden);
    });
    below = widthOf(layer);
  });
  if (readout?.score !== undefined) put('score.weight', [1, below], readout.score);
  dense.forEach(({ units, weight, bias }, index) => {
    const name = dense.length === 1 ? 'head' : `head.${index}`;
    put(`${name}.weight`, [units, below], weight);
    put(`${name}.bias`, [units], bias);
    below = units;
  });
  const metadata = new Map([
    ['format', 'pt'],
    ['engram.cell', cell],
    ['engram.hidden', layers.map(({ units }) => units).join(' ')],
    ['engram.bidirectional', String(layers[0]?.directions.length === 2)],
    ...(readout ? ([['engram.readout', readout.kind]] as const) : []),
    ['engram.squash', dense.map(({ squash }) => squash).join(' ')],
  ]);
  return writeTensors(call, { tensors, metadata });
}
