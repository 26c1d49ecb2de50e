// Labels: what may be one, and what a model says of them.

import { argmax } from '../checks/argmax.js';
import { checkNumber, describe, outOfRange, wrongType } from '../checks/errors.js';
import { checkList } from './ready.js';

/** What may be a label. It is given back as it was given; as a key of an object it is its text, `String(label)`. */
export type LabelValue = string | number | boolean;

/** What such a model says of a sequence, or of a step. */
export interface Classification<Label extends LabelValue> {
  /** The most probable label. */
  label: Label;
  /** Probability of every label, by its text; they sum to 1. */
  probabilities: Record<`${Label}`, number>;
}

/** @internal Checks labels, and gives them, frozen; behind `known` ones, if there are some. */
export function checkLabels<Label extends LabelValue>(
  call: string,
  given: unknown,
  known: readonly Label[] = [],
): readonly Label[] {
  const labels = [...known, ...checkList(call, 'options.labels', given)];
  const nameOf = (place: number) =>
    place < known.length ? `the label` : `that of options.labels[${place - known.length}],`;
  const places = new Map<string, number>();
  labels.forEach((label, index) => {
    const field = `options.labels[${index - known.length}]`;
    if (typeof label === 'number') checkNumber(call, field, label);
    else if (typeof label !== 'string' && typeof label !== 'boolean') {
      throw wrongType(call, field, 'a string, a number, true or false', label);
    }
    const text = String(label);
    const before = places.get(text);
    if (before !== undefined) {
      const expected = `another text than ${nameOf(before)} ${describe(labels[before])}`;
      throw outOfRange(call, field, expected, label);
    }
    places.set(text, index);
  });
  if (labels.length < 2) throw outOfRange(call, 'options.labels', 'at least two different labels', labels);
  return Object.freeze(labels) as readonly Label[];
}

/** @internal What there is to say of labels that no sample has; `counts` are those of all labels. */
export function missingLabels(labels: readonly LabelValue[], counts: readonly number[]): string[] {
  const missing = labels.filter((_, slot) => counts[slot] === 0);
  if (missing.length === 0) return [];
  const list = missing.map(describe).join(', ');
  return [`no sample to train on has the label${missing.length > 1 ? 's' : ''} ${list}`];
}

/** @internal Numbers of labels, in their order, by their texts. */
export function recordOf<Label extends LabelValue>(
  labels: readonly Label[],
  numbers: ArrayLike<number>,
): Record<`${Label}`, number> {
  const entries = labels.map((label, slot) => [String(label), numbers[slot] ?? 0] as const);
  return Object.fromEntries(entries) as Record<`${Label}`, number>;
}

/** @internal What probabilities, in the order of the labels, say; written to a classification of these, if given. */
export function classificationOf<Label extends LabelValue>(
  labels: readonly Label[],
  probabilities: ArrayLike<number>,
  into?: Classification<Label>,
): Classification<Label> {
  const label = labels[argmax(probabilities)] as Label;
  if (into === undefined) return { label, probabilities: recordOf(labels, probabilities) };
  into.label = label;
  for (let slot = 0; slot < labels.length; slot++) {
    into.probabilities[`${labels[slot] as Label}`] = probabilities[slot] as number;
  }
  return into;
}
