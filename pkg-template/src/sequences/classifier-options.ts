// Options of classifiers, what they learn from, and what they say: of one label, or of several at once.

import type { LabelExtendOptions } from './extend-options.js';
import type { FitOptions } from './fit-options.js';
import type { LabelFitOptions, LabelledModelJSON, LabelledModelOptions } from './labelled.js';
import type { Classification, LabelValue } from './labels.js';
import type { ReadoutOptions } from './model-options.js';
import type { Weighted } from './ready.js';
import type { Evaluation } from './scores.js';
import type { MultiClassification, MultiEvaluation, Thresholds } from './several-labels.js';

/** Options of `SequenceClassifier`. */
export interface SequenceClassifierOptions<Label extends LabelValue, Input, Multi extends boolean = false>
  extends LabelledModelOptions<Label, Input>,
    ReadoutOptions {
  /**
   * Whether a sequence may have several of the labels at once, or none: each has a probability of its own then, and samples
   * have `labels`. Default false.
   */
  multiLabel?: Multi;
  /** With `multiLabel`: from which probability on a sequence has a label. Default 0.5. */
  thresholds?: Thresholds<Label>;
}

/** A sequence and its label. */
export interface LabelledSequence<Label extends LabelValue, Input> extends Weighted {
  input: Input;
  label: Label;
}

/** A sequence and its labels, of which there may be none. */
export interface MultiLabelledSequence<Label extends LabelValue, Input> extends Weighted {
  input: Input;
  labels: readonly Label[];
}

/** What a classifier learns from. */
export type ClassifierSample<Label extends LabelValue, Input, Multi extends boolean> = Multi extends true
  ? MultiLabelledSequence<Label, Input>
  : LabelledSequence<Label, Input>;

/** What a classifier says of a sequence. */
export type ClassifierAnswer<Label extends LabelValue, Multi extends boolean> = Multi extends true
  ? MultiClassification<Label>
  : Classification<Label>;

/** Options of `SequenceClassifier.fit`. */
export interface ClassifierFitOptions<Label extends LabelValue, Input = string, Multi extends boolean = false>
  extends FitOptions<ClassifierSample<Label, Input, Multi>>,
    LabelFitOptions<Label> {
  /**
   * Where the label is to be told. `'end'` (default): at the last step. `'every'`: at each, so that answers mean something
   * while a sequence comes in (a stream, `evaluate` with `early`); errors are means over all steps, and long sequences
   * count more. With readout `'last'` of one direction only: other read-outs give an answer at the end.
   */
  supervise?: 'end' | 'every';
}

/** Options of `SequenceClassifier.evaluate`. */
export interface ClassifierEvaluationOptions {
  /** Whether to judge what the classifier says early, too. Not of a bidirectional one. Default false. */
  early?: boolean;
}

/** Options of `SequenceClassifier.extend`. */
export interface ClassifierExtendOptions<Label extends LabelValue, Input, Multi extends boolean, New extends LabelValue>
  extends LabelExtendOptions<ClassifierSample<Label | New, Input, Multi>, New> {
  /** With `multiLabel`: the new labels' thresholds. Default 0.5. */
  thresholds?: Thresholds<New>;
}

/** How well a classifier does that has read a part of each sequence. */
export interface EarlyAccuracy {
  /** Share of each sequence's steps that was read, rounded up to whole steps: 0.1, 0.2, to 1. */
  share: number;
  /** As the evaluation's, by what was read. */
  accuracy: number;
}

/** What `SequenceClassifier.evaluate` gives. */
export type ClassifierEvaluation<Label extends LabelValue, Multi extends boolean> = (Multi extends true
  ? MultiEvaluation<Label>
  : Evaluation<Label>) & {
  /** With `early`: the accuracy by share of the sequences read. */
  early?: EarlyAccuracy[];
};

/** A stored classifier. */
export interface SequenceClassifierJSON extends LabelledModelJSON {
  type: 'SequenceClassifier';
  /** Left out for false. */
  multiLabel?: true;
  /** With `multiLabel`: of each label. */
  thresholds?: number[];
}
