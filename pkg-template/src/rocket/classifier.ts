// MiniRocket with ridge regression: which of a few labels fits a series, learnt in seconds.

import { checkNumber, checkOptions, describe, named, outOfRange, wrongType } from '../checks/errors.js';
import type { Classifier as Core } from '../engine/generated/engram_rocket.js';
import { textOfNumbers } from '../graph/base64.js';
import {
  type Classification,
  checkLabels,
  classificationOf,
  type LabelValue,
  missingLabels,
} from '../sequences/labels.js';
import { type Evaluation, evaluationOf } from '../sequences/scores.js';
import { checkInputs, checkRocketOptions, type RocketOptions, rocketOptions, unfitted } from './features.js';
import { fit } from './fit.js';
import {
  type Head,
  inEngine,
  type Kernels,
  type KernelsJSON,
  kernelsFromJSON,
  kernelsToJSON,
  storedNumbers,
} from './kernels.js';
import {
  type Control,
  checkFitOptions,
  type Outcome,
  type RocketFitOptions,
  type RocketResult,
  RocketRun,
} from './run.js';
import { flatSeries, type NamedSeries, type RocketSeries } from './series.js';
import { checkStored } from './stored.js';

/** Options of {@link RocketClassifier}. */
export interface RocketClassifierOptions<Label extends LabelValue> extends RocketOptions {
  /** The labels, at least two: texts, finite numbers, true and false. No two may have the same text, as 1 and '1'. */
  labels: readonly Label[];
}

/** A series and its label. */
export interface LabelledSeries<Label extends LabelValue> {
  input: RocketSeries;
  label: Label;
}

/** A stored {@link RocketClassifier}. */
export interface RocketClassifierJSON {
  /** Format of the file. */
  engram: 2;
  type: 'RocketClassifier';
  labels: LabelValue[];
  channels: number;
  features: number;
  seed: number;
  /** Null before the first `fit`. */
  kernels: KernelsJSON | null;
  /** Weights of the features of each label, and what the outputs are without features, as base64 of doubles. */
  head: { weights: string; intercepts: string; factor: number } | null;
}

/** Ridge regression needs a matrix of samples by samples. */
const MOST_SAMPLES = 4096;

/**
 * Learns which label a series has, by MiniRocket (Dempster, Schmidt & Webb 2021): features of fixed convolutions, and ridge
 * regression on them. For series of 50 to some thousand steps it is often the best there is, and is learnt in seconds.
 *
 * @example
 * const classifier = new RocketClassifier({ labels: ['walk', 'run'], channels: 3 });
 * await classifier.fit(samples); // [{ input: [[x, y, z], ...], label: 'walk' }, ...]
 * classifier.classify(series).label; // 'run'
 */
export class RocketClassifier<Label extends LabelValue = string> {
  /** The labels. */
  readonly labels: readonly Label[];
  /** Values per step. */
  readonly channels: number;
  /** Features of a series. */
  readonly features: number;
  /** What fixes all that is random. */
  readonly seed: number;
  readonly #slots: ReadonlyMap<unknown, number>;
  #model: { kernels: Kernels; head: Head; core: Core } | undefined;

  /** @throws TypeError or RangeError that names the option that is wrong. */
  constructor(options: RocketClassifierOptions<Label>) {
    const call = 'new RocketClassifier';
    const given = checkOptions<RocketClassifierOptions<Label>>(call, options, ['labels', ...rocketOptions]);
    ({ channels: this.channels, features: this.features, seed: this.seed } = checkRocketOptions(call, given));
    this.labels = checkLabels<Label>(call, given.labels);
    this.#slots = new Map(this.labels.map((label, slot) => [label, slot]));
  }

  #check(call: string, samples: unknown, least: number): { inputs: NamedSeries[]; slots: Uint32Array } {
    const list = checkInputs(call, 'samples', samples, least);
    const slots = new Uint32Array(list.length);
    const inputs = list.map((sample, index) => {
      const field = `samples[${index}]`;
      if (typeof sample !== 'object' || sample === null) {
        throw wrongType(call, field, 'an object { input, label }', sample);
      }
      const { input, label } = sample as LabelledSeries<Label>;
      const slot = this.#slots.get(label);
      if (slot === undefined) {
        throw outOfRange(call, `${field}.label`, `one of ${this.labels.map(describe).join(', ')}`, label);
      }
      slots[index] = slot;
      return { field: `${field}.input`, input };
    });
    return { inputs, slots };
  }

  /**
   * Learns from samples, in workers; a call after the end begins anew. The classifier can be used meanwhile, as it was
   * before. Series may be of unequal lengths. What is wrong with the arguments rejects the promise. A label that no sample
   * has is named in the result's `advice`.
   *
   * @param samples series with their labels: 2 to 4,096.
   */
  fit(samples: readonly LabelledSeries<Label>[], options?: RocketFitOptions): RocketRun {
    const call = 'RocketClassifier.fit';
    return RocketRun.start(call, this, () => {
      const checked = checkFitOptions(call, options);
      const { inputs, slots } = this.#check(call, samples, 2);
      if (inputs.length > MOST_SAMPLES) {
        const expected = `at most ${MOST_SAMPLES} entries (for more, give RocketFeatures' rows to a Network)`;
        throw outOfRange(call, 'samples', expected, samples);
      }
      const series = flatSeries(call, inputs, this.channels);
      const order = { series, features: this.features, seed: this.seed, options: checked };
      const counts = this.labels.map(() => 0);
      for (const slot of slots) counts[slot] = (counts[slot] as number) + 1;
      const advice = missingLabels(this.labels, counts);
      const work = async (control: Control): Promise<Outcome> => {
        const { kernels, threads, head } = await fit(control, order, { labels: slots, count: this.labels.length });
        const { accuracy, penalty, ...rest } = head as NonNullable<typeof head>;
        const result: RocketResult = {
          stopped: 'finished',
          time: control.time(),
          threads,
          features: this.features,
          accuracy,
          penalty,
        };
        if (advice.length > 0) result.advice = advice.join('; ');
        return { result, keep: () => this.#adopt(kernels, rest) };
      };
      return { options: checked, work };
    });
  }

  #adopt(kernels: Kernels, head: Head): void {
    const core = inEngine(kernels, head);
    this.#model?.core.free();
    this.#model = { kernels, head, core };
  }

  /** Probabilities of the labels for each of several series, in the order of `labels`. */
  #probabilities(call: string, inputs: readonly NamedSeries[]): number[][] {
    if (this.#model === undefined) throw unfitted(call);
    const { lengths, values } = flatSeries(call, inputs, this.channels);
    const all = this.#model.core.probabilities(lengths, values);
    const count = this.labels.length;
    return inputs.map((_, index) => Array.from(all.subarray(index * count, (index + 1) * count)));
  }

  /** The label of a series, and the probability of each. Works while `fit` runs, too. */
  classify(input: RocketSeries): Classification<Label> {
    const [probabilities = []] = this.#probabilities('RocketClassifier.classify', [{ field: 'input', input }]);
    return classificationOf(this.labels, probabilities);
  }

  /** {@link RocketClassifier.classify} of several series at once. */
  classifyAll(inputs: readonly RocketSeries[]): Classification<Label>[] {
    const call = 'RocketClassifier.classifyAll';
    const list = checkInputs(call, 'inputs', inputs, 0).map((input, index) => ({ field: `inputs[${index}]`, input }));
    return this.#probabilities(call, list).map((probabilities) => classificationOf(this.labels, probabilities));
  }

  /** How well the classifier does on samples. */
  evaluate(samples: readonly LabelledSeries<Label>[]): Evaluation<Label> {
    const call = 'RocketClassifier.evaluate';
    const { inputs, slots } = this.#check(call, samples, 1);
    return evaluationOf(this.labels, slots, this.#probabilities(call, inputs));
  }

  /** The classifier as plain data: labels, kernels and weights. */
  toJSON(): RocketClassifierJSON {
    const { labels, channels, features, seed } = this;
    const format = { engram: 2, type: 'RocketClassifier' } as const;
    const stored = { ...format, labels: [...labels], channels, features, seed };
    if (this.#model === undefined) return { ...stored, kernels: null, head: null };
    const { weights, intercepts, factor } = this.#model.head;
    const head = { weights: textOfNumbers(weights), intercepts: textOfNumbers(intercepts), factor };
    return { ...stored, kernels: kernelsToJSON(this.#model.kernels), head };
  }

  /** A classifier from {@link RocketClassifier.toJSON}. */
  static fromJSON<Label extends LabelValue = string>(json: RocketClassifierJSON): RocketClassifier<Label> {
    const call = 'RocketClassifier.fromJSON';
    const { labels, channels, features, seed, kernels, head } = checkStored(call, json, 'RocketClassifier');
    const options = { labels, channels, features, seed } as RocketClassifierOptions<Label>;
    const made = new RocketClassifier<Label>(options);
    if (kernels === null && head === null) return made;
    const restored = kernelsFromJSON(call, 'json.kernels', kernels, made);
    if (typeof head !== 'object' || head === null) throw wrongType(call, 'json.head', 'an object', head);
    const { weights, intercepts, factor } = head as Record<string, unknown>;
    const count = made.labels.length;
    const stored: Head = {
      weights: storedNumbers(call, 'json.head.weights', weights, count * made.features),
      intercepts: storedNumbers(call, 'json.head.intercepts', intercepts, count),
      factor: checkNumber(call, 'json.head.factor', factor, { min: 0 }),
    };
    named(call, () => made.#adopt(restored, stored));
    return made;
  }
}
