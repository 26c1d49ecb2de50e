// Several labels at once: each has a probability of its own, and a threshold from which a sequence has it.

import { checkNumber, checkOptions, isVector, outOfRange } from '../checks/errors.js';
import { type LabelValue, recordOf } from './labels.js';
import { checkList } from './ready.js';
import { agreement, type LabelScores, ratio, surprise } from './scores.js';

/** What a classifier of several labels says of a sequence. */
export interface MultiClassification<Label extends LabelValue> {
  /** The labels whose probability is their threshold or more, in the order of the classifier's; there may be none. */
  labels: Label[];
  /** Probability of every label, by its text, each on its own. */
  probabilities: Record<`${Label}`, number>;
}

/** From which probability on a sequence has a label, above 0 and below 1: of all labels, or of each, by its text. */
export type Thresholds<Label extends LabelValue> = number | Partial<Record<`${Label}`, number>>;

/** How well a classifier of several labels does. */
export interface MultiEvaluation<Label extends LabelValue> {
  /** Share of decisions that are right, one per sequence and label: 0 to 1. */
  accuracy: number;
  /** Share of sequences that get all of their labels, and no other. */
  exact: number;
  /** Mean over the sequences of the binary cross-entropies, in nats, summed over the labels. */
  loss: number;
  /** Mean of the labels' average precision; of those that some sequence has. */
  averagePrecision: number;
  /** Scores of each label, by its text. */
  classes: Record<`${Label}`, LabelScores & { averagePrecision: number }>;
}

/** @internal The threshold of each label, by its place. */
export function checkThresholds(call: string, labels: readonly LabelValue[], given: unknown): readonly number[] {
  const texts = labels.map(String);
  const of = (field: string, value: unknown) => {
    const threshold = checkNumber(call, field, value, { min: 0, below: 1 });
    if (threshold === 0) throw outOfRange(call, field, 'a number above 0 and below 1', value);
    return threshold;
  };
  if (given === undefined || typeof given === 'number') {
    return Object.freeze(texts.map(() => of('options.thresholds', given ?? 0.5)));
  }
  const each = checkOptions<Record<string, number>>(call, given, texts, 'options.thresholds');
  return Object.freeze(
    texts.map((text) => of(`options.thresholds.${text}`, Object.hasOwn(each, text) ? each[text] : 0.5)),
  );
}

/** @internal The places of a sample's labels, of which there may be none; `slotOf` gives that of one. */
export function checkSlots(
  call: string,
  field: string,
  labels: unknown,
  slotOf: (field: string, label: unknown) => number,
): number[] {
  if (isVector(labels) && labels.length === 0) return [];
  const slots = checkList(call, field, labels).map((label, index) => slotOf(`${field}[${index}]`, label));
  slots.forEach((slot, index) => {
    if (slots.indexOf(slot) === index) return;
    throw outOfRange(call, `${field}[${index}]`, 'a label that has not come before', (labels as unknown[])[index]);
  });
  return slots;
}

/** @internal A target: 1 for what a sequence has, 0 for the rest, or between by so much smoothing. */
export const targetOf = (count: number, slots: readonly number[], smoothing: number): number[] =>
  Array.from({ length: count }, (_, slot) => (slots.includes(slot) ? 1 - smoothing / 2 : smoothing / 2));

/** @internal The thresholds of a file, which has a list of them, as an option. */
export function storedThresholds(call: string, labels: readonly LabelValue[], stored: unknown): Thresholds<never> {
  const list = checkList(call, 'json.thresholds', stored);
  if (list.length === labels.length)
    return Object.fromEntries(labels.map((label, slot) => [String(label), list[slot]]));
  throw new RangeError(
    `${call}: json.thresholds has ${list.length} entries, expected one for each of ${labels.length} labels`,
  );
}

/** @internal What probabilities, in the order of the labels, say; written to a classification of these, if given. */
export function multiClassificationOf<Label extends LabelValue>(
  labels: readonly Label[],
  thresholds: readonly number[],
  probabilities: ArrayLike<number>,
  into: MultiClassification<Label> = { labels: [], probabilities: recordOf(labels, probabilities) },
): MultiClassification<Label> {
  into.labels.length = 0;
  for (let slot = 0; slot < labels.length; slot++) {
    const label = labels[slot] as Label;
    const probability = probabilities[slot] as number;
    into.probabilities[`${label}`] = probability;
    if (probability >= (thresholds[slot] as number)) into.labels.push(label);
  }
  return into;
}

/**
 * The mean of the precisions at each place of a ranking where one more of those that have the label is found, equal
 * probabilities at once; 0 where none has it.
 */
function averagePrecision(probabilities: readonly number[], has: readonly boolean[]): number {
  const ranked = probabilities.map((probability, index) => ({ probability, has: has[index] as boolean }));
  ranked.sort((a, b) => b.probability - a.probability);
  const count = has.filter(Boolean).length;
  let [right, before, sum] = [0, 0, 0];
  ranked.forEach((entry, place) => {
    if (entry.has) right++;
    if (ranked[place + 1]?.probability === entry.probability) return;
    sum += ratio(right - before, count) * (right / (place + 1));
    before = right;
  });
  return sum;
}

/** @internal Scores of probabilities, in the order of the labels; `slots` are the places of the samples' labels. */
export function multiEvaluationOf<Label extends LabelValue>(
  labels: readonly Label[],
  thresholds: readonly number[],
  slots: readonly (readonly number[])[],
  probabilities: readonly number[][],
): MultiEvaluation<Label> {
  const count = probabilities.length;
  const wrong = probabilities.map(() => 0);
  let loss = 0;
  const classes = labels.map((label, slot) => {
    const column = probabilities.map((row) => row[slot] as number);
    const has = slots.map((own) => own.includes(slot));
    let [right, got] = [0, 0];
    column.forEach((probability, index) => {
      const given = probability >= (thresholds[slot] as number);
      if (given) got++;
      if (given && has[index]) right++;
      if (given !== has[index]) wrong[index] = (wrong[index] as number) + 1;
      loss += surprise(has[index] ? probability : 1 - probability);
    });
    const scores = agreement(right, got, has.filter(Boolean).length);
    return [String(label), { ...scores, averagePrecision: averagePrecision(column, has) }] as const;
  });
  const known = classes.filter(([, scores]) => scores.count > 0);
  return {
    accuracy:
      1 -
      ratio(
        wrong.reduce((sum, each) => sum + each, 0),
        count * labels.length,
      ),
    exact: ratio(wrong.filter((each) => each === 0).length, count),
    loss: ratio(loss, count),
    averagePrecision: ratio(
      known.reduce((sum, [, scores]) => sum + scores.averagePrecision, 0),
      known.length,
    ),
    classes: Object.fromEntries(classes) as MultiEvaluation<Label>['classes'],
  };
}
