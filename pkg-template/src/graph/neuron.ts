// Handles of neurons and of the connections between them: Synaptic's Neuron over the engine's graph. Each
// names the other, so they share a file.

import { checkNumber, takeNumber, takeOptions, takeRate, wrongType } from '../checks/errors.js';
import { CONNECTION, MAX_DELAY, NEURON } from '../engine/generated/tables.js';
import { follow, GraphHome, gather, type Handle, join, type Place } from './home.js';
import { Anchor, callable } from './inheritance.js';
import { SQUASH_EXPECTED, type Squash, squash, squashCode, squashOf } from './squash.js';

let neuronIds = 0;
let connectionIds = 0;
let connectionsMade = 0;

/** @internal Counts new connections, for {@link Neuron.quantity}. */
export function countConnections(count: number): void {
  connectionsMade += count;
}

/** What {@link Layer.project} and {@link Neuron.project} take beside type and weight. */
export interface ProjectOptions {
  /**
   * Steps that the activation lies before which is read; 0, for this step, if left out. Before a sequence begins
   * activations are 0. At most 1,024; into layers that read sequences from their end the delay is negative: they look
   * ahead. Networks with delays learn whole sequences, by a `Trainer`; `propagate` refuses them.
   */
  delay?: number;
}

/** @internal The delay that options of a projection ask for. */
export function takeDelay(call: string, options: ProjectOptions | undefined): number {
  if (options === undefined) return 0;
  const { delay = 0 } = takeOptions<ProjectOptions>(call, options, ['delay']);
  return checkNumber(call, 'options.delay', delay, { min: -MAX_DELAY, max: MAX_DELAY, integer: true });
}

/** An object that can be read only: what a change would do otherwise is what `error` says. */
function fixed<T extends object>(value: T, error: () => TypeError): T {
  const refuse = (): never => {
    throw error();
  };
  return new Proxy(value, { set: refuse, deleteProperty: refuse, defineProperty: refuse });
}

const errorIsComputed = () =>
  new TypeError('Neuron.error: errors are computed by propagate and cannot be set; pass a target to propagate');
const connectionsAreMade = () =>
  new TypeError(
    'Neuron.connections: connections are made by project and stay; to remove some, take them out of ' +
      'network.toJSON() and load that by Network.fromJSON, or set their weight to 0',
  );

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
    if (this.from === this.to && this.delay === 0) {
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

  set gater(_gater: never) {
    throw new TypeError('Connection.gater: set by neuron.gate(connection)');
  }

  /** What its gater multiplies it by now; 1 without a gater. */
  get gain(): number {
    return this.#field(CONNECTION.gain);
  }

  set gain(_gain: never) {
    throw new TypeError(
      "Connection.gain: the gain is the gater's activation and cannot be set; change the weight, or activate the gater",
    );
  }

  /**
   * Steps between what its source was and what its target reads of it: of a positive number of steps before, of a
   * negative one of steps after. 0 for most, which read this step, or the one before where the source comes later.
   */
  get delay(): number {
    return this.#field(CONNECTION.delay);
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

const missing = new WeakMap<Neuron, Connection>();

/** What stands for the connection of a neuron onto itself where there is none, as in Synaptic. */
function missingSelfConnection(neuron: Neuron): Connection {
  let standIn = missing.get(neuron);
  if (standIn === undefined) {
    const connected = (): Connection | undefined => (neuron.selfconnected() ? neuron.selfconnection : undefined);
    standIn = Object.create(Connection.prototype, {
      ID: { value: Connection.uid(), enumerable: true },
      from: { value: neuron, enumerable: true },
      to: { value: neuron, enumerable: true },
      weight: {
        enumerable: true,
        get: () => (connected() === undefined ? 0 : 1),
        set(value: unknown) {
          const call = 'Connection.weight';
          const weight = takeNumber(call, 'weight', value, { min: 0, max: 1, integer: true });
          if (weight === 1) neuron.project(neuron);
          else if (connected() !== undefined) throw new RangeError(`${call}: weight is 0, a self-connection weighs 1`);
        },
      },
      gater: { get: () => connected()?.gater ?? null },
      gain: { get: () => connected()?.gain ?? 1 },
      fixed: { get: () => connected()?.fixed ?? false },
      delay: { value: 0 },
      place: {
        get() {
          const made = connected();
          if (made !== undefined) return made.place;
          throw new TypeError('Neuron.gate: the neuron has no connection to itself; make it by neuron.project(neuron)');
        },
      },
    }) as Connection;
    missing.set(neuron, standIn);
  }
  return standIn;
}

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
  const fields = graph.neurons(ids);
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
    if (code < 0) throw wrongType('Neuron.squash', 'squash', SQUASH_EXPECTED, value);
    const { home } = this.place;
    write(this, 'squash', NEURON.squash, code);
    home.reshape('Neuron.squash');
  }

  /** Error responsibilities of the last propagation. */
  get error(): { responsibility: number; projected: number; gated: number } {
    const errors = {
      responsibility: read(this, NEURON.total),
      projected: read(this, NEURON.projected),
      gated: read(this, NEURON.gated),
    };
    return fixed(errors, errorIsComputed);
  }

  set error(_error: never) {
    throw errorIsComputed();
  }

  /** The connections that end here, start here, and are gated from here, each by its ID. */
  get connections(): { inputs: ConnectionMap; projected: ConnectionMap; gated: ConnectionMap } {
    const { home, id } = this.place;
    const map = (ids: Uint32Array): ConnectionMap => {
      const handles = Array.from(ids, (connection) => connectionAt(home, connection));
      return fixed(Object.fromEntries(handles.map((connection) => [connection.ID, connection])), connectionsAreMade);
    };
    const maps = {
      inputs: map(home.wasm.incoming(id)),
      projected: map(home.wasm.projected(id)),
      gated: map(home.wasm.gated(id)),
    };
    return fixed(maps, connectionsAreMade);
  }

  set connections(_connections: never) {
    throw connectionsAreMade();
  }

  /** The connection of the neuron onto itself; its weight is 0 where there is none, and 1 makes one. */
  get selfconnection(): Connection {
    const { home, id } = this.place;
    const own = home.wasm.selfConnection(id);
    return own === undefined ? missingSelfConnection(this) : connectionAt(home, own);
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
   * out. An existing connection is kept and takes the weight, if one is given. With a delay, see
   * {@link ProjectOptions}, it is a connection of its own, also to the neuron itself.
   */
  project(neuron: Neuron, weight?: number, options?: ProjectOptions): Connection {
    const call = 'Neuron.project';
    if (!(neuron instanceof Neuron)) throw wrongType(call, 'neuron', 'a Neuron', neuron);
    const given = weight === undefined ? undefined : takeNumber(call, 'weight', weight);
    const delay = takeDelay(call, options);
    const { home, ids } = gather(call, [this], [neuron]);
    const [from, to] = ids as [Uint32Array, Uint32Array];
    const isNew = home.wasm.find(from[0] as number, to[0] as number, delay) === undefined;
    const graph = isNew ? home.reshape(call) : home.change(call);
    const connection = graph.project(from, to, 'ALL_TO_ALL', given, delay)[0] as number;
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
    const { home, id } = this.place;
    return home.wasm.selfConnection(id) !== undefined;
  }

  /** How it is connected to a neuron, or false. */
  connected(neuron: Neuron): Connected | false {
    if (!(neuron instanceof Neuron)) throw wrongType('Neuron.connected', 'neuron', 'a Neuron', neuron);
    const { home, id } = this.place;
    const other = neuron.place;
    if (other.home !== home) return false;
    const found = home.wasm.find(id, other.id, 0);
    if (found !== undefined) {
      return { type: id === other.id ? 'selfconnection' : 'projected', connection: connectionAt(home, found) };
    }
    const back = home.wasm.find(other.id, id, 0);
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

/** Names that types for Synaptic have. */
export declare namespace Neuron {
  /** A {@link Connection}. */
  export type Connection = Connected['connection'];
  /** A squashing function. */
  export type SquashingFunction = Squash;
}
