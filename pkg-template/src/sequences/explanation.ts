// Why a model answers what it answers: how much each piece of an input moved one of its numbers.

import { checkChoice, checkNumber, outOfRange } from '../checks/errors.js';
import type { ExplainedPart } from './encoders/coding.js';
import { restore, type Scale } from './encoders/scale.js';
import type { LabelValue } from './labels.js';

/** How an answer is explained. */
export interface ExplainOptions<Input> {
  /**
   * `'integrated'` (default): integrated gradients (Sundararajan, Taly & Yan 2017), the mean gradient on the way from the
   * baseline to the input, times the way; the attributions sum to what the answer changes on it. `'gradient'`: gradient
   * times input (Shrikumar et al. 2016), the gradient at the input alone: as fast as one pass of training, but where the
   * answer is nearly certain it says little.
   */
  method?: 'gradient' | 'integrated';
  /**
   * Intervals that `'integrated'` cuts the way into, 1 to 1,000. Default 25. Those where the answer changes abruptly are
   * halved, up to ten times as many in all. So the attributions sum to the change to within 0.001 of it, unless it is that
   * of very many abrupt changes, or none at all.
   */
  steps?: number;
  /**
   * An input of as many steps to start from. Default: steps of zeros, which is no symbol of a text, and of a normalised
   * series the mean of the training set (of changes, the mean change). Where the answer is the same there, there is little
   * to explain: start from an input of another answer.
   */
  baseline?: Input;
}

/** Why a model answers what it answers. */
export interface Explanation {
  /**
   * What was explained: a probability, or a number in the units of the targets or of the series.
   */
  answer: number;
  /** The same for the baseline. */
  baseline: number;
  /** The pieces of the input in their order, each with what it did, in units of the answer; above 0 it raised it. */
  parts: ExplainedPart[];
}

/** Options of `explain` of the models that choose among labels. */
export interface ExplainLabelOptions<Label extends LabelValue, Input> extends ExplainOptions<Input> {
  /** Whose probability is explained. Default: the most probable label. */
  label?: Label;
}

/** Why a label has its probability. */
export interface LabelExplanation<Label extends LabelValue> extends Explanation {
  /** The label whose probability is explained. */
  label: Label;
}

/** Options of `explain` where every step has an answer. */
export interface ExplainStepOptions {
  /** Index of the step whose answer is explained. Default: the last. */
  at?: number;
}

/** @internal Names of {@link ExplainOptions}. */
export const explainOptions = ['method', 'steps', 'baseline'] as const;

/** @internal What each number of an input did to one output, (steps, numbers), and that output of input and baseline. */
export interface Attribution {
  steps: Float64Array[];
  answer: number;
  baseline: number;
}

/** @internal Checks {@link ExplainOptions} but for the baseline; gives the intervals of the way, 0 for the gradient. */
export function intervalsOf(call: string, { method, steps = 25 }: ExplainOptions<unknown>): number {
  checkNumber(call, 'options.steps', steps, { min: 1, max: 1000, integer: true });
  return checkChoice(call, 'options.method', method ?? 'integrated', ['gradient', 'integrated']) === 'gradient'
    ? 0
    : steps;
}

/** @internal Checks the index of a step. */
export function placeOf(call: string, at: unknown, steps: number): number {
  return checkNumber(call, 'options.at', at ?? steps - 1, { min: 0, max: steps - 1, integer: true });
}

/** @internal Refuses a baseline of another length. */
export function checkLength(call: string, input: ArrayLike<unknown>, baseline: ArrayLike<unknown>): void {
  if (input.length === baseline.length) return;
  throw outOfRange(call, 'options.baseline', `as many steps as the input has (${input.length})`, baseline.length);
}

/** @internal What the engine gives of an input of so many steps. */
export function attributionOf(call: string, given: Float64Array, steps: number): Attribution {
  if (!given.every(Number.isFinite)) {
    const because = 'weights or inputs are too large to compute with, or the training diverged';
    throw new RangeError(`${call}: what a step did is not a finite number: ${because}`);
  }
  const end = given.length - 2;
  const width = end / steps;
  return {
    steps: Array.from({ length: steps }, (_, step) => given.slice(step * width, (step + 1) * width)),
    answer: given[end] as number,
    baseline: given[end + 1] as number,
  };
}

/** @internal The same in the units of what a scale measures; undefined where numbers are in units of their own. */
export function inUnits(attribution: Attribution, scale: Scale | undefined): Attribution {
  if (scale === undefined) return attribution;
  const { steps, answer, baseline } = attribution;
  return {
    steps: steps.map((step) => step.map((value) => value * scale.deviation)),
    answer: restore(answer, scale),
    baseline: restore(baseline, scale),
  };
}
