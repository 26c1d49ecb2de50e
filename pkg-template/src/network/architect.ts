// Ready-made networks: Perceptron, LSTM, GRU, Liquid, Hopfield.

import {
  checkBoolean,
  checkChoice,
  checkNumber,
  named,
  outOfRange,
  takeNumber,
  takeOptions,
  takeVector,
  wrongType,
} from '../checks/errors.js';
import { Blueprint } from '../engine/core.js';
import { engine } from '../engine/engine.js';
import { CONNECTION_TYPES, engineOptions, GATE_TYPES } from '../engine/generated/tables.js';
import { GraphHome } from '../graph/home.js';
import { callable } from '../graph/inheritance.js';
import { type ConnectionType, Layer, LayerConnection } from '../graph/layer.js';
import { countConnections, Neuron } from '../graph/neuron.js';
import { makingRoom } from '../graph/residents.js';
import type { TrainingResult } from '../training/report.js';
import { Trainer } from '../training/trainer.js';
import { type Convolution, checkConvolution, checkReadoutName, rowsOf, type SequenceReadout } from './convolution.js';
import { type Initializer, initializers, usualInitializer } from './initializer.js';
import { Network } from './network.js';

/** What the outputs are: each in (0, 1) on its own, probabilities that sum to 1, or any numbers. */
export type OutputKind = 'logistic' | 'softmax' | 'linear';

/** Options of {@link LSTM}. */
export interface LSTMOptions {
  /** How cells project onto their gates; null or false for no peepholes. Default ALL_TO_ALL. */
  peepholes?: ConnectionType | null | false;
  /** Cells project onto the other cells of their layer. Default false. */
  hiddenToHidden?: boolean;
  /** Outputs project onto the cells. Default false. */
  outputToHidden?: boolean;
  /** Outputs project onto the gates. Default false. */
  outputToGates?: boolean;
  /** Inputs project onto the outputs. Default true. */
  inputToOutput?: boolean;
  /**
   * `'synaptic'` (default): Synaptic's topology. `'standard'`: the textbook's LSTM, as in PyTorch
   * and Keras; the options above do not apply to it.
   */
  variant?: 'synaptic' | 'standard';
  /** What the outputs are. Default `'logistic'`; choose `'softmax'` to classify. */
  output?: OutputKind;
  /**
   * Every hidden layer gets a twin that reads the sequence from its end, and what follows sees both
   * (Schuster & Paliwal 1997). Such a network runs whole sequences only: `activateSequence` and
   * training, not `activate`. For `'standard'`. Default false.
   */
  bidirectional?: boolean;
  /**
   * Neurons of a layer of weighted sums between the input and the first cells, 0 to 65,536: a
   * learnt vector per symbol where inputs are one-hot. For `'standard'`. Default 0: none.
   */
  embedding?: number;
  /**
   * How the steps of a sequence become one before the output layer, so that a sequence has one answer instead of one
   * at every step. `'last'`: the hidden state at each direction's own end, PyTorch's `h_n`. `'mean'`, `'max'`: over
   * the steps, cell by cell. `'attention'`: the mean over the steps, weighted by the softmax of a score that is a
   * learnt vector times the hidden state (Bahdanau et al. 2015, without a layer of its own; Yang et al. 2016).
   * `'mean+max'`: both, side by side. For `'standard'`. Default: none.
   *
   * With a read-out, `activateSequence` gives one output vector, samples have a target at their last step alone, and
   * the gradient is not truncated; `activate` gives the answer for the steps so far, `propagate` is refused. `'last'`
   * of one direction changes nothing: the outputs at the last step are that answer.
   */
  readout?: SequenceReadout;
  /**
   * Convolutions over time between the input, or the embedding, and the hidden layers, which may be none then: sizes
   * are input and output alone. With `bidirectional` each has a twin that looks ahead. First weights are He's (2015).
   * For `'standard'`. Default: none.
   */
  convolution?: Convolution[];
  /** How first weights are drawn, see {@link Initializer}. For `'standard'`. Default `'keras'`, with `convolution` `'scaled'`. */
  initializer?: Initializer;
  /** Fixes the first weights: an integer from 0. Default: random. */
  seed?: number;
}

/** Options of {@link GRU}; those it shares with {@link LSTM} are as there. */
export interface GRUOptions
  extends Pick<
    LSTMOptions,
    'output' | 'bidirectional' | 'embedding' | 'readout' | 'convolution' | 'initializer' | 'seed'
  > {
  /**
   * Where the reset gate stands: `'after'` the recurrent matrix (default), as in PyTorch and in Keras'
   * `reset_after`, or `'before'` it, as Cho et al. (2014) have it.
   */
  reset?: 'after' | 'before';
}

/** Options of {@link Perceptron}. */
export interface PerceptronOptions {
  /**
   * How first weights are drawn. `'synaptic'` (default): uniform in ±0.1, as in Synaptic. `'keras'`: Glorot-uniform,
   * biases 0. `'pytorch'`: weights and biases uniform in `±1 / sqrt(sources)`. `'he'`: for rectified neurons, uniform
   * with variance `2 / sources` (He et al. 2015), biases 0.
   */
  initializer?: 'synaptic' | 'keras' | 'pytorch' | 'he';
  /** What the outputs are. Default `'logistic'`. */
  output?: OutputKind;
  /** Fixes the first weights: an integer from 0. Default: random. */
  seed?: number;
}

/** Options of {@link Liquid} and {@link Hopfield}. */
export interface SeedOptions {
  /** Fixes topology and first weights: an integer from 0. Default: random. */
  seed?: number;
}

const outputs = ['logistic', 'softmax', 'linear'] as const;

function checkSeed(call: string, seed: number | undefined): number | undefined {
  if (seed === undefined) return undefined;
  return checkNumber(call, 'options.seed', seed, engineOptions.seed);
}

function checkSize(call: string, field: string, value: unknown, min = 1): number {
  return takeNumber(call, field, value, { min, max: 2 ** 31, integer: true });
}

/** What the outputs are to be; a softmax needs two. */
function checkOutputKind(call: string, given: unknown, sizes: Uint32Array): OutputKind {
  const kind = checkChoice(call, 'options.output', given ?? 'logistic', outputs);
  if (kind === 'softmax' && sizes[sizes.length - 1] === 1) {
    const expected = "'logistic' for one output, as a softmax of one is always 1, or one output per class";
    throw outOfRange(call, 'options.output', expected, kind);
  }
  return kind;
}

/** Splits the arguments of an architect into layer sizes and options. */
function sizesAndOptions(call: string, given: unknown[], least = 3): { sizes: Uint32Array; options: unknown } {
  const last = given[given.length - 1];
  const hasOptions = typeof last === 'object' && last !== null;
  const layers = hasOptions ? given.slice(0, -1) : given;
  if (layers.length < least) {
    throw new RangeError(`${call}: got ${layers.length} layers, expected at least ${least} (input, hidden, output)`);
  }
  return {
    sizes: Uint32Array.from(layers, (size, index) => checkSize(call, `layer ${index}`, size)),
    options: hasOptions ? last : undefined,
  };
}

/** Runs a builder of the engine, with the call's name in front of what it refuses. */
function draw(call: string, build: () => Blueprint): Blueprint {
  engine();
  return named(call, () => makingRoom(build));
}

/** Wraps a blueprint in handles and gives the layers to a network. */
function furnish(network: Network, blueprint: Blueprint): void {
  const names = blueprint.names().split('\n');
  const plan = blueprint.plan();
  const home = new GraphHome(undefined, blueprint.intoGraph());
  let at = 0;
  const next = (): number => plan[at++] as number;
  const list = (): Uint32Array => {
    const count = next();
    at += count;
    return plan.slice(at - count, at);
  };
  const layers = names.map((name) => {
    const layer = new Layer(Array.from(list(), (id) => new Neuron(home, id)));
    layer.name = name;
    return layer;
  });
  const layerAt = (index: number): Layer => layers[index] as Layer;
  while (at < plan.length) {
    const [from, to] = [layerAt(next()), layerAt(next())];
    const type = Layer.connectionType[CONNECTION_TYPES[next()] as (typeof CONNECTION_TYPES)[number]];
    const delay = next() | 0;
    const gates = Array.from({ length: next() }, () => {
      const layer = layerAt(next());
      return { layer, type: Layer.gateType[GATE_TYPES[next()] as (typeof GATE_TYPES)[number]] };
    });
    const projection = new LayerConnection(from, to, type, home, list(), delay);
    projection.gatedfrom.push(...gates);
    from.connectedTo.push(projection);
    countConnections(projection.size);
  }
  network.set({ input: layerAt(0), hidden: layers.slice(1, -1), output: layerAt(layers.length - 1) });
}

/**
 * Layers joined one to the next.
 *
 * @example
 * const network = new Architect.Perceptron(2, 3, 1);
 * new Trainer(network).XOR();
 */
@callable
export class Perceptron extends Network {
  /** Trains this network; made at first use. */
  declare readonly trainer: Trainer;

  /**
   * Sizes of the input, the hidden layers and the output; then, if wanted, {@link PerceptronOptions}.
   *
   * @throws TypeError or RangeError that names the size or option that is wrong; RangeError where the engine's memory
   *   does not suffice.
   */
  constructor(...sizes: [...number[], PerceptronOptions] | number[]) {
    super();
    const call = 'new Architect.Perceptron';
    const given = sizesAndOptions(call, sizes);
    const options = takeOptions<PerceptronOptions>(call, given.options, ['initializer', 'output', 'seed']);
    const initializer = checkChoice(call, 'options.initializer', options.initializer ?? 'synaptic', [
      'synaptic',
      'keras',
      'pytorch',
      'he',
    ]);
    const output = checkOutputKind(call, options.output, given.sizes);
    const seed = checkSeed(call, options.seed);
    furnish(
      this,
      draw(call, () => Blueprint.perceptron(given.sizes, output, initializer, seed)),
    );
  }
}

const synapticOnly = ['peepholes', 'hiddenToHidden', 'outputToHidden', 'outputToGates', 'inputToOutput'] as const;
const standardOnly = ['bidirectional', 'embedding', 'readout', 'convolution', 'initializer'] as const;

/** Fewest layers of a recurrent network: the hidden ones may all be convolutions. */
function leastLayers(given: unknown[]): number {
  const { convolution } = Object(given[given.length - 1]) as LSTMOptions;
  return Array.isArray(convolution) && convolution.length > 0 ? 2 : 3;
}

/** Checks the options that all recurrent networks but Synaptic's have, and fills in their defaults. */
function checkStandard(call: string, given: LSTMOptions) {
  const { bidirectional, embedding, readout, convolution, initializer } = given;
  return {
    bidirectional: checkBoolean(call, 'options.bidirectional', bidirectional ?? false),
    embedding: checkNumber(call, 'options.embedding', embedding ?? 0, { min: 0, max: 65_536, integer: true }),
    readout: readout === undefined ? undefined : checkReadoutName(call, readout),
    convolution: rowsOf(checkConvolution(call, convolution)),
    initializer: checkChoice(call, 'options.initializer', initializer ?? usualInitializer(convolution), initializers),
  };
}

/**
 * Long short-term memory.
 *
 * @example
 * const network = new Architect.LSTM(1, 32, 2, { variant: 'standard', output: 'softmax' });
 */
@callable
export class LSTM extends Network {
  /** Trains this network; made at first use. */
  declare readonly trainer: Trainer;

  /**
   * Sizes of the input, the layers of cells and the output; then, if wanted, {@link LSTMOptions}.
   *
   * @throws TypeError or RangeError that names the size or option that is wrong; RangeError where the engine's memory
   *   does not suffice.
   */
  constructor(...sizes: [...number[], LSTMOptions] | number[]) {
    super();
    const call = 'new Architect.LSTM';
    const given = sizesAndOptions(call, sizes, leastLayers(sizes));
    const options = takeOptions<LSTMOptions>(call, given.options, [
      ...synapticOnly,
      ...standardOnly,
      'variant',
      'output',
      'seed',
    ]);
    const variant = checkChoice(call, 'options.variant', options.variant ?? 'synaptic', ['synaptic', 'standard']);
    const misplaced = synapticOnly.find((name) => options[name] !== undefined);
    if (variant === 'standard' && misplaced !== undefined) {
      throw outOfRange(call, `options.${misplaced}`, "left out with variant 'standard'", options[misplaced]);
    }
    const unfit = standardOnly.find((name) => options[name] !== undefined);
    if (variant === 'synaptic' && unfit !== undefined) {
      throw outOfRange(call, `options.${unfit}`, "left out but with variant 'standard'", options[unfit]);
    }
    const { peepholes = Layer.connectionType.ALL_TO_ALL } = options;
    const kinds = Object.values(Layer.connectionType);
    const built = {
      peepholes: peepholes ? checkChoice(call, 'options.peepholes', peepholes, kinds).replaceAll(' ', '_') : undefined,
      hiddenToHidden: Boolean(options.hiddenToHidden),
      outputToHidden: Boolean(options.outputToHidden),
      outputToGates: Boolean(options.outputToGates),
      inputToOutput: Boolean(options.inputToOutput ?? true),
      variant,
      output: checkOutputKind(call, options.output, given.sizes),
      ...checkStandard(call, options),
    };
    const seed = checkSeed(call, options.seed);
    furnish(
      this,
      draw(call, () => Blueprint.lstm(given.sizes, built, seed)),
    );
  }
}

/** Options that Synaptic's LSTM has and other units have not, as the engine takes them. */
const notSynaptic = {
  peepholes: undefined,
  hiddenToHidden: false,
  outputToHidden: false,
  outputToGates: false,
  inputToOutput: false,
};

/**
 * Gated recurrent units (Cho et al. 2014): what an LSTM does with a gate and a state less.
 *
 * @example
 * const network = new Architect.GRU(1, 32, 2, { output: 'softmax' });
 */
@callable
export class GRU extends Network {
  /** Trains this network; made at first use. */
  declare readonly trainer: Trainer;

  /**
   * Sizes of the input, the layers of units and the output; then, if wanted, {@link GRUOptions}.
   *
   * @throws TypeError or RangeError that names the size or option that is wrong; RangeError where the engine's memory
   *   does not suffice.
   */
  constructor(...sizes: [...number[], GRUOptions] | number[]) {
    super();
    const call = 'new Architect.GRU';
    const given = sizesAndOptions(call, sizes, leastLayers(sizes));
    const options = takeOptions<GRUOptions>(call, given.options, [...standardOnly, 'reset', 'output', 'seed']);
    const reset = checkChoice(call, 'options.reset', options.reset ?? 'after', ['after', 'before']);
    const built = {
      ...notSynaptic,
      variant: reset === 'after' ? 'gru' : 'gruResetBefore',
      output: checkOutputKind(call, options.output, given.sizes),
      ...checkStandard(call, options),
    };
    const seed = checkSeed(call, options.seed);
    furnish(
      this,
      draw(call, () => Blueprint.lstm(given.sizes, built, seed)),
    );
  }
}

/**
 * A reservoir: hidden neurons with random connections and gates among them.
 *
 * @example
 * const network = new Architect.Liquid(2, 20, 1, 30, 10);
 */
@callable
export class Liquid extends Network {
  /** Trains this network; made at first use. */
  declare readonly trainer: Trainer;

  /**
   * Sizes of input, reservoir and output, and how many connections and gates there are among the hidden neurons.
   *
   * @throws TypeError or RangeError that names the size or option that is wrong; RangeError where the engine's memory
   *   does not suffice.
   */
  constructor(
    inputs: number,
    hidden: number,
    outputCount: number,
    connections: number,
    gates: number,
    options?: SeedOptions,
  ) {
    super();
    const call = 'new Architect.Liquid';
    const sizes = [
      checkSize(call, 'inputs', inputs),
      checkSize(call, 'hidden', hidden),
      checkSize(call, 'outputs', outputCount),
      checkSize(call, 'connections', connections, 0),
      checkSize(call, 'gates', gates, 0),
    ] as const;
    const seed = checkSeed(call, takeOptions<SeedOptions>(call, options, ['seed']).seed);
    furnish(
      this,
      draw(call, () => Blueprint.liquid(...sizes, seed)),
    );
  }
}

/**
 * Content-addressable memory of bit patterns.
 *
 * @example
 * const memory = new Architect.Hopfield(4);
 * memory.learn([[0, 1, 0, 1], [1, 1, 0, 0]]);
 * memory.feed([0, 1, 0, 0]);
 */
@callable
export class Hopfield extends Network {
  /** Trains the patterns. */
  declare readonly trainer: Trainer;

  /**
   * A memory of patterns of `size` bits.
   *
   * @throws TypeError or RangeError that names the size or option that is wrong; RangeError where the engine's memory
   *   does not suffice.
   */
  constructor(size: number, options?: SeedOptions) {
    super();
    const call = 'new Architect.Hopfield';
    const length = checkSize(call, 'size', size);
    const seed = checkSeed(call, takeOptions<SeedOptions>(call, options, ['seed']).seed);
    furnish(
      this,
      draw(call, () => Blueprint.hopfield(length, seed)),
    );
  }

  /**
   * Learns patterns by heart.
   *
   * @param patterns (patterns, size): each a list of bits, 0 or 1, as many as the memory has neurons.
   * @throws TypeError or RangeError that names the pattern that is wrong.
   */
  learn(patterns: ArrayLike<number>[]): TrainingResult {
    const call = 'Hopfield.learn';
    if (!Array.isArray(patterns)) throw wrongType(call, 'patterns', 'an array of patterns', patterns);
    if (patterns.length === 0) throw outOfRange(call, 'patterns', 'at least one pattern', patterns);
    this.live(call).home.refuseWhileBusy(call);
    const set = patterns.map((pattern, index) => {
      const bits = new Float64Array(this.inputs());
      takeVector(call, `patterns[${index}]`, pattern, bits.length, 'the network takes', bits);
      bits.forEach((bit, place) => {
        checkNumber(call, `patterns[${index}][${place}]`, bit, { min: 0, max: 1 });
      });
      return { input: bits, output: bits };
    });
    return this.trainer.train(set, { iterations: 500_000, error: 0.00005, rate: 1 });
  }

  /**
   * The learnt pattern that this one recalls, as bits.
   *
   * @param pattern (size): a list of numbers, as many as the memory has neurons.
   */
  feed(pattern: ArrayLike<number>): number[] {
    return this.activate(pattern).map((value) => (value > 0.5 ? 1 : 0));
  }
}

// As in Synaptic 1.0. Made at first use, for the object that is asked: a constructor may have run on another one.
for (const Kind of [Perceptron, LSTM, Liquid, Hopfield]) {
  Object.defineProperty(Kind.prototype, 'trainer', {
    configurable: true,
    get(this: Network) {
      const trainer = new Trainer(this);
      Object.defineProperty(this, 'trainer', { value: trainer, configurable: true, writable: true });
      return trainer;
    },
    set(this: Network, trainer: unknown) {
      Object.defineProperty(this, 'trainer', { value: trainer, configurable: true, writable: true });
    },
  });
}
