// A row of neurons, and the projections of one row onto another: Synaptic's Layer. Each names the other, so
// they share a file.

import { checkChoice, takeNumber, takeOptions, takeRate, takeVector, wrongType } from '../checks/errors.js';
import { follow, type GraphHome, gather, type Place } from './home.js';
import { callable } from './inheritance.js';
import { type Connection, connectionAt, countConnections, Neuron, type ProjectOptions, takeDelay } from './neuron.js';
import { SQUASH_EXPECTED, type Squash, squashCode } from './squash.js';

const connectionType = {
  ALL_TO_ALL: 'ALL TO ALL',
  ONE_TO_ONE: 'ONE TO ONE',
  ALL_TO_ELSE: 'ALL TO ELSE',
} as const;

// With names that older versions of Synaptic had; not listed.
const gateType: {
  readonly INPUT: 'INPUT';
  readonly OUTPUT: 'OUTPUT';
  readonly ONE_TO_ONE: 'ONE TO ONE';
  readonly INPUT_GATE: 'INPUT';
  readonly OUTPUT_GATE: 'OUTPUT';
} = Object.defineProperties(Object({ INPUT: 'INPUT', OUTPUT: 'OUTPUT', ONE_TO_ONE: 'ONE TO ONE' }), {
  INPUT_GATE: { value: 'INPUT' },
  OUTPUT_GATE: { value: 'OUTPUT' },
});

/** How a projection pairs neurons, one of {@link Layer.connectionType}. */
export type ConnectionType = (typeof connectionType)[keyof typeof connectionType];
/** Which end of a projection is gated, one of {@link Layer.gateType}. */
export type GateType = (typeof gateType)[keyof typeof gateType];

/** Most neurons of one layer. */
const MAX_SIZE = 2 ** 20;

const connectionTypes = Object.values(connectionType);
const gateTypes = Object.values(gateType);
const engineName = (type: string): string => type.replaceAll(' ', '_');

let projections = 0;

/** All connections that one call of `project` made between two layers. */
export class LayerConnection {
  /** Number of this projection, unique in the program. */
  readonly ID: number = LayerConnection.uid();
  /** Whether the layer projects onto itself. */
  readonly selfconnection: boolean;
  /** Number of connections. */
  readonly size: number;
  /** The layers that gate it. */
  readonly gatedfrom: { layer: Layer; type: GateType }[] = [];
  readonly #first: Place;
  readonly #offsets: Uint32Array;

  /** @internal */
  constructor(
    /** The layer it starts from. */
    readonly from: Layer,
    /** The layer it ends at. */
    readonly to: Layer,
    /** How neurons are paired. */
    readonly type: ConnectionType,
    home: GraphHome,
    ids: Uint32Array,
    /** Delay of its connections, see {@link ProjectOptions}. */
    readonly delay = 0,
  ) {
    this.selfconnection = from === to;
    this.size = ids.length;
    this.#first = { home, id: 0 };
    this.#offsets = ids;
  }

  /** The next free number. */
  static uid(): number {
    return projections++;
  }

  /** @internal The graph and the ids of its connections there. */
  get place(): { home: GraphHome; ids: Uint32Array } {
    const { home, id } = follow(this.#first, 'connections');
    return { home, ids: this.#offsets.map((offset) => offset + id) };
  }

  /** The connections, source by source. */
  get list(): Connection[] {
    const { home, ids } = this.place;
    return Array.from(ids, (id) => connectionAt(home, id));
  }

  /** The connections by their ID. */
  get connections(): Record<number, Connection> {
    return Object.fromEntries(this.list.map((connection) => [connection.ID, connection]));
  }
}

/** Something that a layer can project onto by its input layer: a network. */
export interface HasInputLayer {
  /** Its layers. */
  readonly layers: { readonly input: Layer };
}

/** What {@link Layer.set} changes. */
export interface LayerSettings {
  /** Each neuron's label becomes this and its ID. */
  label?: string;
  /** Squashing function, one of `Neuron.squash`. */
  squash?: Squash;
  /** Bias of every neuron. */
  bias?: number;
}

/** A value for each neuron, no more: Synaptic's layers are stricter than its networks. */
function valuesFor(call: string, field: string, value: unknown, size: number): Float64Array {
  const values = new Float64Array(size);
  takeVector(call, field, value, size, 'the layer takes', values);
  const { length } = value as ArrayLike<number>;
  if (length > size) throw new RangeError(`${call}: ${field} has ${length} values, the layer takes ${size}`);
  return values;
}

/** How all neurons of a layer are connected to those of another by connections of this delay. */
function joined(from: Layer, to: Layer, delay: number): ConnectionType | undefined {
  const connected = (a: Neuron, b: Neuron | undefined): boolean => {
    if (b === undefined || a.place.home !== b.place.home) return false;
    return (a !== b || delay !== 0) && a.place.home.wasm.find(a.place.id, b.place.id, delay) !== undefined;
  };
  if (from.size === 0 || to.list.length === 0) return undefined;
  if (from.list.every((a) => to.list.every((b) => connected(a, b)))) return connectionType.ALL_TO_ALL;
  if (from.list.every((a, index) => connected(a, to.list[index]))) return connectionType.ONE_TO_ONE;
  return undefined;
}

/**
 * A list of neurons that are activated one after the other.
 *
 * @example
 * const [input, output] = [new Layer(2), new Layer(1)];
 * input.project(output);
 */
@callable
export class Layer {
  /** Ways to project: every pair, one to one, every pair but a neuron with itself. */
  static readonly connectionType = connectionType;
  /** Ways to gate: by target, by source, by connection. */
  static readonly gateType = gateType;

  /** Number of neurons. */
  size: number;
  /** The neurons, in order. */
  readonly list: Neuron[];
  /** The projections that start here. */
  readonly connectedTo: LayerConnection[] = [];
  /** What the layer is, as an architect or `Layer.set` named it: `inputGate`, `memoryCell`, ... */
  name: string | undefined;

  /** A layer of `size` new neurons; without a size, of none. */
  constructor(size?: number);
  /** @internal */
  constructor(neurons: Neuron[]);
  constructor(size: number | Neuron[] = 0) {
    if (Array.isArray(size)) {
      this.list = size;
    } else {
      const length = takeNumber('new Layer', 'size', size, { min: 0, max: MAX_SIZE, integer: true });
      this.list = Array.from({ length }, () => new Neuron());
    }
    this.size = this.list.length;
  }

  /** Activates every neuron, with a value each from `input` or from its connections. */
  activate(input?: ArrayLike<number>): number[] {
    const call = 'Layer.activate';
    if (this.size === 0) return [];
    if (input !== undefined) {
      const values = valuesFor(call, 'input', input, this.size);
      return Array.from(values, (value, index) => (this.list[index] as Neuron).activate(value));
    }
    const { home, ids } = gather(call, this.list);
    return Array.from(home.change(call).activate(ids[0] as Uint32Array));
  }

  /** Propagates the error of every neuron, the last one first. See {@link Neuron.propagate}. */
  propagate(rate?: number, target?: ArrayLike<number>): void {
    const call = 'Layer.propagate';
    const step = takeRate(call, rate);
    const values = target === undefined ? undefined : valuesFor(call, 'target', target, this.size);
    for (let index = this.size - 1; index >= 0; index--) {
      (this.list[index] as Neuron).propagate(step, values?.[index]);
    }
  }

  /**
   * Connects to a layer, or to the input layer of a network. `type` is ALL_TO_ALL, or ONE_TO_ONE
   * onto itself, if left out; `weight` is random in ±0.1 for each connection if left out.
   * Gives undefined where the layers are fully connected already; the type says so no more than Synaptic's does.
   * With a delay, it reads steps before: layers that are joined by several delays are a convolution over time.
   *
   * @example
   * // The last three steps of the input: a time-delay neural network.
   * for (const delay of [0, 1, 2]) input.project(hidden, undefined, undefined, { delay });
   */
  project(
    layer: Layer | HasInputLayer,
    type?: ConnectionType,
    weight?: number,
    options?: ProjectOptions,
  ): LayerConnection {
    const call = 'Layer.project';
    const target = layer instanceof Layer ? layer : (Object(layer) as Partial<HasInputLayer>).layers?.input;
    if (!(target instanceof Layer)) throw wrongType(call, 'layer', 'a Layer or Network', layer);
    const kind =
      type === undefined
        ? target === this
          ? connectionType.ONE_TO_ONE
          : connectionType.ALL_TO_ALL
        : checkChoice(call, 'type', type, connectionTypes);
    const given = weight === undefined ? undefined : takeNumber(call, 'weight', weight);
    if (kind === connectionType.ONE_TO_ONE && this.size !== target.size) {
      throw new RangeError(`${call}: a ONE TO ONE projection from ${this.size} neurons to ${target.size}`);
    }
    const delay = takeDelay(call, options);
    if (joined(this, target, delay)) return undefined as unknown as LayerConnection;
    const { home, ids } = gather(call, this.list, target.list);
    const [from, to] = ids as [Uint32Array, Uint32Array];
    const made = home.reshape(call).project(from, to, engineName(kind), given, delay);
    countConnections(made.length);
    const projection = new LayerConnection(this, target, kind, home, made, delay);
    this.connectedTo.push(projection);
    return projection;
  }

  /**
   * Gates a projection: INPUT, neuron i gates what enters target i; OUTPUT, what leaves source i;
   * ONE_TO_ONE, connection i.
   */
  gate(connection: LayerConnection, type: GateType): void {
    const call = 'Layer.gate';
    if (!(connection instanceof LayerConnection)) throw wrongType(call, 'connection', 'a LayerConnection', connection);
    const kind = checkChoice(call, 'type', type, gateTypes);
    const gated = { INPUT: connection.to.size, OUTPUT: connection.from.size, 'ONE TO ONE': connection.size }[kind];
    if (gated !== this.size) {
      throw new RangeError(`${call}: the gating layer has ${this.size} neurons, expected ${gated} for ${kind}`);
    }
    const { home, ids } = gather(call, this.list, connection.from.list, connection.to.list);
    const [gaters, from, to] = ids as [Uint32Array, Uint32Array, Uint32Array];
    home.reshape(call).gate(gaters, from, to, connection.place.ids, engineName(kind));
    connection.gatedfrom.push({ layer: this, type: kind });
  }

  /** Whether every neuron is connected to itself. */
  selfconnected(): boolean {
    return this.list.every((neuron) => neuron.selfconnected());
  }

  /** How the layer is connected to another without delay: ALL_TO_ALL, ONE_TO_ONE, or undefined. */
  connected(layer: Layer): ConnectionType | undefined {
    if (!(layer instanceof Layer)) throw wrongType('Layer.connected', 'layer', 'a Layer', layer);
    return joined(this, layer, 0);
  }

  /** Forgets the traces of every neuron. */
  clear(): void {
    for (const neuron of this.list) neuron.clear();
  }

  /** Gives every neuron new random weights and bias, and no context. */
  reset(): void {
    for (const neuron of this.list) neuron.reset();
  }

  /** The neurons. */
  neurons(): Neuron[] {
    return this.list;
  }

  /** Adds a neuron, a new one if left out. */
  add(neuron: Neuron = new Neuron()): void {
    if (!(neuron instanceof Neuron)) throw wrongType('Layer.add', 'neuron', 'a Neuron', neuron);
    neuron.place.home.reshape('Layer.add');
    this.list.push(neuron);
    this.size++;
  }

  /** Sets label, squash or bias of every neuron; gives the layer. */
  set(options: LayerSettings): this {
    const call = 'Layer.set';
    const given = takeOptions<LayerSettings>(call, options, ['label', 'squash', 'bias']);
    if (given.squash !== undefined && squashCode(given.squash) < 0) {
      throw wrongType(call, 'options.squash', SQUASH_EXPECTED, given.squash);
    }
    const bias = given.bias === undefined ? undefined : takeNumber(call, 'options.bias', given.bias);
    if (given.label !== undefined) this.name = String(given.label);
    for (const neuron of this.list) {
      if (given.label !== undefined) neuron.label = `${given.label}_${neuron.ID}`;
      if (given.squash !== undefined) neuron.squash = given.squash;
      if (bias !== undefined) neuron.bias = bias;
    }
    return this;
  }
}

/** Names that types for Synaptic have. */
export declare namespace Layer {
  /** A {@link ConnectionType}. */
  export type connectionType = ConnectionType;
  /** A {@link GateType}. */
  export type gateType = GateType;
  /** A projection. */
  export type LayerConnection = Layer['connectedTo'][number];
  /** What {@link Layer.set} changes. */
  export type Options = LayerSettings;
}
