// What the models have in common that choose among labels.

import { checkOptions, describe, outOfRange } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import { type Classification, checkLabels, classificationOf, type LabelValue, missingLabels } from './labels.js';
import { modelOptions, SequenceModel, type SequenceModelJSON, type SequenceModelOptions } from './model.js';

/** Options of the models that choose among labels. */
export interface LabelledModelOptions<Label extends LabelValue, Input> extends SequenceModelOptions<Input> {
  /** The labels, at least two: texts, finite numbers, true and false. No two may have the same text, as 1 and '1'. */
  labels: readonly Label[];
}

/** Such a model as it is stored. */
export interface LabelledModelJSON extends SequenceModelJSON {
  labels: LabelValue[];
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

  /** What there is to say of labels that none of the samples trained on has; `counts` are those of all labels. */
  protected remarksOn(counts: readonly number[]): string[] {
    return missingLabels(this.labels, counts);
  }

  /** What probabilities, in the order of the labels, say. */
  protected classification(probabilities: readonly number[]): Classification<Label> {
    return classificationOf(this.labels, probabilities);
  }

  protected override stored<Type extends string>(type: Type): LabelledModelJSON & { type: Type } {
    return { ...super.stored(type), type, labels: [...this.labels] };
  }
}
