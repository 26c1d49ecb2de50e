// The lowered network behind a Network: its memory in the engine, and the views of it.

import { takeVector } from '../checks/errors.js';
import { Network as Core, type DataSet, hasTrapped } from '../engine/core.js';
import { float64, int32 } from '../engine/engine.js';
import { SQUASHES, WORDS } from '../engine/generated/tables.js';
import { busyError, type GraphHome, type Holder } from './home.js';
import type { NetworkLayout } from './layout.js';

/** Steps after which a network is worth compiling. */
const STEPS_TO_COMPILE = 50;

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

/** A network in the engine. */
export class LiveNetwork implements Holder {
  readonly core: Core;
  /** Trained numbers at the start of the memory: weights, then biases. */
  readonly parameterCount: number;
  /** Some layers read sequences from their end: there is no single step to take. */
  readonly bidirectional: boolean;
  /** Steps are pooled: a sequence has one output. */
  readonly hasReadout: boolean;
  readonly memory: Float64Array;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  readonly words: Int32Array;
  readonly input: Float64Array;
  readonly output: Float64Array;
  #layout: NetworkLayout | undefined;
  readonly #activations: Float64Array;
  readonly #firstOutput: number;
  readonly #addresses: { memory: number; input: number; output: number };
  #code: (Code & { projected: number }) | undefined;
  #steps = 0;
  busy = false;
  ahead = false;
  behind = false;
  dropped = false;

  constructor(
    readonly home: GraphHome,
    neurons: Uint32Array,
    sizes: Uint32Array,
    names: string[],
  ) {
    this.core = new Core(home.read(), neurons, sizes, names);
    const [weights = 0, units = 0, length = 0, activations = 0, isBidirectional, hasReadout] = this.core.shape();
    this.bidirectional = isBidirectional === 1;
    this.hasReadout = hasReadout === 1;
    this.parameterCount = weights + units;
    this.memory = float64(this.core.memoryAddress(), length);
    this.weights = this.memory.subarray(0, weights);
    this.biases = this.memory.subarray(weights, weights + units);
    this.words = int32(this.core.wordsAddress(), WORDS);
    const inputs = sizes[0] ?? 0;
    const outputs = sizes[sizes.length - 1] ?? 0;
    const { core } = this;
    this.#addresses = { memory: core.memoryAddress(), input: core.inputAddress(), output: core.outputAddress() };
    this.input = float64(this.#addresses.input, inputs);
    this.output = float64(this.#addresses.output, outputs);
    this.#activations = this.memory.subarray(activations, activations + units);
    this.#firstOutput = neurons.length - outputs;
    home.holders.add(this);
  }

  /** Names of the squashing functions of the outputs. */
  get outputSquashes(): (typeof SQUASHES)[number][] {
    return Array.from(this.core.outputSquashes(), (code) => SQUASHES[code] ?? 'LOGISTIC');
  }

  /** What lies where in the memory. */
  get layout(): NetworkLayout {
    this.#layout ??= this.core.layout() as NetworkLayout;
    return this.#layout;
  }

  store(): void {
    this.core.store(this.home.wasm);
  }

  drop(): void {
    this.dropped = true;
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
      this.core.load(this.home.wasm);
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
    if (!this.hasReadout) return;
    throw new TypeError(`${call}: a network with a read-out learns from whole sequences; use a Trainer`);
  }

  activate(call: string, input: ArrayLike<number>): number[] {
    this.refuseSteps(call);
    const { input: given, output } = this;
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
    takeVector(call, 'target', target, this.output.length, 'the network gives', this.output);
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

  /** Hands the memory to a run. */
  beginRun(): void {
    this.core.beginRun();
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

  /** Activations of all units at every step of a data set's only sample. */
  trace(data: DataSet): Float64Array {
    return this.core.trace(data);
  }
}
