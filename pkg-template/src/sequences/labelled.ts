// What the models have in common that choose among labels.

import { checkNumber, checkOptions, describe, outOfRange, wrongType } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import { argmax } from '../training/evaluation.js';
import { SequenceModel } from './model.js';
import { modelOptions, type SequenceModelJSON, type SequenceModelOptions } from './model-options.js';
import { checkList, type TrainOrders } from './ready.js';

/** What may be a label. It is given back as it was given; as a key of an object it is its text, `String(label)`. */
export type LabelValue = string | number | boolean;

/** Options of the models that choose among labels. */
export interface LabelledModelOptions<Label extends LabelValue, Input> extends SequenceModelOptions<Input> {
  /** The labels, at least two: texts, finite numbers, true and false. No two may have the same text, as 1 and '1'. */
  labels: readonly Label[];
}

/** Options of `fit` of the models that choose among labels. */
export interface LabelFitOptions<Label extends LabelValue> {
  /**
   * How much each label's samples (of a tagger: steps) count: `'balanced'` for as much in all for every label, or a
   * number above 0 for each, by its text. Default: each counts 1.
   */
  classWeights?: 'balanced' | Record<`${Label}`, number>;
  /** Share of certainty that is spread over all labels, from 0 and below 1. Default 0. */
  labelSmoothing?: number;
}

/** @internal Names of {@link LabelFitOptions}. */
export const labelFitOptions = ['classWeights', 'labelSmoothing'] as const;

/** What such a model says of a sequence, or of a step. */
export interface Classification<Label extends LabelValue> {
  /** The most probable label. */
  label: Label;
  /** Probability of every label, by its text; they sum to 1. */
  probabilities: Record<`${Label}`, number>;
}

/** Such a model as it is stored. */
export interface LabelledModelJSON extends SequenceModelJSON {
  labels: LabelValue[];
}

function checkLabels<Label extends LabelValue>(call: string, given: unknown): Label[] {
  const labels = checkList(call, 'options.labels', given);
  const places = new Map<string, number>();
  labels.forEach((label, index) => {
    const field = `options.labels[${index}]`;
    if (typeof label === 'number') checkNumber(call, field, label);
    else if (typeof label !== 'string' && typeof label !== 'boolean') {
      throw wrongType(call, field, 'a string, a number, true or false', label);
    }
    const text = String(label);
    const before = places.get(text);
    if (before !== undefined) {
      const expected = `another text than that of options.labels[${before}], ${describe(labels[before])}`;
      throw outOfRange(call, field, expected, label);
    }
    places.set(text, index);
  });
  if (labels.length < 2) throw outOfRange(call, 'options.labels', 'at least two different labels', labels);
  return labels as Label[];
}

/** Base of the models that choose among labels. */
export abstract class LabelledModel<Label extends LabelValue, Input> extends SequenceModel<Input> {
  /** The labels. */
  readonly labels: readonly Label[];
  readonly #slots: ReadonlyMap<unknown, number>;

  /** `own` names the options that a class has beside those of all. */
  protected constructor(call: string, options: LabelledModelOptions<Label, Input>, own: readonly string[] = []) {
    const known = ['labels', ...modelOptions, ...own] as (keyof LabelledModelOptions<Label, Input>)[];
    const given = checkOptions<LabelledModelOptions<Label, Input>>(call, options, known);
    super(call, given);
    this.labels = checkLabels(call, given.labels);
    this.#slots = new Map(this.labels.map((label, slot) => [label, slot]));
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
      const weight = checkNumber(call, `options.classWeights.${label}`, weights[label], { min: 0 });
      if (weight === 0) throw outOfRange(call, `options.classWeights.${label}`, 'a number above 0', weight);
      return weight;
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
    return { classes: () => classes, weighted: classWeights !== undefined, remarks: this.#remarksOn(counts) };
  }

  /** What there is to say of labels that none of the samples trained on has; `counts` are those of all labels. */
  #remarksOn(counts: readonly number[]): string[] {
    const missing = this.labels.filter((_, slot) => counts[slot] === 0);
    if (missing.length === 0) return [];
    const labels = missing.map(describe).join(', ');
    return [`no sample to train on has the label${missing.length > 1 ? 's' : ''} ${labels}`];
  }

  /** What probabilities, in the order of the labels, say. */
  protected classification(probabilities: readonly number[]): Classification<Label> {
    const entries = this.labels.map((label, slot) => [String(label), probabilities[slot] ?? 0] as const);
    return {
      label: this.labels[argmax(probabilities)] as Label,
      probabilities: Object.fromEntries(entries) as Record<`${Label}`, number>,
    };
  }

  protected override stored<Type extends string>(type: Type): LabelledModelJSON & { type: Type } {
    return { ...super.stored(type), type, labels: [...this.labels] };
  }
}
