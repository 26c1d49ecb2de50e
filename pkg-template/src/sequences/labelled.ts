// What the models have in common that choose among labels.

import { argmax } from '../checks/argmax.js';
import { checkNumber, checkOptions, checkPositive, describe, outOfRange, propertyOf } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import {
  type ExplainLabelOptions,
  type ExplainStepOptions,
  explainOptions,
  type LabelExplanation,
  placeOf,
} from './explanation.js';
import { type Classification, checkLabels, classificationOf, type LabelValue, missingLabels } from './labels.js';
import { SequenceModel } from './model.js';
import { modelOptions, type SequenceModelJSON, type SequenceModelOptions } from './model-options.js';
import type { TrainOrders } from './ready.js';

/** Options of the models that choose among labels. */
export interface LabelledModelOptions<Label extends LabelValue, Input> extends SequenceModelOptions<Input> {
  /** The labels, at least two: texts, finite numbers, true and false. No two may have the same text, as 1 and '1'. */
  labels: readonly Label[];
}

/** Options of `fit` of the models that choose among labels. */
export interface LabelFitOptions<Label extends LabelValue> {
  /**
   * How much each label's samples (of a tagger: steps) count: `'balanced'` for as much in all for every label, or a
   * number above 0 for each, by its text, by which the errors of the run count, too. Default: each counts 1.
   */
  classWeights?: 'balanced' | Record<`${Label}`, number>;
  /**
   * Share of certainty that is spread over all labels, from 0 and below 1. The errors of a run are then those of such
   * labels; `evaluate` asks for the labels themselves. Default 0.
   */
  labelSmoothing?: number;
}

/** @internal Names of {@link LabelFitOptions}. */
export const labelFitOptions = ['classWeights', 'labelSmoothing'] as const;

/** Such a model as it is stored. */
export interface LabelledModelJSON extends SequenceModelJSON {
  labels: LabelValue[];
}

/** Base of the models that choose among labels. */
export abstract class LabelledModel<Label extends LabelValue, Input> extends SequenceModel<Input> {
  #labels!: readonly Label[];
  #slots!: ReadonlyMap<unknown, number>;

  /** `own` names the options that a class has beside those of all. */
  protected constructor(call: string, options: LabelledModelOptions<Label, Input>, own: readonly string[] = []) {
    const known = ['labels', ...modelOptions, ...own] as (keyof LabelledModelOptions<Label, Input>)[];
    const given = checkOptions<LabelledModelOptions<Label, Input>>(call, options, known);
    super(call, given);
    this.#know(checkLabels(call, given.labels));
  }

  /** The labels. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  #know(labels: readonly Label[]): void {
    this.#labels = labels;
    this.#slots = new Map(labels.map((label, slot) => [label, slot]));
  }

  /** @internal Makes ready to choose among more labels, see {@link SequenceModel.grow}. */
  protected moreLabels(call: string, labels: unknown): () => () => void {
    const before = this.#labels;
    const all = labels === undefined ? before : checkLabels(call, labels, before);
    return () => {
      this.#know(all);
      return () => this.#know(before);
    };
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.labels.length, kind: 'softmax' };
  }

  /** Place of a label in `labels`; `also` says what else the field may be. */
  protected slotOf(call: string, field: string, label: unknown, also = ''): number {
    const slot = this.#slots.get(label);
    if (slot === undefined) {
      throw outOfRange(call, field, `${also}one of ${this.labels.map(describe).join(', ')}`, label);
    }
    return slot;
  }

  /** @internal Checks the option of that name. */
  protected smoothing(call: string, labelSmoothing: unknown): number {
    return checkNumber(call, 'options.labelSmoothing', labelSmoothing ?? 0, { min: 0, below: 1 });
  }

  /** Weight of every label, by its place; `counts` are how many samples, or steps, of the label are trained on. */
  #weights(call: string, given: LabelFitOptions<Label>['classWeights'], counts: readonly number[]): number[] {
    if (given === undefined) return counts.map(() => 1);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (given === 'balanced') return counts.map((count) => total / (counts.length * Math.max(count, 1)));
    const texts = this.labels.map((label): `${Label}` => `${label}`);
    const weights = checkOptions<Record<`${Label}`, number>>(call, given, texts, 'options.classWeights');
    return texts.map((label) => {
      return checkPositive(call, `options.classWeights.${label}`, propertyOf(weights, label));
    });
  }

  /** @internal What labels are as targets, and what there is to say of them. */
  protected labelOrders(
    call: string,
    classWeights: LabelFitOptions<Label>['classWeights'],
    smoothing: number,
    counts: readonly number[],
  ): TrainOrders {
    const weights = this.#weights(call, classWeights, counts);
    // A weighted target weighs its gradient; the weights of a set average to 1 when balanced.
    const spread = smoothing / this.labels.length;
    const classes = Float64Array.from(
      weights.flatMap((weight) => [(1 - smoothing + spread) * weight, spread * weight]),
    );
    return {
      classes: () => classes,
      weighted: classWeights !== undefined,
      remarks: missingLabels(this.labels, counts),
    };
  }

  /** What probabilities, in the order of the labels, say. */
  protected classification(probabilities: readonly number[]): Classification<Label> {
    return classificationOf(this.labels, probabilities);
  }

  /** @internal Why a label is as probable as it is: of a sequence, or of one of its steps. */
  protected explainLabel(
    call: string,
    input: Input,
    options: unknown,
    answersAt: 'last' | 'each',
  ): LabelExplanation<Label> {
    type Given = ExplainLabelOptions<Label, Input> & ExplainStepOptions;
    const own = ['label', ...(answersAt === 'each' ? (['at'] as const) : [])] as const;
    const given = checkOptions<Given>(call, options, [...explainOptions, ...own]);
    this.fitted(call);
    const steps = this.steps(call, 'input', input);
    const at = placeOf(call, given.at, steps.steps.length);
    const mostProbable = () =>
      argmax(this.answers(call, [steps], answersAt)[0]?.at(answersAt === 'each' ? at : 0) ?? []);
    const output = given.label === undefined ? mostProbable() : this.slotOf(call, 'options.label', given.label);
    const attribution = this.attribution(call, steps, { output, at }, given);
    return { label: this.labels[output] as Label, ...this.explanation(call, input, attribution) };
  }

  protected override stored<Type extends string>(type: Type): LabelledModelJSON & { type: Type } {
    return { ...super.stored(type), type, labels: [...this.labels] };
  }
}
