// Handles of neurons and of the connections between them: Synaptic's Neuron over the engine's graph. Each
// names the other, so they share a file.

import { takeNumber, takeRate, wrongType } from '../checks/errors.js';
import { CONNECTION, NEURON, NEURON_FIELDS_SET } from '../engine/generated/tables.js';
import { follow, GraphHome, gather, type Handle, join, type Place } from './home.js';
import { Anchor, callable } from './inheritance.js';
import { type Squash, squash, squashCode, squashOf } from './squash.js';

let neuronIds = 0;
let connectionIds = 0;
let connectionsMade = 0;

/** @internal Counts new connections, for {@link Neuron.quantity}. */
export function countConnections(count: number): void {
  connectionsMade += count;
}

/** A connection from one neuron to another, or from a neuron to itself. */
export class Connection {
  /** Number of this handle, unique in the program. */
  readonly ID: number = Connection.uid();
  readonly #place: Place;

  /** @internal */
  constructor(home: GraphHome, id: number) {
    this.#place = { home, id };
  }

  /** @internal */
  get place(): Place {
    return follow(this.#place, 'connections');
  }

  /** The next free number. */
  static uid(): number {
    return connectionIds++;
  }

  #field(column: number): number {
    const { home, id } = this.place;
    return home.read().connections(Uint32Array.of(id))[column] ?? 0;
  }

  #neuron(column: number): Neuron {
    const neuron = this.place.home.neurons[this.#field(column)] as Neuron | undefined;
    if (neuron === undefined) throw new Error('Connection: its neuron has no handle');
    return neuron;
  }

  /** Where it starts. */
  get from(): Neuron {
    return this.#neuron(CONNECTION.from);
  }

  /** Where it ends. */
  get to(): Neuron {
    return this.#neuron(CONNECTION.to);
  }

  /** Its weight; always 1 for a self-connection. */
  get weight(): number {
    return this.#field(CONNECTION.weight);
  }

  set weight(value: number) {
    const call = 'Connection.weight';
    const weight = takeNumber(call, 'weight', value);
    if (this.from === this.to) {
      if (weight === 1) return;
      throw new RangeError(`${call}: weight is ${weight}, a self-connection weighs 1`);
    }
    const { home, id } = this.place;
    home.change(call).setWeight(id, weight);
  }

  /** The neuron that gates it, or null. */
  get gater(): Neuron | null {
    return this.#field(CONNECTION.gater) < 0 ? null : this.#neuron(CONNECTION.gater);
  }

  /** What its gater multiplies it by now; 1 without a gater. */
  get gain(): number {
    return this.#field(CONNECTION.gain);
  }

  /** True for a connection that keeps its weight in training. */
  get fixed(): boolean {
    return this.#field(CONNECTION.fixed) !== 0;
  }
}

/** @internal The handle of a connection, the same at every call. */
export function connectionAt(home: GraphHome, id: number): Connection {
  let connection = home.connections.get(id) as Connection | undefined;
  if (connection === undefined) {
    connection = new Connection(home, id);
    home.connections.set(id, connection);
  }
  return connection;
}

/** What {@link Neuron.connected} found. */
export interface Connected {
  type: 'inputs' | 'projected' | 'gated' | 'selfconnection';
  connection: Connection;
}

/** Neurons by what their fields are called in a connections map. */
type ConnectionMap = Record<number, Connection>;

/**
 * Where a neuron is. An object that inherits from one without its constructor gets a neuron of its own at its first use.
 */
class Location extends Anchor {
  #place: Place;

  constructor(neuron: Handle, home = new GraphHome(), id = home.wasm.addNeurons(1)) {
    super(neuron);
    this.#place = { home, id };
    home.neurons[id] = neuron;
  }

  static of(neuron: Handle): Place {
    if (#place in neuron) return follow((neuron as Location).#place, 'neurons');
    new Location(neuron);
    Object.defineProperty(neuron, 'ID', { value: Neuron.uid(), enumerable: true });
    return Location.of(neuron);
  }
}

function read(neuron: Handle, field: number): number {
  const { home, id } = neuron.place;
  return home.read().neurons(Uint32Array.of(id))[field] ?? 0;
}

function write(neuron: Handle, name: string, field: number, value: number): void {
  const { home, id } = neuron.place;
  const graph = home.change(`Neuron.${name}`);
  const ids = Uint32Array.of(id);
  const fields = graph.neurons(ids).slice(0, NEURON_FIELDS_SET);
  fields[field] = value;
  graph.setNeurons(ids, fields);
}

/**
 * One unit: it sums what arrives, squashes it, and learns from its error.
 *
 * @example
 * const [a, b] = [new Neuron(), new Neuron()];
 * a.project(b);
 * a.activate(0.5);
 * b.activate();
 * b.propagate(0.3, 1);
 */
@callable
export class Neuron {
  /** Squashing functions. */
  static readonly squash = squash;

  /** Number of this neuron, unique in the program. */
  readonly ID: number = Neuron.uid();
  /** A name, if `Layer.set` gave it one. */
  label: string | undefined;

  /** A neuron with a random bias and the logistic squash. */
  constructor();
  /** @internal */
  constructor(home?: GraphHome, id?: number);
  constructor(home?: GraphHome, id?: number) {
    new Location(this, home, id);
  }

  /** The next free number. */
  static uid(): number {
    return neuronIds++;
  }

  /** How many neurons and connections have been made. */
  static quantity(): { neurons: number; connections: number } {
    return { neurons: neuronIds, connections: connectionsMade };
  }

  /** @internal */
  get place(): Place {
    return Location.of(this);
  }

  /** Added to the state at every step. */
  get bias(): number {
    return read(this, NEURON.bias);
  }
  set bias(value: number) {
    write(this, 'bias', NEURON.bias, takeNumber('Neuron.bias', 'bias', value));
  }

  /** What has arrived, before squashing. */
  get state(): number {
    return read(this, NEURON.state);
  }
  set state(value: number) {
    write(this, 'state', NEURON.state, takeNumber('Neuron.state', 'state', value));
  }

  /** State of the step before. */
  get old(): number {
    return read(this, NEURON.old);
  }
  set old(value: number) {
    write(this, 'old', NEURON.old, takeNumber('Neuron.old', 'old', value));
  }

  /** The squashed state. */
  get activation(): number {
    return read(this, NEURON.activation);
  }
  set activation(value: number) {
    write(this, 'activation', NEURON.activation, takeNumber('Neuron.activation', 'activation', value));
  }

  /** Derivative of the squash at the state. */
  get derivative(): number {
    return read(this, NEURON.derivative);
  }

  /** The squashing function, one of {@link Neuron.squash}. */
  get squash(): Squash {
    return squashOf(read(this, NEURON.squash));
  }
  set squash(value: Squash) {
    const code = squashCode(value);
    if (code < 0) throw wrongType('Neuron.squash', 'squash', 'one of Neuron.squash', value);
    const { home } = this.place;
    write(this, 'squash', NEURON.squash, code);
    home.reshape('Neuron.squash');
  }

  /** Error responsibilities of the last propagation. */
  get error(): { responsibility: number; projected: number; gated: number } {
    return {
      responsibility: read(this, NEURON.total),
      projected: read(this, NEURON.projected),
      gated: read(this, NEURON.gated),
    };
  }

  /** The connections that end here, start here, and are gated from here, each by its ID. */
  get connections(): { inputs: ConnectionMap; projected: ConnectionMap; gated: ConnectionMap } {
    const { home, id } = this.place;
    const map = (ids: Uint32Array): ConnectionMap => {
      const handles = Array.from(ids, (connection) => connectionAt(home, connection));
      return Object.fromEntries(handles.map((connection) => [connection.ID, connection]));
    };
    return {
      inputs: map(home.wasm.incoming(id)),
      projected: map(home.wasm.projected(id)),
      gated: map(home.wasm.gated(id)),
    };
  }

  /** The connection of the neuron onto itself, or null. */
  get selfconnection(): Connection | null {
    const { home, id } = this.place;
    const own = home.wasm.selfConnection(id);
    return own === undefined ? null : connectionAt(home, own);
  }

  /**
   * Activates the neuron: with `input` it takes that value (and its bias becomes 0), without it
   * squashes what arrives from its connections. Gives the activation.
   */
  activate(input?: number): number {
    const { home, id } = this.place;
    const call = 'Neuron.activate';
    if (input === undefined) return home.change(call).activate(Uint32Array.of(id))[0] ?? 0;
    const value = takeNumber(call, 'input', input);
    home.change(call).feed(id, value);
    return value;
  }

  /**
   * Learns: an output neuron from its `target`, any other from the errors of the neurons that it
   * projects to or gates. `rate` is the learning rate, 0.1 if left out; 0 learns nothing.
   */
  propagate(rate?: number, target?: number): void {
    const call = 'Neuron.propagate';
    const step = takeRate(call, rate);
    const goal = target === undefined ? undefined : takeNumber(call, 'target', target);
    const { home, id } = this.place;
    home.change(call).propagate(id, step, goal);
  }

  /**
   * Connects to another neuron, or to itself with weight 1. `weight` is random in ±0.1 if left
   * out. An existing connection is kept and takes the weight, if one is given.
   */
  project(neuron: Neuron, weight?: number): Connection {
    const call = 'Neuron.project';
    if (!(neuron instanceof Neuron)) throw wrongType(call, 'neuron', 'a Neuron', neuron);
    const given = weight === undefined ? undefined : takeNumber(call, 'weight', weight);
    const { home, ids } = gather(call, [this], [neuron]);
    const [from, to] = ids as [Uint32Array, Uint32Array];
    const isNew = home.wasm.find(from[0] as number, to[0] as number) === undefined;
    const graph = isNew ? home.reshape(call) : home.change(call);
    const connection = graph.project(from, to, 'ALL_TO_ALL', given)[0] as number;
    if (isNew) countConnections(1);
    return connectionAt(home, connection);
  }

  /** Multiplies a connection by this neuron's activation from now on. */
  gate(connection: Connection): void {
    const call = 'Neuron.gate';
    if (!(connection instanceof Connection)) throw wrongType(call, 'connection', 'a Connection', connection);
    const home = join(call, this.place.home, connection.place.home);
    home.reshape(call).gateConnection(this.place.id, connection.place.id);
  }

  /** Whether it is connected to itself. */
  selfconnected(): boolean {
    return this.selfconnection !== null;
  }

  /** How it is connected to a neuron, or false. */
  connected(neuron: Neuron): Connected | false {
    if (!(neuron instanceof Neuron)) throw wrongType('Neuron.connected', 'neuron', 'a Neuron', neuron);
    const { home, id } = this.place;
    const other = neuron.place;
    if (other.home !== home) return false;
    const found = home.wasm.find(id, other.id);
    if (found !== undefined) {
      return { type: id === other.id ? 'selfconnection' : 'projected', connection: connectionAt(home, found) };
    }
    const back = home.wasm.find(other.id, id);
    if (back !== undefined) return { type: 'inputs', connection: connectionAt(home, back) };
    for (const connection of Object.values(this.connections.gated)) {
      if (connection.from === neuron || connection.to === neuron) return { type: 'gated', connection };
    }
    return false;
  }

  /** Forgets traces: the error of past steps no longer counts. States and weights stay. */
  clear(): void {
    const { home, id } = this.place;
    home.change('Neuron.clear').clear(Uint32Array.of(id));
  }

  /** New random bias and weights, and no context. */
  reset(): void {
    const { home, id } = this.place;
    home.change('Neuron.reset').reset(Uint32Array.of(id));
  }
}
