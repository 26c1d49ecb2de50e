// Options that the sequence classes share, and what all of them store.

import { checkChoice, outOfRange } from '../checks/errors.js';
import { isError } from '../checks/realm.js';
import type { DenseNetworkJSON } from '../graph/dense-json.js';
import type { NetworkJSON } from '../graph/json-types.js';
import { type Convolution, checkReadoutName, type SequenceReadout } from '../network/convolution.js';
import { type Initializer, initializers, usualInitializer } from '../network/initializer.js';
import type { Encoder, EncoderJSON } from './encoders/index.js';
import type { ModelVariant, Topology } from './topology.js';

/** Options that every sequence class has. */
export interface SequenceModelOptions<Input> {
  /**
   * Turns inputs into steps. The model takes a copy. What was fitted before keeps what it learnt; else the copy
   * learns from the samples of the first `fit`.
   */
  encoder: Encoder<Input>;
  /** Cells of each recurrent layer, from the input to the output. Default `[32]`; `[]` for convolutions alone. */
  hidden?: number[];
  /**
   * Convolutions over time before the recurrent layers: rectified neurons, each of which reads `width` steps,
   * `dilation` steps apart, this one and those before; with `bidirectional` each also has a twin that looks ahead. For
   * series whose shape counts, such as outlines (BENCHMARKS.md says which). A stride is a window of the encoder. Not
   * for variant `'synaptic'`. Default: none.
   */
  convolution?: Convolution[];
  /**
   * Every layer also reads the sequence from its end, and what follows sees both. Default false.
   */
  bidirectional?: boolean;
  /**
   * Share of the hidden neurons that the next layer does not see in a training step, against learning
   * by heart: from 0 and below 1. Default 0.
   */
  dropout?: number;
  /**
   * `'standard'` (default): the textbook's LSTM. `'gru'`: gated recurrent units, which have a gate and a state less.
   * `'synaptic'`: Synaptic's topology, with peepholes; neither bidirectional nor with an encoder of words.
   */
  variant?: ModelVariant;
  /**
   * How first weights are drawn, see {@link Initializer}; `'keras'` by default, with `convolution` `'scaled'`. Not for variant `'synaptic'`, which
   * has Synaptic's.
   */
  initializer?: Initializer;
  /** Fixes first weights, splits and shuffles: an integer from 0. Default: random. */
  seed?: number;
}

/** Options of the sequence classes that give one answer for a sequence. */
export interface ReadoutOptions {
  /**
   * How the steps of a sequence become one. `'last'`: the hidden state at the end; with `bidirectional` each
   * direction's own, which for the reversed one is the first step. `'mean'`, `'max'`: over the steps, cell by cell.
   * `'mean+max'`: both, side by side. `'attention'`: the mean, weighted by a softmax over the steps of a learnt score.
   * All but `'last'` of one direction
   * need whole sequences: `fit` refuses `truncate`. Default `'last'`, `'max'` with `bidirectional`: each the best
   * on average of fourteen sets (BENCHMARKS.md); and `'mean+max'` with `convolution`. Variant `'synaptic'` knows `'last'` only.
   */
  readout?: SequenceReadout;
}

/** @internal Checks {@link ReadoutOptions} of a model. */
export function checkReadout(
  call: string,
  readout: unknown,
  { bidirectional, variant, convolution }: Pick<Topology, 'bidirectional' | 'variant' | 'convolution'>,
): SequenceReadout {
  const usual = convolution.length > 0 ? 'mean+max' : bidirectional ? 'max' : 'last';
  const checked = checkReadoutName(call, readout ?? usual);
  if (variant === 'synaptic' && checked !== 'last') {
    throw outOfRange(call, 'options.readout', "'last' with variant 'synaptic'", checked);
  }
  return checked;
}

/** @internal Checks how the first weights of a model are drawn. */
export function checkInitializer(
  call: string,
  given: unknown,
  { variant, convolution }: Pick<Topology, 'variant' | 'convolution'>,
): Initializer | 'synaptic' {
  if (variant !== 'synaptic') {
    return checkChoice(call, 'options.initializer', given ?? usualInitializer(convolution), initializers);
  }
  if (given !== undefined) throw outOfRange(call, 'options.initializer', "left out with variant 'synaptic'", given);
  return 'synaptic';
}

/** @internal Lets `make` make a model from a file: what it says of options are the file's fields. */
export function asFields<Model>(call: string, make: () => Model): Model {
  try {
    return make();
  } catch (error) {
    if (isError(error)) error.message = error.message.replace(/^[\w. ]+: options\./, `${call}: json.`);
    throw error;
  }
}

/** @internal What may be a {@link ModelVariant}. */
export const variants = ['standard', 'gru', 'synaptic'] as const;
/** Options of a model around a network that stands: what the network does not say. */
export type NetworkOptions<Input> = Omit<
  SequenceModelOptions<Input>,
  'hidden' | 'convolution' | 'bidirectional' | 'variant'
>;

/** @internal Names of {@link SequenceModelOptions}. */
export const modelOptions = [
  'encoder',
  'hidden',
  'convolution',
  'bidirectional',
  'dropout',
  'variant',
  'initializer',
  'seed',
] as const;

/** A model as it is stored. */
export interface SequenceModelJSON {
  /** Format of the file: 2, and 1 in files of versions before. */
  engram: 1 | 2;
  /** Name of the class. */
  type: string;
  encoder: EncoderJSON;
  hidden: number[];
  /** Left out for none. */
  convolution?: Required<Convolution>[];
  /** Left out for false. */
  bidirectional?: boolean;
  /** Left out for 0. */
  dropout?: number;
  /** Left out for `'standard'`. */
  variant?: ModelVariant;
  /** Of models with one answer for a sequence. */
  readout?: SequenceReadout;
  /** Left out for variant `'synaptic'`. */
  initializer?: Initializer;
  seed: number;
  /** Null before the first `fit`. */
  network: NetworkJSON | DenseNetworkJSON | null;
}
