// What the models have in common that choose among labels.

import { checkOptions, outOfRange, wrongType } from '../checks/errors.js';
import type { OutputKind } from '../network/architect.js';
import { argmax } from '../training/evaluation.js';
import { checkList, modelOptions, SequenceModel, type SequenceModelJSON, type SequenceModelOptions } from './model.js';

/** Options of the models that choose among labels. */
export interface LabelledModelOptions<Label extends string, Input> extends SequenceModelOptions<Input> {
  /** The labels, at least two. */
  labels: readonly Label[];
}

/** What such a model says of a sequence, or of a step. */
export interface Classification<Label extends string> {
  /** The most probable label. */
  label: Label;
  /** Probability of every label; they sum to 1. */
  probabilities: Record<Label, number>;
}

/** Such a model as it is stored. */
export interface LabelledModelJSON extends SequenceModelJSON {
  labels: string[];
}

function checkLabels<Label extends string>(call: string, given: unknown): Label[] {
  const labels = checkList(call, 'options.labels', given);
  labels.forEach((label, index) => {
    if (typeof label !== 'string') throw wrongType(call, `options.labels[${index}]`, 'a string', label);
  });
  if (labels.length < 2 || new Set(labels).size < labels.length) {
    throw outOfRange(call, 'options.labels', 'at least two different labels', labels);
  }
  return [...labels] as Label[];
}

/** Base of the models that choose among labels. */
export abstract class LabelledModel<Label extends string, Input> extends SequenceModel<Input> {
  /** The labels. */
  readonly labels: readonly Label[];
  readonly #slots: ReadonlyMap<unknown, number>;

  protected constructor(call: string, options: LabelledModelOptions<Label, Input>) {
    const given = checkOptions<LabelledModelOptions<Label, Input>>(call, options, ['labels', ...modelOptions]);
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
    if (slot === undefined) throw outOfRange(call, field, `${also}one of ${this.labels.join(', ')}`, label);
    return slot;
  }

  /** What probabilities, in the order of the labels, say. */
  protected classification(probabilities: readonly number[]): Classification<Label> {
    const entries = this.labels.map((label, slot) => [label, probabilities[slot] ?? 0] as const);
    return {
      label: this.labels[argmax(probabilities)] as Label,
      probabilities: Object.fromEntries(entries) as Record<Label, number>,
    };
  }

  protected override stored<Type extends string>(type: Type): LabelledModelJSON & { type: Type } {
    return { ...super.stored(type), type, labels: [...this.labels] };
  }
}
