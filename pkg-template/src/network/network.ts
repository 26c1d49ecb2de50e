// Synaptic's Network over the engine: layers, activation, learning, files, and live views.

import { copyVector, isVector, named, takeRate, takeVector, wrongType } from '../checks/errors.js';
import type { TrainingSet } from '../data/data-set.js';
import { sequencesOf } from '../data/flat-set.js';
import { WORD } from '../engine/generated/tables.js';
import { type DenseNetworkJSON, networkToDenseJSON } from '../graph/dense-json.js';
import { toDot } from '../graph/dot.js';
import { busyError, type GraphHome, gather } from '../graph/home.js';
import { callable } from '../graph/inheritance.js';
import { layersFromJSON, layersToJSON } from '../graph/json.js';
import type { NetworkJSON } from '../graph/json-types.js';
import { type ConnectionType, type GateType, type HasInputLayer, Layer, type LayerConnection } from '../graph/layer.js';
import { inOrder, type LayerPosition, type NetworkLayers, neuronsOf } from '../graph/layers.js';
import type { NetworkLayout } from '../graph/layout.js';
import { LiveNetwork } from '../graph/live-network.js';
import type { Neuron, ProjectOptions } from '../graph/neuron.js';
import { standaloneSource } from '../graph/standalone.js';
import type { TrainingOptions } from '../training/options.js';
import { Trainer } from '../training/trainer.js';
import { sharesMemory } from '../worker/thread.js';
import { NetworkWorker } from './network-worker.js';
import { outputsOf } from './outputs.js';
import { Resources } from './resources.js';

/** What `network.optimized` holds, as in Synaptic. */
export interface Optimized {
  /** The network's memory; see {@link Network.memory}. */
  readonly memory: Float64Array;
  /** As {@link Network.activate}. */
  activate(input: ArrayLike<number>): number[];
  /** As {@link Network.propagate}. */
  propagate(rate: number | undefined, target: ArrayLike<number>): void;
  /** Takes a memory back from a worker: copies it, unless it is the network's own. */
  ownership(memoryBuffer: Float64Array): void;
  /** Lowers the network anew at the next call. */
  reset(): void;
}

function activateAll(
  call: string,
  live: LiveNetwork,
  sequences: { field: string; steps: ArrayLike<ArrayLike<number>> }[],
): number[][][] {
  const data = sequencesOf(call, sequences, live.inputs, live.outputs);
  try {
    const lengths = sequences.map(({ steps }) => steps.length);
    return outputsOf(call, live, data, lengths, 'each');
  } finally {
    data.free();
  }
}

/** What {@link Network.optimized} can be. */
const optimizedOf = ({ optimized }: Network): Optimized | null | false => optimized;

function everyNeuron(call: string, network: Network, act: (ids: Uint32Array, home: GraphHome) => void): void {
  Resources.usable(call, network);
  const { home, ids } = gather(
    call,
    network.neurons().map(({ neuron }) => neuron),
  );
  act(ids[0] as Uint32Array, home);
}

function takeMemory(network: Network, memoryBuffer: Float64Array): void {
  const call = 'Network.optimized.ownership';
  const live = network.live(call);
  if (memoryBuffer === live.lent.memory) return;
  if (!isVector(memoryBuffer)) throw wrongType(call, 'memoryBuffer', 'a Float64Array', memoryBuffer);
  live.home.refuseWhileBusy(call);
  const image = new Float64Array(live.memory.length);
  copyVector(call, 'memoryBuffer', memoryBuffer, image.length, 'the network has', image);
  live.memory.set(image);
  live.changed();
}

/**
 * Layers that work together.
 *
 * @example
 * const [input, hidden, output] = [new Layer(2), new Layer(3), new Layer(1)];
 * input.project(hidden);
 * hidden.project(output);
 * const network = new Network({ input, hidden: [hidden], output });
 * network.activate([1, 0]); // [0.5...]
 */
@callable
export class Network {
  /** The layers. */
  layers: Required<NetworkLayers>;
  /**
   * The lowered network. It is null before `optimize` or the first use and false after `setOptimize(false)`, which the
   * type leaves out, as Synaptic's does: where it is used it has been made.
   */
  optimized: Optimized = null as never;

  constructor(layers?: NetworkLayers) {
    this.layers = { input: new Layer(), hidden: [], output: new Layer() };
    if (layers !== undefined) this.set(layers);
  }

  /** @internal The network in the engine, lowered if need be. */
  live(call: string): LiveNetwork {
    let live = Resources.usable(call, this);
    if (live !== null && live.layers !== this.layers) {
      // Other layers were assigned: they are checked as those of `set` are.
      if (live.busy) throw busyError(call);
      this.set(this.layers);
      live = Resources.usable(call, this);
    }
    if (live !== null && !live.dropped) return live.refresh();
    if (Object(this.layers) !== this.layers) {
      throw new TypeError(`${call}: the network has no layers; give it some by set`);
    }
    const { input, output } = this.layers;
    const layers = inOrder(this.layers);
    if (input.size === 0 || output.size === 0) {
      throw new TypeError(`${call}: the network has ${input.size} inputs and ${output.size} outputs, expected some`);
    }
    const { home, ids } = gather(call, ...layers.map((layer) => layer.list));
    const neurons = new Uint32Array(ids.reduce((sum, layer) => sum + layer.length, 0));
    let end = 0;
    for (const layer of ids) {
      neurons.set(layer, end);
      end += layer.length;
    }
    const names = layers.map((layer, index) => {
      if (layer.name !== undefined) return layer.name;
      if (layer === input) return 'input';
      return layer === output ? 'output' : `hidden ${index}`;
    });
    live?.free();
    const sizes = Uint32Array.from(ids, (layer) => layer.length);
    const lowered = named(call, () => new LiveNetwork(home, neurons, sizes, names, this.layers));
    Resources.setLive(this, lowered);
    return lowered;
  }

  /** Whether a run is training it now. */
  get busy(): boolean {
    return Resources.live(this)?.busy ?? false;
  }

  /**
   * Activates the network for one step and gives its outputs. With a read-out they are the answer for the steps
   * since the context was fresh: see {@link Network.resetContext}.
   *
   * @param input one finite number per input neuron, or strings of digits; what is more is ignored.
   * @throws RangeError for too few, TypeError for anything but numbers.
   */
  activate(input: ArrayLike<number>): number[] {
    const call = 'Network.activate';
    const optimized = optimizedOf(this);
    if (optimized !== false) {
      const live = this.live(call);
      if (!optimized) this.optimize();
      return live.activate(call, input);
    }
    this.live(call).refuseSteps(call);
    const values = new Float64Array(this.inputs());
    takeVector(call, 'input', input, values.length, 'the network takes', values);
    this.layers.input.activate(values);
    for (const layer of this.layers.hidden) layer.activate();
    return this.layers.output.activate();
  }

  /**
   * Learns from the target of the last activation.
   *
   * @param rate learning rate; 0.1 if left out. 0 learns nothing.
   * @param target one finite number per output neuron, or strings of digits; what is more is ignored.
   * @throws RangeError for too few, TypeError for anything but numbers, while a run trains the network, and for a
   *   network with a read-out or delays, which only learns whole sequences.
   */
  propagate(rate: number | undefined, target: ArrayLike<number>): void {
    const call = 'Network.propagate';
    const step = takeRate(call, rate);
    const optimized = optimizedOf(this);
    if (optimized !== false) {
      if (!optimized) this.optimize();
      this.live(call).propagate(call, step, target);
      return;
    }
    this.live(call).refuseStepwiseLearning(call);
    const values = new Float64Array(this.outputs());
    takeVector(call, 'target', target, values.length, 'the network gives', values);
    this.layers.output.propagate(step, values);
    for (const layer of [...this.layers.hidden].reverse()) layer.propagate(step);
  }

  /**
   * Outputs at every step of a sequence, from a fresh context. The network's own context stays as
   * it is, also while a worker trains it.
   *
   * @param steps (steps, inputs): one input vector per step, at least one.
   * @returns (steps, outputs): one output vector per step; of a network with a read-out one in all.
   * @throws TypeError or RangeError that names the step that is wrong.
   * @example
   * const network = new Architect.LSTM(1, 4, 2);
   * const [, , last] = network.activateSequence([[0], [1], [1]]);
   */
  activateSequence(steps: ArrayLike<ArrayLike<number>>): number[][] {
    const [outputs] = activateAll('Network.activateSequence', this.live('Network.activateSequence'), [
      { field: 'steps', steps },
    ]);
    return outputs as number[][];
  }

  /**
   * {@link Network.activateSequence} of several sequences at once, which is faster than one by one.
   *
   * @param sequences (sequences, steps, inputs): each as long as it likes; none gives none.
   * @returns (sequences, steps, outputs), in the same order; with a read-out one output vector per sequence.
   * @throws TypeError or RangeError that names the sequence and the step that are wrong.
   */
  activateSequences(sequences: ArrayLike<ArrayLike<number>>[]): number[][][] {
    const call = 'Network.activateSequences';
    if (!Array.isArray(sequences)) throw wrongType(call, 'sequences', 'an array of sequences', sequences);
    if (sequences.length === 0) return [];
    const named = sequences.map((steps, index) => ({ field: `sequences[${index}]`, steps }));
    return activateAll(call, this.live(call), named);
  }

  /**
   * Activations of every neuron at every step of a sequence, from a fresh context: what {@link Network.activateSequence}
   * computes on its way. One array per step, in the order of `layout.layers`; works while a worker trains, too. Of a
   * read-out, what it reads at each step; what comes behind it has one activation, which stands at every step.
   *
   * @param steps one input vector per step.
   * @example
   * const network = new Architect.LSTM(1, 4, 2, { variant: 'standard' });
   * const { first, size } = network.layout.layers.find(({ name }) => name === 'forgetGate');
   * const trace = network.traceSequence([[0], [1], [1]]);
   * trace[2].subarray(first, first + size); // the four forget gates at the last step
   */
  traceSequence(steps: ArrayLike<ArrayLike<number>>): Float64Array[] {
    const call = 'Network.traceSequence';
    const live = this.live(call);
    const data = sequencesOf(call, [{ field: 'steps', steps }], live.inputs, live.outputs);
    try {
      const trace = live.trace(data);
      const units = trace.length / steps.length;
      return Array.from({ length: steps.length }, (_, step) => trace.subarray(step * units, (step + 1) * units));
    } finally {
      data.free();
    }
  }

  /** Connects the output layer to a layer, or to a network's input layer. See {@link Layer.project}. */
  project(
    unit: Layer | HasInputLayer,
    type?: ConnectionType,
    weight?: number,
    options?: ProjectOptions,
  ): LayerConnection {
    return this.layers.output.project(unit, type, weight, options);
  }

  /** Gates a projection with the output layer. */
  gate(connection: LayerConnection, type: GateType): void {
    this.layers.output.gate(connection, type);
  }

  /** Forgets traces, as Synaptic does: states stay. See {@link Network.resetContext}. */
  clear(): void {
    const call = 'Network.clear';
    everyNeuron(call, this, (ids, home) => home.change(call).clear(ids));
  }

  /** Forgets traces, states and gains: the next step is the first of a sequence. */
  resetContext(): void {
    const call = 'Network.resetContext';
    everyNeuron(call, this, (ids, home) => home.change(call).resetContext(ids));
  }

  /** New random weights and biases, and no context. */
  reset(): void {
    const call = 'Network.reset';
    everyNeuron(call, this, (ids, home) => home.change(call).reset(ids));
  }

  /** Lowers the network for speed; done by itself at first use. */
  optimize(): void {
    const live = (): LiveNetwork => this.live('Network.optimized');
    live();
    this.optimized = {
      get memory() {
        return live().lent.memory;
      },
      activate: (input) => this.activate(input),
      propagate: (rate, target) => this.propagate(rate, target),
      ownership: (memoryBuffer) => takeMemory(this, memoryBuffer),
      reset: () => {
        live().home.reshape('Network.optimized.reset');
        this.optimized = null as never;
      },
    };
  }

  /** Brings neurons and connections up to date; they are at every read, so nothing is left to do. */
  restore(): void {
    Resources.live(this)?.home.read();
  }

  /** `false` runs the network neuron by neuron, slowly, until `true` is set again. */
  setOptimize(optimize: boolean): void {
    Resources.live(this)?.home.reshape('Network.setOptimize');
    this.optimized = (optimize ? null : false) as never;
  }

  /** All neurons in the order of activation, with the name or number of their layer. */
  neurons(): { neuron: Neuron; layer: LayerPosition }[] {
    return neuronsOf(this.layers);
  }

  /** Number of inputs. */
  inputs(): number {
    return this.layers.input.size;
  }

  /** Number of outputs. */
  outputs(): number {
    return this.layers.output.size;
  }

  /** Changes the layers. */
  set(layers: NetworkLayers): void {
    const call = 'Network.set';
    const { input, hidden = [], output } = layers ?? {};
    if (!(input instanceof Layer)) throw wrongType(call, 'layers.input', 'a Layer', input);
    if (!(output instanceof Layer)) throw wrongType(call, 'layers.output', 'a Layer', output);
    if (!Array.isArray(hidden)) throw wrongType(call, 'layers.hidden', 'an array of Layers', hidden);
    hidden.forEach((layer, index) => {
      const field = `layers.hidden[${index}]`;
      if (!(layer instanceof Layer)) throw wrongType(call, field, 'a Layer', layer);
      if (hidden.indexOf(layer) !== index || layer === input || layer === output) {
        throw new TypeError(
          `${call}: ${field} is listed twice, expected every layer once: each is activated once a step`,
        );
      }
    });
    Resources.live(this)?.home.reshape(call);
    this.layers = { input, hidden, output };
    if (optimizedOf(this) !== false) this.optimized = null as never;
  }

  /**
   * All of the network's numbers: `[weights | biases | states | ...]`, see {@link Network.layout}.
   * A view of the engine's memory; weights and biases in it change live while a worker trains. It stays valid while the
   * topology stands, and until {@link Network.free}; then it is nobody's, and keeps its numbers as long as it is held,
   * but not when a sixteenth of the engine's memory has been freed like that after it, or all of it is used up. A view
   * that is made anew of its `buffer` holds nothing. What is written to it counts from the next call on; get it anew once
   * layers or neurons have been activated or changed by themselves.
   */
  get memory(): Float64Array {
    return this.#lend('Network.memory').memory;
  }

  /** Views of the network, to which the caller may write. */
  #lend(call: string): LiveNetwork['lent'] {
    const live = this.live(call);
    live.changed();
    return live.lent;
  }

  /** The weights in {@link Network.memory}. */
  get weights(): Float64Array {
    return this.#lend('Network.weights').weights;
  }

  /** The biases in {@link Network.memory}, one per unit. */
  get biases(): Float64Array {
    return this.#lend('Network.biases').biases;
  }

  /** What lies where in {@link Network.memory}. */
  get layout(): NetworkLayout {
    return this.live('Network.layout').layout;
  }

  /** Grows with every update of the weights by a run; odd while one is being written. */
  get version(): number {
    return Atomics.load(this.live('Network.version').words, WORD.version);
  }

  /**
   * Whether workers see the very memory of {@link Network.memory}. False where the page is not
   * cross-origin isolated: then each worker has a copy, and the page's is brought up to date every
   * 50 ms. Found out when the first worker starts; before, it tells what is expected.
   */
  get isShared(): boolean {
    return sharesMemory();
  }

  /**
   * A model file: Synaptic's JSON, with what engram adds to it; or, where asked for, format 2, a fraction as large, in
   * which blocks of weights are the text of their bytes. Files of both formats can be read for ever. Gains of gates are
   * in neither, as in Synaptic's: where gates fire after what they gate (as in a Liquid), a copy that is made between two
   * steps of a sequence goes on a little differently.
   *
   * @param format 2 for the compact format. Anything else, also what `JSON.stringify` passes, is format 1, an entry per
   *   neuron and connection.
   * @throws RangeError where format 1 would have more than 4,194,304 connections.
   */
  toJSON(format: 2): DenseNetworkJSON;
  toJSON(format?: unknown): NetworkJSON;
  toJSON(format?: unknown): NetworkJSON | DenseNetworkJSON {
    const call = 'Network.toJSON';
    Resources.usable(call, this);
    return format === 2 ? networkToDenseJSON(this.layers, this.live(call)) : layersToJSON(this.layers);
  }

  /** A network from {@link Network.toJSON} or from Synaptic's. */
  static fromJSON(json: NetworkJSON | DenseNetworkJSON): Network {
    return new Network(layersFromJSON(json));
  }

  /** A copy with its own neurons. */
  clone(): Network {
    Resources.usable('Network.clone', this);
    // What is kept as a matrix is too large for an entry per connection.
    const large = this.layers.input.list[0]?.place.home.wasm.hasMatrices() ?? false;
    return Network.fromJSON(large ? this.toJSON(2) : this.toJSON());
  }

  /** The topology in Graphviz's dot language. */
  toDot(edgeConnection = false): { code: string; link: string } {
    return toDot(this.layers, edgeConnection);
  }

  /**
   * A function that activates a copy of the network, which goes on from where the network is. Its text needs nothing
   * else: `new Function('return ' + network.standalone())()` is a copy of its own, with the same start. To make it, a
   * page's content security policy must allow `'unsafe-eval'`; nothing else in engram needs that.
   */
  standalone(): (input: ArrayLike<number>) => number[] {
    this.live('Network.standalone').refuseSteps('Network.standalone');
    return new Function(`return ${standaloneSource(this.layers)}`)();
  }

  /**
   * A worker for this network: `await worker.activate(input)`, `await worker.propagate(rate,
   * target)`, and Synaptic's messages. `memory` is accepted for Synaptic's sake; the worker always
   * works on the network's own. With `set` and `options`, the message `startTraining` trains.
   */
  worker(_memory?: Float64Array | null, set?: TrainingSet, options?: TrainingOptions): NetworkWorker {
    this.live('Network.worker').refuseSteps('Network.worker');
    return new NetworkWorker(this, set, options, new Trainer(this));
  }

  /**
   * Gives the engine's memory back at once, instead of when the garbage collector finds it. The
   * network can't be used afterwards. Its layers keep its values, unless the engine's memory is used up.
   */
  free(): void {
    const call = 'Network.free';
    const live = Resources.usable(call, this);
    if (live !== null) {
      if (live.busy) live.home.refuseWhileBusy(call);
      try {
        live.home.read();
      } catch (error) {
        // No room is left to write the values down, and that is what the call is to mend.
        if (!(error instanceof RangeError)) throw error;
      }
      live.free();
    }
    Resources.free(this);
  }
}

/** Names that types of Synaptic's users have. */
export declare namespace Network {
  /** The layers of a network. */
  export type Options = Required<NetworkLayers>;
  /** What `network.optimized` holds. */
  export type Optimized = Network['optimized'];
}
