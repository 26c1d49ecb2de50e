// Which of a few labels fits a whole sequence.

import { checkOptions, wrongType } from '../checks/errors.js';
import type { SetBuilder } from '../data/set-builder.js';
import type { SequenceReadout } from '../network/convolution.js';
import type { Network } from '../network/network.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import type { ExplainLabelOptions, LabelExplanation } from './explanation.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import {
  type LabelFitOptions,
  LabelledModel,
  type LabelledModelJSON,
  type LabelledModelOptions,
  labelFitOptions,
} from './labelled.js';
import type { Classification, LabelValue } from './labels.js';
import { SequenceModel } from './model.js';
import { checkReadout, type NetworkOptions, type ReadoutOptions, type SequenceModelOptions } from './model-options.js';
import { randomFrom, shuffled } from './random.js';
import { checkSamples, type Ready, type Weighted } from './ready.js';
import { type Evaluation, evaluationOf } from './scores.js';
import type { SequenceStream, StreamStep } from './stream.js';

/** Options of {@link SequenceClassifier}. */
export interface SequenceClassifierOptions<Label extends LabelValue, Input>
  extends LabelledModelOptions<Label, Input>,
    ReadoutOptions {}

/** A sequence and its label. */
export interface LabelledSequence<Label extends LabelValue, Input> extends Weighted {
  input: Input;
  label: Label;
}

/** Options of {@link SequenceClassifier.fit}. */
export interface ClassifierFitOptions<Label extends LabelValue, Input = string>
  extends FitOptions<LabelledSequence<Label, Input>>,
    LabelFitOptions<Label> {}

/** A stored classifier. */
export interface SequenceClassifierJSON extends LabelledModelJSON {
  type: 'SequenceClassifier';
}

interface CheckedLabel extends NamedInput {
  label: number;
}

const known = [...fitOptions, ...labelFitOptions] as const;

/**
 * Learns which label a sequence has, from examples.
 *
 * @example
 * const classifier = new SequenceClassifier({ labels: ['low', 'high'], encoder: Encoder.numeric() });
 * await classifier.fit([
 *   { input: [1, 2, 1], label: 'low' },
 *   { input: [7, 9, 8, 9], label: 'high' },
 * ]);
 * classifier.classify([8, 8]).label; // 'high'
 */
export class SequenceClassifier<Label extends LabelValue = string, Input = string> extends LabelledModel<Label, Input> {
  readonly #readout: SequenceReadout;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options: SequenceClassifierOptions<Label, Input>) {
    const call = 'new SequenceClassifier';
    super(call, options, ['readout']);
    this.#readout = checkReadout(call, options.readout, this);
  }

  override get readout(): SequenceReadout {
    return this.#readout;
  }

  #check(call: string, list: string, samples: unknown): CheckedLabel[] {
    type Sample = LabelledSequence<Label, Input>;
    return checkSamples(call, list, samples, '{ input, label }', ({ label }: Sample, field) => {
      return { label: this.slotOf(call, `${field}.label`, label) };
    });
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended. The
   * classifier can be used meanwhile. What is wrong with the arguments rejects the promise. A label
   * that no sample has is named in the result's `advice`.
   *
   * @param samples sequences with their labels.
   */
  fit(samples: LabelledSequence<Label, Input>[], options?: ClassifierFitOptions<Label, Input>): TrainingRun {
    const call = 'SequenceClassifier.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, samples, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(samples: LabelledSequence<Label, Input>[], options?: ClassifierFitOptions<Label, Input>): Promise<Uint8Array> {
    const call = 'SequenceClassifier.pack';
    const copy = SequenceClassifier.fromJSON<Label, Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, samples, options));
  }

  #ready(call: string, samples: unknown, options: unknown): Ready<CheckedLabel> {
    const given = checkOptions<ClassifierFitOptions<Label, Input>>(call, options, known);
    const { classWeights, labelSmoothing, ...rest } = given;
    const smoothing = this.smoothing(call, labelSmoothing);
    const check = (field: string, list: unknown) => this.#check(call, field, list);
    const byLabel = (all: CheckedLabel[]) => this.#byLabel(all);
    const parts = this.split(call, 'samples', samples, given.validation, check, byLabel);
    const counts = this.labels.map(() => 0);
    for (const { label } of parts.trained) counts[label] = (counts[label] as number) + 1;
    const orders = this.labelOrders(call, classWeights, smoothing, counts);
    const encode = ({ input, label, field }: CheckedLabel, set: SetBuilder) => {
      const steps = this.steps(call, field, input);
      const last = steps.steps.length - 1;
      set.add(steps, (step) => (step === last ? label : null));
    };
    return { parts, encode, options: rest, orders };
  }

  /** The samples in an order of whose end every label has as large a share as of all. */
  #byLabel<Checked extends { label: number }>(samples: Checked[]): Checked[] {
    const random = randomFrom(this.seed);
    // Every sample's rank among those of its label, as a share: what ranks last is held out.
    const byLabel: Checked[][] = this.labels.map(() => []);
    for (const sample of samples) byLabel[sample.label]?.push(sample);
    const ranked = byLabel.flatMap((all) => {
      const own = shuffled(all, random);
      return own.map((sample, rank) => ({ sample, share: (rank + random()) / own.length }));
    });
    ranked.sort((a, b) => a.share - b.share);
    return ranked.map(({ sample }) => sample);
  }

  /** Probabilities of the labels for each of several sequences, in the order of `labels`. */
  #probabilities(call: string, inputs: { field: string; input: unknown }[]): number[][] {
    this.fitted(call);
    const encoded = inputs.map(({ field, input }) => this.steps(call, field, input));
    return this.answers(call, encoded, 'last').map(([outputs]) => outputs as number[]);
  }

  /** The label of a sequence, and the probability of each. Works while `fit` runs, too. */
  classify(input: Input): Classification<Label> {
    const call = 'SequenceClassifier.classify';
    const [probabilities = []] = this.#probabilities(call, [{ field: 'input', input }]);
    return this.classification(probabilities);
  }

  /** {@link SequenceClassifier.classify} of several sequences at once. */
  classifyAll(inputs: readonly Input[]): Classification<Label>[] {
    const call = 'SequenceClassifier.classifyAll';
    if (!Array.isArray(inputs)) throw wrongType(call, 'inputs', 'an array', inputs);
    if (inputs.length === 0) return [];
    const named = inputs.map((input, index) => ({ field: `inputs[${index}]`, input }));
    return this.#probabilities(call, named).map((probabilities) => this.classification(probabilities));
  }

  /**
   * Why a sequence has a label: how much each of its pieces (characters, words, symbols, rows and their channels) moved
   * the label's probability, by the exact gradient. In windows, a row gets what all windows with it did; of channels
   * with `difference`, the row to which the change leads. Works while `fit` runs, too.
   *
   * @throws TypeError or RangeError for wrong arguments, and for a network whose gradient is not finite.
   * @example
   * const { label, parts } = classifier.explain('good, not great');
   * console.log(label, parts.map(({ part, attribution }) => `${part} ${attribution.toFixed(2)}`));
   */
  explain(input: Input, options?: ExplainLabelOptions<Label, Input>): LabelExplanation<Label> {
    return this.explainLabel('SequenceClassifier.explain', input, options, 'last');
  }

  /**
   * A sequence that comes step by step: after each step, what {@link SequenceClassifier.classify} says of the sequence so
   * far, to the bit.
   *
   * @throws TypeError for a bidirectional classifier, and before `fit`.
   */
  stream(): SequenceStream<StreamStep<Input>, Classification<Label>> {
    return this.labelStream('SequenceClassifier.stream');
  }

  /** How well the classifier does on samples. */
  evaluate(samples: LabelledSequence<Label, Input>[]): Evaluation<Label> {
    const call = 'SequenceClassifier.evaluate';
    const checked = this.#check(call, 'samples', samples);
    const slots = checked.map(({ label }) => label);
    return evaluationOf(this.labels, slots, this.#probabilities(call, checked));
  }

  /** The classifier as plain data: labels, encoder and network. */
  toJSON(): SequenceClassifierJSON {
    return this.stored('SequenceClassifier');
  }

  /**
   * A classifier around a network, such as one of `engram/exchange`, which becomes the classifier's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names.
   *
   * @param network softmax outputs, a label each, and an input per number of the encoder's steps.
   * @param options labels and encoder, as they were when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Label extends LabelValue = string, Input = string>(
    network: Network,
    options: NetworkOptions<Input> & Pick<SequenceClassifierOptions<Label, Input>, 'labels'>,
  ): SequenceClassifier<Label, Input> {
    const call = 'SequenceClassifier.fromNetwork';
    return SequenceModel.around(
      call,
      network,
      options,
      'SequenceClassifier',
      // A network that pools nothing answers at its last step.
      (all) => new SequenceClassifier<Label, Input>({ readout: 'last', ...all }),
    );
  }

  /** A classifier from {@link SequenceClassifier.toJSON}. */
  static fromJSON<Label extends LabelValue = string, Input = string>(
    json: SequenceClassifierJSON,
  ): SequenceClassifier<Label, Input> {
    const call = 'SequenceClassifier.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequenceClassifier',
      (options: SequenceModelOptions<Input>, { labels, readout }) => {
        return new SequenceClassifier<Label, Input>({
          ...options,
          labels: labels as Label[],
          // Files of before read-outs had a choice say nothing of it.
          readout: (readout ?? 'last') as SequenceReadout,
        });
      },
    );
  }
}
