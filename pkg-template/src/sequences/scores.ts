// How well a classifier does on a set.

import { argmax } from '../checks/argmax.js';
import type { LabelValue } from './labels.js';

/** How well a classifier does on a set. */
export interface Evaluation<Label extends LabelValue> {
  /** Share of sequences that get their label, 0 to 1. */
  accuracy: number;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** How many sequences of the label of the row got the label of the column, in the order of `labels`. */
  confusion: number[][];
  /**
   * For each label, by its text: of the sequences that got it, the share that have it (precision); of those that
   * have it, the share that got it (recall); 0 where there are none. And how many have it.
   */
  classes: Record<`${Label}`, { precision: number; recall: number; count: number }>;
}

/** Keeps the logarithm of a probability of 0 finite. */
const LEAST = 1e-15;

/** @internal Scores of probabilities, in the order of the labels; `slots` are the places of the samples' labels. */
export function evaluationOf<Label extends LabelValue>(
  labels: readonly Label[],
  slots: ArrayLike<number>,
  probabilities: readonly number[][],
): Evaluation<Label> {
  const confusion = labels.map(() => labels.map(() => 0));
  let loss = 0;
  probabilities.forEach((shares, index) => {
    const label = slots[index] as number;
    const row = confusion[label] as number[];
    const got = argmax(shares);
    row[got] = (row[got] ?? 0) + 1;
    loss -= Math.log(Math.max(shares[label] ?? 0, LEAST));
  });
  const at = (row: number, column: number): number => confusion[row]?.[column] ?? 0;
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const classes = labels.map((label, place) => {
    const count = labels.reduce((sum, _, other) => sum + at(place, other), 0);
    const got = labels.reduce((sum, _, other) => sum + at(other, place), 0);
    const right = at(place, place);
    return [String(label), { precision: ratio(right, got), recall: ratio(right, count), count }] as const;
  });
  const right = labels.reduce((sum, _, place) => sum + at(place, place), 0);
  return {
    accuracy: right / slots.length,
    loss: loss / slots.length,
    confusion,
    classes: Object.fromEntries(classes) as Evaluation<Label>['classes'],
  };
}
