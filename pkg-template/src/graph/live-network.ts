// The lowered network behind a Network: its memory in the engine, and the views of it.

import { takeVector } from '../checks/errors.js';
import { Network as Core } from '../engine/core.js';
import { float64, int32 } from '../engine/engine.js';
import { SQUASHES, WORDS } from '../engine/generated/tables.js';
import { hasTrapped } from '../engine/instance.js';
import { freeLent, lend } from '../engine/lending.js';
import type { DataSet } from '../engine/runs.js';
import { busyError, type GraphHome, type Holder } from './home.js';
import type { NetworkLayout } from './layout.js';
import { makingRoom } from './residents.js';

/** Steps after which a network is worth compiling. */
const STEPS_TO_COMPILE = 50;

/** Plain data that nobody changes any more. */
function frozen<T>(data: T): T {
  if (typeof data === 'object' && data !== null) Object.values(Object.freeze(data)).forEach(frozen);
  return data;
}

/** Refuses to hand out what is not a number: weights or inputs were too large to compute with. */
export function checkOutput(call: string, index: number, value: number): void {
  if (!Number.isNaN(value)) return;
  throw new RangeError(
    `${call}: output[${index}] is not a number: weights or inputs are too large to compute with, or the training diverged`,
  );
}

/** The functions of a compiled network, by the addresses of what they work on. */
interface Code {
  activate(memory: number, input: number): void;
  propagate(memory: number, target: number, projected: number, rate: number): void;
}

/** Where inputs and outputs of a network that grows are new (`src/growth.rs`). */
export interface Growth {
  /** Inputs that were slots of symbols, the last of them for unknown ones. Behind them come inputs of other kinds. */
  slots: number;
  /** Slots that are new, before the last: their symbols were unknown, and are read so until they are learnt. */
  more: number;
  /** Whether outputs are new before the last one, and not behind it. They keep the weights that were drawn for them. */
  end: boolean;
}

/** Views that programs have: what they write counts, and what they hold stays in its place. */
interface Views {
  readonly memory: Float64Array;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** A network in the engine; while its graph is not there, its memory waits in JavaScript's. */
export class LiveNetwork implements Holder {
  /** Trained numbers at the start of the memory: weights, then biases. */
  readonly parameterCount: number;
  /** Some layers read sequences from their end: there is no single step to take. */
  readonly bidirectional: boolean;
  /** Steps are pooled: a sequence has one output. */
  readonly hasReadout: boolean;
  /** Whether connections reach back, or ahead. */
  readonly hasDelays: boolean;
  #core: Core | undefined;
  /** What was in the memory when it left the engine. */
  #image: Float64Array | undefined;
  readonly #shape: Uint32Array;
  #memory!: Float64Array;
  #input!: Float64Array;
  #output!: Float64Array;
  #activations!: Float64Array;
  #addresses!: { memory: number; input: number; output: number; words: number };
  #lent: Views | undefined;
  #layout: NetworkLayout | undefined;
  readonly #firstOutput: number;
  #code: (Code & { projected: number }) | undefined;
  #steps = 0;
  busy = false;
  ahead = false;
  behind = false;
  dropped = false;
  pinned = false;

  constructor(
    readonly home: GraphHome,
    readonly neurons: Uint32Array,
    readonly sizes: Uint32Array,
    readonly names: string[],
    /** The layers that were lowered, as the network has them. */
    readonly layers: unknown,
  ) {
    home.read();
    this.#firstOutput = neurons.length - (sizes[sizes.length - 1] ?? 0);
    const core = this.#lower();
    this.#shape = core.shape();
    const [weights = 0, units = 0, , , isBidirectional, hasReadout, hasDelays] = this.#shape;
    this.bidirectional = isBidirectional === 1;
    this.hasReadout = hasReadout === 1;
    this.hasDelays = hasDelays === 1;
    this.parameterCount = weights + units;
    this.#look(core);
    home.holders.add(this);
    home.measure();
  }

  #lower(): Core {
    const graph = this.home.reading;
    const names = this.names.map((name) => `${name.replaceAll('\0', '')}\0`).join('');
    return makingRoom(() => new Core(graph, this.neurons, this.sizes, names));
  }

  /** Makes the views of a memory in the engine. */
  #look(core: Core): void {
    const [, units = 0, length = 0, activations = 0] = this.#shape;
    this.#core = core;
    this.#memory = float64(core.memoryAddress(), length);
    this.#addresses = {
      memory: core.memoryAddress(),
      input: core.inputAddress(),
      output: core.outputAddress(),
      words: core.wordsAddress(),
    };
    this.#input = float64(this.#addresses.input, this.sizes[0] ?? 0);
    this.#output = float64(this.#addresses.output, this.sizes[this.sizes.length - 1] ?? 0);
    this.#activations = this.#memory.subarray(activations, activations + units);
  }

  /** The network in the engine, which it comes to if need be. */
  get core(): Core {
    if (this.#core !== undefined) return this.#core;
    const core = this.#lower();
    this.#look(core);
    if (this.#image !== undefined) this.#memory.set(this.#image);
    this.#image = undefined;
    this.home.measure();
    return core;
  }

  moveOut(): void {
    if (this.#core === undefined) return;
    this.#image = this.#memory.slice();
    this.#leave();
  }

  #leave(): void {
    if (this.#lent === undefined) this.#core?.free();
    else if (this.#core !== undefined) freeLent(this.#core, this.bytes);
    this.#core = undefined;
    this.#lent = undefined;
    this.#code = undefined;
    this.#steps = 0;
  }

  /** Gives the engine's memory back; for networks that are not used any more. */
  free(): void {
    this.#leave();
    this.home.holders.delete(this);
    this.home.measure();
  }

  /** Keeps the memory where it is from now on, as someone has views of it. */
  pin(): this {
    if (!this.pinned) {
      this.core;
      this.pinned = true;
      this.home.pin();
    }
    return this;
  }

  /** Views for programs. */
  get lent(): Views {
    const { core } = this.pin();
    this.#lent ??= {
      memory: lend(this.memory.subarray(), core),
      weights: lend(this.weights, core),
      biases: lend(this.biases, core),
    };
    return this.#lent;
  }

  get bytes(): number {
    return this.#core === undefined ? 0 : 2 * this.#memory.byteLength;
  }

  /** All numbers of the network, for as long as it stays in its place; programs get `lent`. */
  get memory(): Float64Array {
    this.core;
    return this.#memory;
  }

  get weights(): Float64Array {
    return this.memory.subarray(0, this.#shape[0]);
  }

  get biases(): Float64Array {
    return this.memory.subarray(this.#shape[0], this.parameterCount);
  }

  get words(): Int32Array {
    this.core;
    return int32(this.#addresses.words, WORDS);
  }

  /** Number of inputs. */
  get inputs(): number {
    return this.sizes[0] ?? 0;
  }

  /** Number of outputs. */
  get outputs(): number {
    return this.sizes[this.sizes.length - 1] ?? 0;
  }

  /** Names of the squashing functions of the outputs. */
  get outputSquashes(): (typeof SQUASHES)[number][] {
    return Array.from(this.core.outputSquashes(), (code) => SQUASHES[code] ?? 'LOGISTIC');
  }

  /** What lies where in the memory. */
  get layout(): NetworkLayout {
    this.#layout ??= frozen(this.core.layout() as NetworkLayout);
    return this.#layout;
  }

  store(): void {
    this.core.store(this.home.wasm);
  }

  drop(): void {
    this.dropped = true;
    if (!this.pinned) this.#leave();
  }

  /** Brings the memory up to date with the graph and other networks on it. */
  refresh(): this {
    if (this.home.holders.size > 1) {
      for (const holder of this.home.holders) {
        if (holder !== this && holder.ahead && !holder.busy) {
          this.home.read();
          this.behind = true;
        }
      }
    }
    if (this.behind && !this.busy) {
      this.core.load(this.home.reading);
      this.behind = false;
    }
    return this;
  }

  /** Refuses single steps of a network that reads sequences from both ends. */
  refuseSteps(call: string): void {
    if (!this.bidirectional) return;
    throw new TypeError(`${call}: a bidirectional network reads whole sequences; use activateSequence`);
  }

  /** Refuses to learn step by step what can't be learnt so. */
  refuseStepwiseLearning(call: string): void {
    this.refuseSteps(call);
    if (!this.hasReadout && !this.hasDelays) return;
    const what = this.hasReadout ? 'a read-out' : 'delays';
    throw new TypeError(`${call}: a network with ${what} learns from whole sequences; use a Trainer`);
  }

  activate(call: string, input: ArrayLike<number>): number[] {
    this.refuseSteps(call);
    if (this.#core === undefined) this.core;
    const given = this.#input;
    const output = this.#output;
    takeVector(call, 'input', input, given.length, 'the network takes', given);
    const values = new Array<number>(output.length);
    // Loops, as the methods of arrays cost more than a small network.
    if (this.#code !== undefined && !this.busy) {
      // The page owns the memory, so the code can be called without the engine in between.
      const activations = this.#activations;
      this.#code.activate(this.#addresses.memory, this.#addresses.input);
      const first = this.#firstOutput;
      for (let index = 0; index < values.length; index++) values[index] = activations[first + index] as number;
    } else {
      if (!this.core.activate()) throw busyError(call);
      for (let index = 0; index < values.length; index++) values[index] = output[index] as number;
      this.#steps++;
      if (this.#steps === STEPS_TO_COMPILE) this.#compile();
    }
    this.changed();
    for (let index = 0; index < values.length; index++) checkOutput(call, index, values[index] as number);
    return values;
  }

  propagate(call: string, rate: number, target: ArrayLike<number>): void {
    this.refuseStepwiseLearning(call);
    if (this.#core === undefined) this.core;
    takeVector(call, 'target', target, this.#output.length, 'the network gives', this.#output);
    if (this.#code !== undefined && !this.busy) {
      this.#code.propagate(this.#addresses.memory, this.#addresses.output, this.#code.projected, rate);
    } else if (!this.core.propagate(rate)) throw busyError(call);
    this.changed();
  }

  #compile(): void {
    const code = this.core.compile() as Code | undefined;
    if (code === undefined) return;
    const { activate, propagate } = code;
    this.#code = { activate, propagate, projected: this.core.projectedAddress() };
  }

  /** Notes that the memory is newer than the graph, and than other networks on it. */
  changed(): void {
    this.ahead = true;
    if (this.home.holders.size > 1) {
      for (const holder of this.home.holders) {
        if (holder !== this) holder.behind = true;
      }
    }
  }

  /** Takes over what a network of fewer inputs and outputs has learnt, which has the same layers between them. */
  inherit(old: LiveNetwork, { slots, more, end }: Growth): void {
    this.core.inherit(old.core, slots, more, end);
    this.changed();
  }

  /** Hands the memory to a run, in which the layers with these indices do not learn. */
  beginRun(held = new Uint32Array()): void {
    this.core.beginRun(held);
    this.busy = true;
    this.changed();
  }

  /** Takes the memory back; a run on a memory of its own brings what it made of it. */
  endRun(image?: Float64Array): void {
    this.busy = false;
    // An engine that has trapped has said so to its caller; the run's promise is to settle all the same.
    if (!hasTrapped()) this.core.endRun(image);
    this.changed();
  }

  /** Outputs of every step of a data set, each sample from a fresh context. */
  runSequences(data: DataSet): Float64Array {
    return this.core.runSequences(data);
  }

  /** Outputs of the steps of a data set that have a target, each sample from a fresh context. */
  runTargets(data: DataSet): Float64Array {
    return this.core.runTargets(data);
  }

  /** What each number of a set's first sample did, on the way from the second; then the answers to both. */
  attribute(data: DataSet, intervals: number): Float64Array {
    return this.core.attribute(data, intervals);
  }

  /** Activations of all units at every step of a data set's only sample. */
  trace(data: DataSet): Float64Array {
    return this.core.trace(data);
  }
}
