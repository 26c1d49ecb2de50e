// Keras' layers, as its configurations describe them, and their weights as a stack.

import { checkNumber, checkObject, describe, outOfRange, wrongType } from '../checks/errors.js';
import type { SquashName } from '../graph/json-types.js';
import { chainOf } from './keras-chain.js';
import type { Tensor } from './safetensors.js';
import {
  type Cell,
  type Dense,
  type Direction,
  type GateSquash,
  gatesOf,
  handingOn,
  type Recurrent,
  type Stack,
  transposed,
  widthOf,
} from './stack.js';

/** A tensor and its name, for messages. */
export interface Named extends Tensor {
  name: string;
}

/** The tensors of a layer, in the order in which Keras keeps them; called once per layer, in the file's order. */
export type WeightsOf = (layer: { className: string; name: string }) => Named[];

/** Defaults that differ between those who write such configurations. */
export interface Defaults {
  recurrentActivation: 'sigmoid' | 'hard_sigmoid';
  resetAfter: boolean;
  /** Slope of `hard_sigmoid`: {@link hardSlopeOf}. */
  hardSlope: number;
}

/** A text of a file; none of what is no text, which may have no text at all. */
const textOf = (given: unknown): string => (typeof given === 'string' ? given : '');

/** Slope of the engine's hard sigmoid. */
const HARD_SLOPE = 0.2;

/**
 * Slope of `hard_sigmoid` by the version of Keras that wrote a file: x / 6 + 0.5 from version 3 on, before, and in
 * TensorFlow.js, 0.2 x + 0.5.
 */
export const hardSlopeOf = (version: unknown): number =>
  Number.parseInt(textOf(version), 10) >= 3 ? 1 / 6 : HARD_SLOPE;

const SQUASHED: Record<string, SquashName> = {
  hard_sigmoid: 'HARD_SIGMOID',
  linear: 'IDENTITY',
  relu: 'RELU',
  sigmoid: 'LOGISTIC',
  softmax: 'SOFTMAX',
  tanh: 'TANH',
};
/** Recurrent layers by the names of their classes. Maps, since a file's names may be those that every object has. */
const CELLS: ReadonlyMap<string, 'lstm' | 'gru'> = new Map([
  ['LSTM', 'lstm'],
  ['GRU', 'gru'],
]);
/** Layers that pool what those give. */
const POOLS: ReadonlyMap<string, 'mean' | 'max'> = new Map([
  ['GlobalAveragePooling1D', 'mean'],
  ['GlobalMaxPooling1D', 'max'],
]);
/** What gates squash with. */
const GATES: ReadonlyMap<string, GateSquash> = new Map([
  ['sigmoid', 'LOGISTIC'],
  ['hard_sigmoid', 'HARD_SIGMOID'],
]);
/** Layers that do something in training alone. */
const PASSING = [
  'InputLayer',
  'Dropout',
  'SpatialDropout1D',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
];

/** Layers that squash, as the activations of that name do. */
const SQUASHING: ReadonlyMap<string, string> = new Map([
  ['Softmax', 'softmax'],
  ['ReLU', 'relu'],
]);
/** All that engram can tell. */
const KNOWN = [
  'Embedding',
  ...CELLS.keys(),
  'Bidirectional',
  'Dense',
  'TimeDistributed',
  'Activation',
  ...SQUASHING.keys(),
  ...POOLS.keys(),
  ...PASSING,
];

interface Layer {
  className: string;
  config: Record<string, unknown>;
  /** What it is called in messages. */
  field: string;
  /** Its weights; of a layer within a layer those of both. */
  tensors: Named[];
}

/** Reads layers one after the other. */
class Reader {
  readonly layers: Recurrent[] = [];
  readonly dense: Dense[] = [];
  cell: Cell | undefined;
  embedding: Stack['embedding'];
  inputs: number | undefined;
  readout: Stack['readout'];
  /** Width of what the next layer gets; unknown before the first that has weights. */
  #width: number | undefined;
  /** Whether what comes now is one vector, not one per step. */
  #collapsed = false;

  constructor(
    readonly call: string,
    readonly defaults: Defaults,
  ) {}

  #refuse(field: string, expected: string, actual: unknown): never {
    throw outOfRange(this.call, field, `${expected}, which is all that engram can tell`, actual);
  }

  /** Options that must have one value. */
  #only({ config, field }: Layer, wanted: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(wanted)) {
      const given = config[name] ?? value;
      if (given !== value) this.#refuse(`${field}.${name}`, describe(value), given);
    }
  }

  #units({ config, field }: Layer, name: string): number {
    return checkNumber(this.call, `${field}.${name}`, config[name], { min: 1, max: 2 ** 20, integer: true });
  }

  #activation({ config, field }: Layer, name: string, fallback: string): string {
    const given = config[name] ?? fallback;
    // Registered functions are objects that have their name within.
    if (typeof given !== 'string') throw wrongType(this.call, `${field}.${name}`, 'the name of an activation', given);
    // tfjs says hardSigmoid as an option, and writes it as Keras does.
    return given.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  /** Checks the shapes of a layer's tensors, and gives their values. */
  #take(layer: Layer, tensors: Named[], ...shapes: number[][]): Float64Array[] {
    if (tensors.length !== shapes.length) {
      throw new RangeError(`${this.call}: ${layer.field} has ${tensors.length} tensors, expected ${shapes.length}`);
    }
    return tensors.map(({ name, shape, values }, index) => {
      const expected = shapes[index] as number[];
      if (shape.length === expected.length && shape.every((size, axis) => size === expected[axis])) return values;
      throw new RangeError(
        `${this.call}: tensor ${describe(name)} has shape (${shape.join(', ')}), expected (${expected.join(', ')})`,
      );
    });
  }

  /** The width of what comes in, told by the first axis of a tensor. */
  #below(tensors: Named[]): number {
    this.#width ??= tensors[0]?.shape[0] ?? 0;
    this.inputs ??= this.#width;
    return this.#width;
  }

  add(layer: Layer): void {
    const { className } = layer;
    if (PASSING.includes(className)) {
      this.#only(layer, { sparse: false, ragged: false });
      return;
    }
    const cell = CELLS.get(className);
    const pooling = POOLS.get(className);
    if (pooling !== undefined) this.#addPooling(layer, pooling);
    else if (className === 'Embedding') this.#addEmbedding(layer);
    else if (cell !== undefined) this.#addRecurrent(layer, [layer], cell);
    else if (className === 'Bidirectional') this.#addBidirectional(layer);
    else if (className === 'Dense') this.#addDense(layer, layer);
    else if (className === 'TimeDistributed') this.#addDense(layer, this.#inner(layer, 'layer'));
    else this.#addActivation(layer);
  }

  /** A layer within a layer. */
  #inner({ config, field, tensors }: Layer, name: string): Layer {
    const inner = checkObject(this.call, `${field}.${name}`, config[name]);
    const own = checkObject(this.call, `${field}.${name}.config`, inner.config);
    return { className: textOf(inner.class_name), config: own, field: `${field}.${name}`, tensors };
  }

  #addEmbedding(layer: Layer): void {
    const { call } = this;
    if (this.#width !== undefined) throw new RangeError(`${call}: ${layer.field} is an Embedding after other layers`);
    this.#only(layer, { mask_zero: false, input_length: layer.config.input_length });
    const [symbols, units] = [this.#units(layer, 'input_dim'), this.#units(layer, 'output_dim')];
    const [rows] = this.#take(layer, layer.tensors, [symbols, units]) as [Float64Array];
    this.embedding = { units, weight: transposed(rows, symbols) };
    this.inputs = symbols;
    this.#width = units;
  }

  #addBidirectional(layer: Layer): void {
    this.#only(layer, { merge_mode: 'concat' });
    const forward = this.#inner(layer, 'layer');
    const backward = layer.config.backward_layer == null ? forward : this.#inner(layer, 'backward_layer');
    const cell =
      CELLS.get(forward.className) ?? this.#refuse(`${forward.field}.class_name`, 'LSTM or GRU', forward.className);
    if (backward.className !== forward.className || backward.config.units !== forward.config.units) {
      this.#refuse(`${layer.field}.backward_layer`, 'a layer as the forward one', backward.className);
    }
    this.#addRecurrent(layer, [forward, backward], cell);
  }

  #addRecurrent(layer: Layer, ways: Layer[], kind: Cell): void {
    const { call } = this;
    if (this.dense.length > 0 || this.#collapsed) {
      throw new RangeError(`${call}: ${layer.field} comes after a Dense layer, or after one without return_sequences`);
    }
    const [first] = ways as [Layer];
    const units = this.#units(first, 'units');
    let cell = kind;
    if (kind === 'gru') {
      const after = first.config.reset_after ?? this.defaults.resetAfter;
      cell = after === true ? 'gru' : 'gruResetBefore';
    }
    const recurrentActivation = this.#activation(first, 'recurrent_activation', this.defaults.recurrentActivation);
    ways.forEach((way, index) => {
      // Keras turns the backward layer itself.
      const backwards = index === 1 ? way.config.go_backwards : false;
      this.#only(way, {
        go_backwards: backwards,
        stateful: false,
        return_state: false,
        time_major: false,
        return_sequences: first.config.return_sequences ?? false,
      });
      const activation = this.#activation(way, 'activation', 'tanh');
      if (activation !== 'tanh') this.#refuse(`${way.field}.activation`, "'tanh'", activation);
      const own = this.#activation(way, 'recurrent_activation', this.defaults.recurrentActivation);
      if (index === 1 && own !== recurrentActivation) {
        this.#refuse(`${way.field}.recurrent_activation`, describe(recurrentActivation), own);
      }
    });
    const gates: GateSquash | undefined = GATES.get(recurrentActivation);
    if (gates === undefined) {
      this.#refuse(`${first.field}.recurrent_activation`, "'sigmoid' or 'hard_sigmoid'", recurrentActivation);
    }
    if (this.cell !== undefined && this.cell !== cell) {
      throw new RangeError(
        `${call}: ${layer.field} is another kind of recurrent layer than those before, expected one kind`,
      );
    }
    this.cell = cell;
    const { tensors } = layer;
    const below = this.#below(tensors);
    const each = tensors.length / ways.length;
    const directions = ways.map((way, index) =>
      this.#direction(way, tensors.slice(index * each, (index + 1) * each), cell, units, below),
    );
    for (const { input, recurrent, bias } of directions) {
      // The candidate, third in every cell, has no hard sigmoid.
      const parts = [input, recurrent, bias].flatMap((all) => all.filter((_, gate) => gate !== 2));
      this.#steepen(gates, ...parts);
    }
    const recurrent = { units, gates, directions };
    if (this.layers[0] !== undefined && this.layers[0].directions.length !== directions.length) {
      throw new RangeError(
        `${call}: ${layer.field} has another number of directions than those before, expected one kind`,
      );
    }
    this.layers.push(recurrent);
    this.#width = widthOf(recurrent);
    this.#collapsed = first.config.return_sequences !== true;
    // Then Keras has of each direction the state at its own end.
    if (this.#collapsed) this.readout = { kind: 'last' };
  }

  #direction(way: Layer, tensors: Named[], cell: Cell, units: number, below: number): Direction {
    const gates = gatesOf(cell);
    const biased = way.config.use_bias !== false;
    const twice = cell === 'gru' ? [2, gates * units] : [gates * units];
    const shapes = [[below, gates * units], [units, gates * units], ...(biased ? [twice] : [])];
    const [kernel, recurrent, bias = new Float64Array(2 * gates * units)] = this.#take(way, tensors, ...shapes) as [
      Float64Array,
      Float64Array,
      Float64Array?,
    ];
    // Keras has z r h where PyTorch has r z n; of an LSTM both have i f c o.
    const order = cell === 'lstm' ? [0, 1, 2, 3] : [1, 0, 2];
    const rowsOf = (values: Float64Array, columns: number) =>
      order.map((gate) =>
        Float64Array.from({ length: units * columns }, (_, index) => {
          const [unit, column] = [Math.floor(index / columns), index % columns];
          return values[column * gates * units + gate * units + unit] as number;
        }),
      );
    const biasAt = (row: number, gate: number) =>
      bias.slice((row * gates + gate) * units, (row * gates + gate + 1) * units);
    const biases = order.map((gate, index) => {
      const own = biasAt(0, gate);
      if (cell !== 'gru' || index === 2) return own;
      const hidden = biasAt(1, gate);
      return own.map((value, unit) => value + (hidden[unit] as number));
    });
    return {
      input: rowsOf(kernel, below),
      recurrent: rowsOf(recurrent, units),
      bias: biases,
      ...(cell === 'gru' ? { recurrentBias: biasAt(1, 2) } : {}),
    };
  }

  /** Of states that a hard sigmoid squashes, makes weights and biases those of the engine's slope. */
  #steepen(squash: SquashName, ...lists: Float64Array[]): void {
    const factor = this.defaults.hardSlope / HARD_SLOPE;
    if (squash !== 'HARD_SIGMOID' || factor === 1) return;
    for (const list of lists) list.forEach((value, index) => (list[index] = value * factor));
  }

  #addPooling(layer: Layer, kind: 'mean' | 'max'): void {
    this.#only(layer, { data_format: 'channels_last', keepdims: false });
    if (this.layers.length === 0 || this.#collapsed || this.dense.length > 0) {
      throw new RangeError(
        `${this.call}: ${layer.field} pools steps, expected after a recurrent layer with return_sequences`,
      );
    }
    this.readout = { kind };
    this.#collapsed = true;
  }

  #squash(layer: Layer, activation: string): SquashName {
    const found = Object.hasOwn(SQUASHED, activation) ? SQUASHED[activation] : undefined;
    return found ?? this.#refuse(`${layer.field}.activation`, `one of ${Object.keys(SQUASHED).join(', ')}`, activation);
  }

  #addDense(outer: Layer, layer: Layer): void {
    if (layer.className !== 'Dense') this.#refuse(`${layer.field}.class_name`, 'Dense', layer.className);
    if (this.layers.length === 0)
      throw new RangeError(`${this.call}: ${outer.field} comes before the recurrent layers`);
    const units = this.#units(layer, 'units');
    const squash = this.#squash(layer, this.#activation(layer, 'activation', 'linear'));
    const biased = layer.config.use_bias !== false;
    const below = this.#width as number;
    const shapes = [[below, units], ...(biased ? [[units]] : [])];
    const [kernel, bias = new Float64Array(units)] = this.#take(layer, outer.tensors, ...shapes) as [
      Float64Array,
      Float64Array?,
    ];
    const weight = transposed(kernel, below);
    this.#steepen(squash, weight, bias);
    this.dense.push({ units, squash, weight, bias });
    this.#width = units;
  }

  #addActivation(layer: Layer): void {
    const own = SQUASHING.get(layer.className);
    // Of layers of their own: the last axis, and no other slopes or limits.
    if (own !== undefined) this.#only(layer, { axis: -1, max_value: null, negative_slope: 0, threshold: 0 });
    const squash = this.#squash(layer, own ?? this.#activation(layer, 'activation', 'linear'));
    const last = this.dense.at(-1);
    if (last === undefined || last.squash !== 'IDENTITY') {
      throw new RangeError(`${this.call}: ${layer.field} is an Activation, expected after a linear Dense layer`);
    }
    last.squash = squash;
    this.#steepen(squash, last.weight, last.bias);
  }

  stack(): Stack {
    const { call, cell, inputs, embedding, layers, readout, dense } = this;
    if (cell === undefined || inputs === undefined) throw new RangeError(`${call}: the model has no LSTM or GRU layer`);
    if (dense.length === 0) dense.push(handingOn(widthOf(layers.at(-1) as Recurrent), 'IDENTITY'));
    const early = dense.slice(0, -1).findIndex(({ squash }) => squash === 'SOFTMAX');
    if (early >= 0) throw new RangeError(`${call}: a Dense layer before the last has softmax, expected it at the last`);
    return { cell, inputs, ...(embedding && { embedding }), layers, ...(readout && { readout }), dense };
  }
}

/** The stack of a model's configuration: of a Sequential one, or a functional one that is a chain. */
export function stackOfConfig(call: string, model: unknown, weightsOf: WeightsOf, defaults: Defaults): Stack {
  const { class_name: kind, config } = checkObject(call, 'the model', model);
  // Functional models were called Model before.
  const functional = kind === 'Functional' || kind === 'Model';
  if (kind !== 'Sequential' && !functional) throw outOfRange(call, 'class_name', "'Sequential' or 'Functional'", kind);
  // Before Keras 2.2.3 the configuration of a Sequential was the list itself.
  const own = Array.isArray(config) ? { layers: config as unknown[] } : checkObject(call, 'config', config);
  const list = own.layers;
  if (!Array.isArray(list)) throw wrongType(call, 'config.layers', 'an array of layers', list);
  if (list.length > 1000) throw outOfRange(call, 'config.layers', 'at most 1000 layers', list);
  const entries = Array.from(list as unknown[], (entry, index) => {
    const {
      class_name: given,
      config: settings,
      name,
      inbound_nodes: inboundNodes,
    } = checkObject(call, `layers[${index}]`, entry);
    const config = checkObject(call, `layers[${index}].config`, settings);
    const field = typeof config.name === 'string' ? `layer ${describe(config.name)}` : `layers[${index}]`;
    const className = textOf(given);
    if (!KNOWN.includes(className)) {
      const expected = `one of ${KNOWN.join(', ')}, which is all that engram can tell`;
      throw outOfRange(call, `${field}.class_name`, expected, given);
    }
    return { className, config, field, name: textOf(name ?? config.name), inboundNodes };
  });
  const order = functional ? chainOf(call, own as Record<string, unknown>, entries) : entries.keys();
  const layers = entries.map(({ className, config, field }): Layer => {
    return { className, config, field, tensors: weightsOf({ className, name: textOf(config.name) }) };
  });
  const reader = new Reader(call, defaults);
  for (const place of order) reader.add(layers[place] as Layer);
  return reader.stack();
}
