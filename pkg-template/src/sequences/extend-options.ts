// Options of `extend`: what a model that has learnt is to know beside.

import { checkChoice, outOfRange, wrongType } from '../checks/errors.js';
import type { NamedInput } from './encoders/coding.js';
import type { LabelValue } from './labels.js';
import { checkList } from './ready.js';

/**
 * Options of `extend`.
 *
 * @typeParam Sample what the class learns from.
 */
export interface ExtendOptions<Sample> {
  /**
   * Samples as `fit` takes them, whose words or symbols the encoder is to know, the most frequent first and 1,000,000 in
   * all at most. They are not learnt here: call `fit`, with some of the old ones, lest these be forgotten.
   */
  samples?: Sample[];
  /**
   * Whether series are normalised as before (`'frozen'`, default), or by these samples (`'renewed'`): then all answers
   * change, until `fit` has learnt anew.
   */
  normalization?: 'frozen' | 'renewed';
}

/** Options of `extend` of the models that choose among labels. */
export interface LabelExtendOptions<Sample, New extends LabelValue> extends ExtendOptions<Sample> {
  /** Labels that come behind the others, of other texts than these. */
  labels?: readonly New[];
}

/** Options of `extend` of a {@link SequenceTranscriber}. */
export interface TranscriberExtendOptions<Sample> extends ExtendOptions<Sample> {
  /** Symbols that come behind the others: of texts single characters. */
  symbols?: readonly (string | number)[];
}

/** @internal Names of {@link ExtendOptions}. */
export const extendOptions = ['samples', 'normalization'] as const;

/** @internal {@link ExtendOptions}, checked. */
export interface Extendable {
  inputs: NamedInput[];
  renew: boolean;
  /** Checks the samples, by what the model knows once it is extended. */
  check(): void;
}

/**
 * @internal Checks {@link ExtendOptions}; `check` checks samples, or their inputs, by what the model knows then, and `inputOf`
 * gives the input of a sample, by its field.
 */
export function checkExtendable(
  call: string,
  { samples, normalization = 'frozen' }: ExtendOptions<unknown>,
  check: (inputs: readonly NamedInput[], samples: unknown) => void,
  inputOf = inputOfSample,
): Extendable {
  const renew = checkChoice(call, 'options.normalization', normalization, ['frozen', 'renewed']) === 'renewed';
  if (samples === undefined && renew) {
    throw outOfRange(call, 'options.normalization', "'frozen' where no samples are given", normalization);
  }
  const list = samples === undefined ? [] : checkList(call, 'options.samples', samples);
  const inputs = list.map((sample, index) => inputOf(call, `options.samples[${index}]`, sample));
  const checkAll = () => {
    if (samples !== undefined) check(inputs, samples);
  };
  return { inputs, renew, check: checkAll };
}

/** @internal The input of a sample that has targets beside. */
function inputOfSample(call: string, field: string, sample: unknown): NamedInput {
  if (typeof sample !== 'object' || sample === null)
    throw wrongType(call, field, 'an object that has an input', sample);
  return { input: (sample as { input?: unknown }).input, field: `${field}.input` };
}

/** @internal The input that a sample is itself. */
export const sampleAsInput = (_: string, field: string, input: unknown): NamedInput => ({ input, field });
