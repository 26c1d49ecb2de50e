// How well labels are chosen.

import { argmax } from '../checks/argmax.js';
import type { LabelValue } from './labels.js';

/** How well one label is given. */
export interface LabelScores {
  /** Of those that got it, the share that have it; 0 where none did. */
  precision: number;
  /** Of those that have it, the share that got it; 0 where none has it. */
  recall: number;
  /** Harmonic mean of both. */
  f1: number;
  /** How many have it. */
  count: number;
}

/** How well a classifier does on sequences, or a tagger on steps. */
export interface Evaluation<Label extends LabelValue> {
  /** Share of sequences (of a tagger: steps that have a label) that get their label, 0 to 1. */
  accuracy: number;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** How many of the label of the row got the label of the column, in the order of `labels`. */
  confusion: number[][];
  /** Scores of each label, by its text. */
  classes: Record<`${Label}`, LabelScores>;
}

/** Keeps the logarithm of a probability of 0 finite. */
const LEAST = 1e-15;

/** How surprising it is, in nats, that something of a probability was there. */
export const surprise = (probability: number): number => -Math.log(Math.max(probability, LEAST));

export const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision, recall and their harmonic mean: of `got` that were given and `count` that there are, `right` agree. */
export function agreement(right: number, got: number, count: number): LabelScores {
  return { precision: ratio(right, got), recall: ratio(right, count), f1: ratio(2 * right, got + count), count };
}

/** Collects answers of a model that chooses among labels. */
export class LabelJudge<Label extends LabelValue> {
  readonly #labels: readonly Label[];
  /** (labels, labels). */
  readonly #confusion: number[][];
  #loss = 0;

  constructor(labels: readonly Label[]) {
    this.#labels = labels;
    this.#confusion = labels.map(() => labels.map(() => 0));
  }

  /** Takes the probabilities given to what has the label of a place. */
  take(label: number, probabilities: readonly number[]): void {
    const row = this.#confusion[label] as number[];
    const got = argmax(probabilities);
    row[got] = (row[got] ?? 0) + 1;
    this.#loss += surprise(probabilities[label] ?? 0);
  }

  /** The scores; 0 where nothing was taken. */
  finish(): Evaluation<Label> {
    const confusion = this.#confusion;
    const total = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0);
    const right = confusion.map((row, place) => row[place] as number);
    const counts = confusion.map(total);
    const classes = this.#labels.map((label, place) => {
      const got = total(confusion.map((row) => row[place] as number));
      return [String(label), agreement(right[place] as number, got, counts[place] as number)] as const;
    });
    const count = total(counts);
    return {
      accuracy: ratio(total(right), count),
      loss: ratio(this.#loss, count),
      confusion,
      classes: Object.fromEntries(classes) as Evaluation<Label>['classes'],
    };
  }
}

/** @internal Scores of probabilities, in the order of the labels; `slots` are the places of the samples' labels. */
export function evaluationOf<Label extends LabelValue>(
  labels: readonly Label[],
  slots: ArrayLike<number>,
  probabilities: readonly number[][],
): Evaluation<Label> {
  const judge = new LabelJudge(labels);
  probabilities.forEach((shares, index) => {
    judge.take(slots[index] as number, shares);
  });
  return judge.finish();
}
