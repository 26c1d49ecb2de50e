// Which of a few labels fits a whole sequence.

import { checkBoolean, checkChoice, checkOptions, outOfRange, wrongType } from '../checks/errors.js';
import type { SetBuilder, Steps } from '../data/set-builder.js';
import type { OutputKind } from '../network/architect.js';
import type { SequenceReadout } from '../network/convolution.js';
import type { Network } from '../network/network.js';
import { Stepper } from '../network/stepper.js';
import type { TrainingRun } from '../training/training-run.js';
import type {
  ClassifierAnswer,
  ClassifierEvaluation,
  ClassifierEvaluationOptions,
  ClassifierExtendOptions,
  ClassifierFitOptions,
  ClassifierSample,
  SequenceClassifierJSON,
  SequenceClassifierOptions,
} from './classifier-options.js';
import type { NamedInput } from './encoders/coding.js';
import type { ExplainLabelOptions, LabelExplanation } from './explanation.js';
import { checkExtendable, extendOptions } from './extend-options.js';
import { fitOptions } from './fit-options.js';
import { LabelledModel, labelFitOptions } from './labelled.js';
import { type Classification, checkLabels, classificationOf, type LabelValue } from './labels.js';
import { SequenceModel } from './model.js';
import { checkReadout, type NetworkOptions, type SequenceModelOptions } from './model-options.js';
import { randomFrom, shuffled } from './random.js';
import { checkSamples, type Ready } from './ready.js';
import { evaluationOf } from './scores.js';
import {
  checkSlots,
  checkThresholds,
  type MultiClassification,
  multiClassificationOf,
  multiEvaluationOf,
  storedThresholds,
  targetOf,
} from './several-labels.js';
import type { SequenceStream, StreamStep } from './stream.js';

interface CheckedLabels extends NamedInput {
  /** Places of the labels. */
  slots: number[];
}

const known = [...fitOptions, ...labelFitOptions, 'supervise'] as const;
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/**
 * Learns which label a sequence has, from examples; with `multiLabel`, which labels.
 *
 * @typeParam Multi true with `multiLabel`.
 *
 * @example
 * const classifier = new SequenceClassifier({ labels: ['low', 'high'], encoder: Encoder.numeric() });
 * await classifier.fit([
 *   { input: [1, 2, 1], label: 'low' },
 *   { input: [7, 9, 8, 9], label: 'high' },
 * ]);
 * classifier.classify([8, 8]).label; // 'high'
 */
export class SequenceClassifier<
  Label extends LabelValue = string,
  Input = string,
  Multi extends boolean = false,
> extends LabelledModel<Label, Input> {
  readonly #readout: SequenceReadout;
  /** With `multiLabel`, that of each label. */
  #thresholds: readonly number[] | undefined;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options: SequenceClassifierOptions<Label, Input, Multi>) {
    const call = 'new SequenceClassifier';
    super(call, options, ['readout', 'multiLabel', 'thresholds']);
    const { readout, multiLabel = false, thresholds } = options;
    this.#readout = checkReadout(call, readout, this);
    if (checkBoolean(call, 'options.multiLabel', multiLabel)) {
      this.#thresholds = checkThresholds(call, this.labels, thresholds);
    } else if (thresholds !== undefined) {
      throw outOfRange(
        call,
        'options.thresholds',
        'left out without multiLabel: the most probable label is given',
        thresholds,
      );
    }
  }

  /** Whether a sequence may have several labels at once, or none. */
  get multiLabel(): boolean {
    return this.#thresholds !== undefined;
  }

  /** With `multiLabel`: from which probability on a sequence has each label, in the order of `labels`. */
  get thresholds(): readonly number[] | undefined {
    return this.#thresholds;
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { ...super.outputs(), ...(this.multiLabel ? { kind: 'logistic' } : {}) };
  }

  override get readout(): SequenceReadout {
    return this.#readout;
  }

  #check(call: string, list: string, samples: unknown): CheckedLabels[] {
    type Sample = { input: unknown; label: unknown; labels: unknown };
    const shape = `{ input, ${this.multiLabel ? 'labels' : 'label'} }`;
    return checkSamples(call, list, samples, shape, ({ label, labels }: Sample, place) => {
      const slotOf = (field: string, value: unknown) => this.slotOf(call, field, value);
      if (!this.multiLabel) return { slots: [slotOf(`${place}.label`, label)] };
      return { slots: checkSlots(call, `${place}.labels`, labels, slotOf) };
    });
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended. The
   * classifier can be used meanwhile. What is wrong with the arguments rejects the promise. A label
   * that no sample has is named in the result's `advice`.
   *
   * @param samples sequences with their labels.
   */
  fit(
    samples: ClassifierSample<Label, Input, Multi>[],
    options?: ClassifierFitOptions<Label, Input, Multi>,
  ): TrainingRun {
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
  pack(
    samples: ClassifierSample<Label, Input, Multi>[],
    options?: ClassifierFitOptions<Label, Input, Multi>,
  ): Promise<Uint8Array> {
    const call = 'SequenceClassifier.pack';
    const copy = SequenceClassifier.fromJSON<Label, Input, Multi>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, samples, options));
  }

  #ready(call: string, samples: unknown, options: unknown): Ready<CheckedLabels> {
    const given = checkOptions<ClassifierFitOptions<Label, Input, Multi>>(call, options, known);
    const { classWeights, labelSmoothing, supervise = 'end', ...rest } = given;
    const smoothing = this.smoothing(call, labelSmoothing);
    const every = checkChoice(call, 'options.supervise', supervise, ['end', 'every']) === 'every';
    if (every && (this.bidirectional || this.readout !== 'last')) {
      throw outOfRange(
        call,
        'options.supervise',
        "'end': the classifier's read-out gives an answer at the end",
        supervise,
      );
    }
    if (this.multiLabel && classWeights !== undefined) {
      throw outOfRange(call, 'options.classWeights', 'left out with multiLabel: choose thresholds', classWeights);
    }
    const check = (field: string, list: unknown) => this.#check(call, field, list);
    const byLabel = (all: CheckedLabels[]) => this.#byLabel(all);
    const order = this.multiLabel ? undefined : byLabel;
    const parts = this.split(call, 'samples', samples, given.validation, check, order);
    const counts = this.labels.map((_, slot) => parts.trained.filter(({ slots }) => slots.includes(slot)).length);
    const { classes, weighted, remarks } = this.labelOrders(call, classWeights, smoothing, counts);
    const encode = ({ input, slots, field }: CheckedLabels, set: SetBuilder) => {
      const steps = this.steps(call, field, input);
      const last = steps.steps.length - 1;
      const target = this.multiLabel ? targetOf(this.labels.length, slots, smoothing) : (slots[0] as number);
      set.add(steps, (step) => (every || step === last ? target : null));
    };
    return { parts, encode, options: rest, orders: this.multiLabel ? { remarks } : { classes, weighted, remarks } };
  }

  /** The samples in an order of whose end every label has as large a share as of all. */
  #byLabel(samples: CheckedLabels[]): CheckedLabels[] {
    const random = randomFrom(this.seed);
    // Every sample's rank among those of its label, as a share: what ranks last is held out.
    const byLabel: CheckedLabels[][] = this.labels.map(() => []);
    for (const sample of samples) byLabel[sample.slots[0] as number]?.push(sample);
    const ranked = byLabel.flatMap((all) => {
      const own = shuffled(all, random);
      return own.map((sample, rank) => ({ sample, share: (rank + random()) / own.length }));
    });
    ranked.sort((a, b) => a.share - b.share);
    return ranked.map(({ sample }) => sample);
  }

  /** The steps of inputs, of which a fitted classifier is to say something. */
  #encoded(call: string, inputs: readonly NamedInput[]): Steps[] {
    this.fitted(call);
    return inputs.map(({ field, input }) => this.steps(call, field, input));
  }

  /** Probabilities of the labels for each of several sequences, in the order of `labels`. */
  #probabilities(call: string, inputs: readonly Steps[]): number[][] {
    return this.answers(call, inputs, 'last').map(([outputs]) => outputs as number[]);
  }

  /** What probabilities say; written to `into`, if given. */
  #say(probabilities: ArrayLike<number>, into?: ClassifierAnswer<Label, Multi>): ClassifierAnswer<Label, Multi> {
    const { labels } = this;
    const thresholds = this.#thresholds;
    const said =
      thresholds === undefined
        ? classificationOf(labels, probabilities, into as Classification<Label> | undefined)
        : multiClassificationOf(labels, thresholds, probabilities, into as MultiClassification<Label> | undefined);
    return said as ClassifierAnswer<Label, Multi>;
  }

  /** The label of a sequence, and the probability of each; with `multiLabel` its labels. Works while `fit` runs, too. */
  classify(input: Input): ClassifierAnswer<Label, Multi> {
    const call = 'SequenceClassifier.classify';
    const [probabilities = []] = this.#probabilities(call, this.#encoded(call, [{ field: 'input', input }]));
    return this.#say(probabilities);
  }

  /** {@link SequenceClassifier.classify} of several sequences at once. */
  classifyAll(inputs: readonly Input[]): ClassifierAnswer<Label, Multi>[] {
    const call = 'SequenceClassifier.classifyAll';
    if (!Array.isArray(inputs)) throw wrongType(call, 'inputs', 'an array', inputs);
    if (inputs.length === 0) return [];
    const named = inputs.map((input, index) => ({ field: `inputs[${index}]`, input }));
    return this.#probabilities(call, this.#encoded(call, named)).map((probabilities) => this.#say(probabilities));
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
   * far, to the bit. Trained with `supervise: 'every'`, it has learnt to say so early.
   *
   * @throws TypeError for a bidirectional classifier, and before `fit`.
   */
  stream(): SequenceStream<StreamStep<Input>, ClassifierAnswer<Label, Multi>> {
    const written = this.#say(this.labels.map(() => 0));
    return this.streaming('SequenceClassifier.stream', { answer: (outputs) => this.#say(outputs, written) });
  }

  /**
   * How well the classifier does on samples.
   *
   * @throws RangeError with `early` for a bidirectional classifier, which says nothing before the end.
   */
  evaluate(
    samples: ClassifierSample<Label, Input, Multi>[],
    options?: ClassifierEvaluationOptions,
  ): ClassifierEvaluation<Label, Multi> {
    const call = 'SequenceClassifier.evaluate';
    const { early = false } = checkOptions<ClassifierEvaluationOptions>(call, options, ['early']);
    if (checkBoolean(call, 'options.early', early) && this.bidirectional) {
      throw outOfRange(
        call,
        'options.early',
        'false of a bidirectional classifier, which reads whole sequences',
        early,
      );
    }
    const checked = this.#check(call, 'samples', samples);
    const encoded = this.#encoded(call, checked);
    const slots = checked.map((sample) => sample.slots);
    const judged = (probabilities: number[][]) =>
      this.#thresholds === undefined
        ? evaluationOf(
            this.labels,
            slots.map(([slot]) => slot as number),
            probabilities,
          )
        : multiEvaluationOf(this.labels, this.#thresholds, slots, probabilities);
    const evaluation = judged(this.#probabilities(call, encoded)) as ClassifierEvaluation<Label, Multi>;
    if (!early) return evaluation;
    const parts = this.#early(call, encoded);
    return {
      ...evaluation,
      early: SHARES.map((share, part) => ({ share, accuracy: judged(parts[part] as number[][]).accuracy })),
    };
  }

  /** Probabilities of the labels after each of the shares of several sequences: (shares, sequences, labels). */
  #early(call: string, inputs: readonly Steps[]): number[][][] {
    const parts: number[][][] = SHARES.map(() => []);
    const stepper = new Stepper(call, this.fitted(call), this.encoder.form);
    try {
      for (const { form, steps } of inputs) {
        stepper.reset(call);
        let read = 0;
        SHARES.forEach((share, part) => {
          // Without the digits that a product of decimals has too many.
          for (const end = Math.ceil(share * steps.length - 1e-9); read < end; read++) {
            if (form === 'rows') stepper.row.set(steps[read] as ArrayLike<number>);
            stepper.push(call, form === 'rows' ? 0 : (steps[read] as number));
          }
          parts[part]?.push(Array.from(stepper.outputs));
        });
      }
    } finally {
      stepper.free();
    }
    return parts;
  }

  /**
   * The classifier keeps what it has learnt, and knows more: labels, words, symbols. Weights stay as
   * they are, to the bit. Between the labels it had, probabilities stay in their ratios. What the encoder did not know was read as unknown, and
   * goes on to be, until `fit` has learnt it: `fit` itself adds nothing to what the first one found. {@link SequenceClassifier.network}
   * is a new one; the old one, and its streams, end.
   *
   * @returns itself.
   * @throws TypeError before `fit`, while one runs, and for a network that the model has not made (`fromNetwork`) where
   *   that would have to grow; RangeError for labels that it has.
   * @example
   * classifier.extend({ labels: ['wave'] });
   * await classifier.fit([...someOfTheOld, ...samplesOfWave]);
   */
  extend<New extends LabelValue = never>(
    options: ClassifierExtendOptions<Label, Input, Multi, New>,
  ): SequenceClassifier<Label | New, Input, Multi> {
    const call = 'SequenceClassifier.extend';
    const known = [...extendOptions, 'labels', 'thresholds'] as const;
    const given = checkOptions<ClassifierExtendOptions<Label, Input, Multi, New>>(call, options, known);
    const { labels, thresholds } = given;
    const before = this.#thresholds;
    if (thresholds !== undefined && (before === undefined || labels === undefined)) {
      throw outOfRange(call, 'options.thresholds', 'left out where no label has one', thresholds);
    }
    const extendable = checkExtendable(call, given, (_, samples) => {
      this.checkInputs(call, this.#check(call, 'options.samples', samples));
    });
    const add = this.moreLabels(call, labels);
    const own = labels === undefined ? [] : checkThresholds(call, labels, thresholds);
    const addThresholds = () => {
      this.#thresholds = before && Object.freeze([...before, ...own]);
      return () => {
        this.#thresholds = before;
      };
    };
    this.grow(call, extendable, [add, addThresholds]);
    return this as unknown as SequenceClassifier<Label | New, Input, Multi>;
  }

  /** The classifier as plain data: labels, encoder and network. */
  toJSON(): SequenceClassifierJSON {
    const several = this.#thresholds && { multiLabel: true as const, thresholds: [...this.#thresholds] };
    return { ...this.stored('SequenceClassifier'), ...several };
  }

  /**
   * A classifier around a network, such as one of `engram/exchange`, which becomes the classifier's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names.
   *
   * @param network softmax outputs (with `multiLabel` logistic ones), a label each, and an input per number of the
   *   encoder's steps.
   * @param options labels and encoder, as they were when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Label extends LabelValue = string, Input = string, Multi extends boolean = false>(
    network: Network,
    options: NetworkOptions<Input> &
      Pick<SequenceClassifierOptions<Label, Input, Multi>, 'labels' | 'multiLabel' | 'thresholds'>,
  ): SequenceClassifier<Label, Input, Multi> {
    const call = 'SequenceClassifier.fromNetwork';
    return SequenceModel.around(
      call,
      network,
      options,
      'SequenceClassifier',
      // A network that pools nothing answers at its last step.
      (all) => new SequenceClassifier<Label, Input, Multi>({ readout: 'last', ...all }),
    );
  }

  /** A classifier from {@link SequenceClassifier.toJSON}. */
  static fromJSON<Label extends LabelValue = string, Input = string, Multi extends boolean = false>(
    json: SequenceClassifierJSON,
  ): SequenceClassifier<Label, Input, Multi> {
    const call = 'SequenceClassifier.fromJSON';
    return SequenceModel.load(call, json, 'SequenceClassifier', (options: SequenceModelOptions<Input>, stored) => {
      const { labels, readout, multiLabel, thresholds } = stored as Partial<SequenceClassifierJSON>;
      const given = checkLabels<Label>(call, labels);
      return new SequenceClassifier<Label, Input, Multi>({
        ...options,
        labels: given,
        // Files of before read-outs had a choice say nothing of it.
        readout: readout ?? 'last',
        ...(multiLabel && { multiLabel: multiLabel as Multi }),
        ...(thresholds && { thresholds: storedThresholds(call, given, thresholds) }),
      });
    });
  }
}
