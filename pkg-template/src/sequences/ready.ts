// Samples that a sequence class has checked, and how they are to be learnt.

import { checkPositive, outOfRange, wrongType } from '../checks/errors.js';
import type { SetBuilder } from '../data/set-builder.js';
import type { NamedInput } from './encoders/coding.js';
import type { FitOptions } from './fit-options.js';
import type { Parts } from './parts.js';

/** @internal What a class says of its training, beside the options. */
export interface TrainOrders {
  /**
   * Where targets are classes: what the output of each is to be, and the others, see `data/flat-set`; or that targets are
   * lists of symbols. Asked for once the encoder has learnt.
   */
  classes?(): Float64Array | 'lists';
  /** Whether the targets are distributions times a weight. */
  weighted?: boolean;
  /** What else there is to say of the run, as advice. */
  remarks?: readonly string[];
}

/** What every sample of a model may say beside input and target. */
export interface Weighted {
  /**
   * How much the sample counts in training beside others: a finite number above 0. Default 1. Its loss and gradient are
   * multiplied by it, divided by the mean weight; the error of the run is the weighted mean, its accuracy and what
   * `evaluate` gives count every sample once.
   */
  weight?: number;
}

/** @internal Samples that were checked, and how they are to be learnt. */
export interface Ready<Checked extends NamedInput> {
  parts: Parts<Checked>;
  /** Takes from the samples trained on what has to be known of their targets; called before the first training only. */
  study?(trained: readonly Checked[]): void;
  /** Adds a sample to a set. */
  encode(checked: Checked, set: SetBuilder): void;
  options: FitOptions<unknown>;
  orders?: TrainOrders;
}

/** @internal Checks one of the lists that `fit` and others take. */
export function checkList(call: string, field: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array', value);
  if (value.length === 0) throw outOfRange(call, field, 'at least one entry', value);
  // Holes become undefined, which is refused; methods of arrays would pass over them.
  return Array.from(value);
}

/** @internal Checks a list of samples, which are objects as `expected` says; `check` gives what is to be learnt of one. */
export function checkSamples<Sample extends Weighted & { input: unknown }, Checked>(
  call: string,
  list: string,
  samples: unknown,
  expected: string,
  check: (sample: Sample, field: string) => Checked,
): (Checked & NamedInput)[] {
  return checkList(call, list, samples).map((sample, index) => {
    const field = `${list}[${index}]`;
    if (typeof sample !== 'object' || sample === null) throw wrongType(call, field, `an object ${expected}`, sample);
    const { input, weight = 1 } = sample as Sample;
    const named = { input, field: `${field}.input`, weight: checkPositive(call, `${field}.weight`, weight) };
    return { ...check(sample as Sample, field), ...named };
  });
}

/** An option of the `fit` of models whose samples are inputs alone. */
export interface InputWeights {
  /** How much each input counts, one number above 0 for each, see {@link Weighted.weight}. Default: each counts 1. */
  weights?: readonly number[];
}

/** @internal Gives each of some inputs its weight, of a list of as many. */
export function weigh<Checked extends NamedInput>(call: string, samples: Checked[], weights: unknown): Checked[] {
  if (weights === undefined) return samples;
  const list = checkList(call, 'options.weights', weights);
  if (list.length !== samples.length) {
    throw outOfRange(call, 'options.weights', `one number for each of ${samples.length} inputs`, weights);
  }
  return samples.map((sample, index) => {
    return { ...sample, weight: checkPositive(call, `options.weights[${index}]`, list[index]) };
  });
}
