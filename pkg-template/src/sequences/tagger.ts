// Which of a few labels fits every step of a sequence.

import { argmax } from '../checks/argmax.js';
import { checkOptions } from '../checks/errors.js';
import type { SetBuilder, Steps } from '../data/set-builder.js';
import type { Network } from '../network/network.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import type { ExplainLabelOptions, ExplainStepOptions, LabelExplanation } from './explanation.js';
import { checkExtendable, extendOptions, type LabelExtendOptions } from './extend-options.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import {
  type LabelFitOptions,
  LabelledModel,
  type LabelledModelJSON,
  type LabelledModelOptions,
  labelFitOptions,
} from './labelled.js';
import { type Classification, classificationOf, type LabelValue } from './labels.js';
import { SequenceModel } from './model.js';
import type { NetworkOptions, SequenceModelOptions } from './model-options.js';
import { checkList, checkSamples, type Ready, type Weighted } from './ready.js';
import { type Evaluation, LabelJudge } from './scores.js';
import { type Span, SpanJudge, type SpanScores, saySpans, spansOf } from './spans.js';
import type { SequenceStream, StreamStep } from './stream.js';

/** Options of {@link SequenceTagger}. */
export interface SequenceTaggerOptions<Label extends LabelValue, Input> extends LabelledModelOptions<Label, Input> {}

/** A sequence and a label for each of its steps, null where there is none to learn. */
export interface TaggedSequence<Label extends LabelValue, Input> extends Weighted {
  input: Input;
  labels: readonly (Label | null)[];
}

/** Options of {@link SequenceTagger.fit}. */
export interface TaggerFitOptions<Label extends LabelValue, Input = string>
  extends FitOptions<TaggedSequence<Label, Input>>,
    LabelFitOptions<Label> {}

/** How well a tagger does on a set. */
export interface TaggerEvaluation<Label extends LabelValue> extends Evaluation<Label> {
  /** Where labels say spans, as `B-name`, `I-name` do: how well these are found. Steps without a label are outside. */
  spans?: SpanScores;
}

interface CheckedTags extends NamedInput {
  /** Place of the label of every step, or null. */
  slots: (number | null)[];
}

/** A stored tagger. */
export interface SequenceTaggerJSON extends LabelledModelJSON {
  type: 'SequenceTagger';
}

/**
 * Learns a label per step: per character with `Encoder.oneHot` or `bytes`, per word with `tokens`,
 * per vector with `numeric`.
 *
 * @example
 * const tagger = new SequenceTagger({ labels: ['vowel', 'other'], encoder: Encoder.oneHot('abcde') });
 * await tagger.fit([{ input: 'abe', labels: ['vowel', 'other', 'vowel'] }]);
 * tagger.tag('ba').map(({ label }) => label); // ['other', 'vowel']
 */
export class SequenceTagger<Label extends LabelValue = string, Input = string> extends LabelledModel<Label, Input> {
  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options: SequenceTaggerOptions<Label, Input>) {
    super('new SequenceTagger', options);
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended. What is
   * wrong with the arguments rejects the promise. A label that no step has is named in the result's `advice`.
   */
  fit(samples: TaggedSequence<Label, Input>[], options?: TaggerFitOptions<Label, Input>): TrainingRun {
    const call = 'SequenceTagger.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, samples, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(samples: TaggedSequence<Label, Input>[], options?: TaggerFitOptions<Label, Input>): Promise<Uint8Array> {
    const call = 'SequenceTagger.pack';
    const copy = SequenceTagger.fromJSON<Label, Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, samples, options));
  }

  #ready(call: string, samples: unknown, options: unknown): Ready<CheckedTags> {
    const given = checkOptions<TaggerFitOptions<Label, Input>>(call, options, [...fitOptions, ...labelFitOptions]);
    const { classWeights, labelSmoothing, ...rest } = given;
    const smoothing = this.smoothing(call, labelSmoothing);
    const check = (field: string, list: unknown) => this.#check(call, field, list);
    const parts = this.split(call, 'samples', samples, given.validation, check);
    const encode = (checked: CheckedTags, set: SetBuilder) => {
      set.add(this.#steps(call, checked), (step) => checked.slots[step] as number | null);
    };
    const counts = this.labels.map(() => 0);
    for (const { slots } of parts.trained) {
      for (const slot of slots) if (slot !== null) counts[slot] = (counts[slot] as number) + 1;
    }
    const orders = this.labelOrders(call, classWeights, smoothing, counts);
    return { parts, encode, options: rest, orders };
  }

  #check(call: string, list: string, samples: unknown): CheckedTags[] {
    type Sample = TaggedSequence<Label, Input>;
    return checkSamples(call, list, samples, '{ input, labels }', ({ labels }: Sample, field) => {
      const slots = checkList(call, `${field}.labels`, labels).map((label, step) => {
        return label === null ? null : this.slotOf(call, `${field}.labels[${step}]`, label, 'null or ');
      });
      return { slots };
    });
  }

  #steps(call: string, { input, slots, field }: CheckedTags): Steps {
    const encoded = this.steps(call, field, input);
    const { length } = encoded.steps;
    if (length === slots.length) return encoded;
    throw new RangeError(
      `${call}: ${field} has ${length} steps for ${slots.length} labels, expected as many labels as steps`,
    );
  }

  /** The label of every step of a sequence, and the probability of each. */
  tag(input: Input): Classification<Label>[] {
    return this.#labels('SequenceTagger.tag', input);
  }

  /**
   * The stretches of a sequence that its labels say, as `B-name` for the first step of a name and `I-name` for the others
   * do; an `I-` that follows no label of its kind begins a stretch, too. None where labels are of another form.
   */
  spans(input: Input): Span[] {
    return spansOf(this.#labels('SequenceTagger.spans', input).map(({ label }) => label));
  }

  /**
   * Why a step of a sequence has its label: {@link SequenceClassifier.explain} for the label of one step, the last
   * unless `at` says which.
   *
   * @throws TypeError or RangeError for wrong arguments, and for a network whose gradient is not finite.
   */
  explain(input: Input, options?: ExplainLabelOptions<Label, Input> & ExplainStepOptions): LabelExplanation<Label> {
    return this.explainLabel('SequenceTagger.explain', input, options, 'each');
  }

  #labels(call: string, input: Input): Classification<Label>[] {
    this.fitted(call);
    const [outputs = []] = this.answers(call, [this.steps(call, 'input', input)], 'each');
    return outputs.map((probabilities) => this.classification(probabilities));
  }

  /**
   * A sequence that comes step by step: after each step its label, as the last of {@link SequenceTagger.tag}'s for the
   * sequence so far, to the bit. Give texts word by word, or character by character, to have the label of each.
   *
   * @throws TypeError for a bidirectional tagger, and before `fit`.
   */
  stream(): SequenceStream<StreamStep<Input>, Classification<Label>> {
    const written = this.classification(this.labels.map(() => 0));
    const answer = (outputs: Float64Array) => classificationOf(this.labels, outputs, written);
    return this.streaming('SequenceTagger.stream', { answer });
  }

  /** How well the tagger does on the steps of samples that have a label. */
  evaluate(samples: TaggedSequence<Label, Input>[]): TaggerEvaluation<Label> {
    const call = 'SequenceTagger.evaluate';
    this.fitted(call);
    const checked = this.#check(call, 'samples', samples);
    const encoded = checked.map((sample) => this.#steps(call, sample));
    const outputs = this.answers(call, encoded, 'each');
    const judge = new LabelJudge(this.labels);
    const spans = new SpanJudge();
    checked.forEach(({ slots }, index) => {
      const rows = outputs[index] as number[][];
      slots.forEach((slot, step) => {
        if (slot !== null) judge.take(slot, rows[step] as number[]);
      });
      const tagOf = (slot: number | null) => (slot === null ? null : this.labels[slot]);
      // What has no label is not asked for, so what it gets does not count.
      const got = slots.map((slot, step) => (slot === null ? null : argmax(rows[step] as number[])));
      spans.take(slots.map(tagOf), got.map(tagOf));
    });
    return { ...judge.finish(), ...(saySpans(this.labels) ? { spans: spans.finish() } : {}) };
  }

  /**
   * The tagger keeps what it has learnt, and knows more: labels, words, symbols. Weights stay as
   * they are, to the bit. Between the labels it had, probabilities stay in their ratios. What the encoder did not know was read as unknown, and
   * goes on to be, until `fit` has learnt it: `fit` itself adds nothing to what the first one found. {@link SequenceTagger.network}
   * is a new one; the old one, and its streams, end.
   *
   * @returns itself.
   * @throws TypeError before `fit`, while one runs, and for a network that the model has not made (`fromNetwork`) where
   *   that would have to grow; RangeError for labels that it has.
   * @example
   * tagger.extend({ labels: ['B-place'], samples });
   * await tagger.fit(samples);
   */
  extend<New extends LabelValue = never>(
    options: LabelExtendOptions<TaggedSequence<Label | New, Input>, New>,
  ): SequenceTagger<Label | New, Input> {
    const call = 'SequenceTagger.extend';
    const known = [...extendOptions, 'labels'] as const;
    const given = checkOptions<LabelExtendOptions<TaggedSequence<Label | New, Input>, New>>(call, options, known);
    const extendable = checkExtendable(call, given, (_, samples) => {
      for (const sample of this.#check(call, 'options.samples', samples)) this.#steps(call, sample);
    });
    this.grow(call, extendable, [this.moreLabels(call, given.labels)]);
    return this as unknown as SequenceTagger<Label | New, Input>;
  }

  /** The tagger as plain data. */
  toJSON(): SequenceTaggerJSON {
    return this.stored('SequenceTagger');
  }

  /**
   * A tagger around a network, such as one of `engram/exchange`, which becomes the tagger's own: `fit` fine-tunes it, and
   * holds what its option `freeze` names.
   *
   * @param network softmax outputs, a label each, and an input per number of the encoder's steps.
   * @param options labels and encoder, as they were when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Label extends LabelValue = string, Input = string>(
    network: Network,
    options: NetworkOptions<Input> & Pick<SequenceTaggerOptions<Label, Input>, 'labels'>,
  ): SequenceTagger<Label, Input> {
    const call = 'SequenceTagger.fromNetwork';
    return SequenceModel.around(
      call,
      network,
      options,
      'SequenceTagger',
      (all) => new SequenceTagger<Label, Input>(all),
    );
  }

  /** A tagger from {@link SequenceTagger.toJSON}. */
  static fromJSON<Label extends LabelValue = string, Input = string>(
    json: SequenceTaggerJSON,
  ): SequenceTagger<Label, Input> {
    const call = 'SequenceTagger.fromJSON';
    return SequenceModel.load(call, json, 'SequenceTagger', (options: SequenceModelOptions<Input>, { labels }) => {
      return new SequenceTagger<Label, Input>({ ...options, labels: labels as Label[] });
    });
  }
}
