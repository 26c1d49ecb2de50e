// Which of a few labels fits every step of a sequence.

import type { OutputKind } from './architect.js';
import { checkOptions, outOfRange, wrongType } from './errors.js';
import { randomFrom, shuffled } from './random.js';
import { type Classification, classification, labelsOf } from './sequence-classifier.js';
import {
  checkList,
  type FitOptions,
  fitOptions,
  SequenceModel,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from './sequence-model.js';
import type { TrainingRun } from './training-run.js';

/** Options of {@link SequenceTagger}. */
export interface SequenceTaggerOptions<Label extends string, Input> extends SequenceModelOptions<Input> {
  /** The labels, at least two. */
  labels: readonly Label[];
}

/** A sequence and a label for each of its steps, null where there is none to learn. */
export interface TaggedSequence<Label extends string, Input> {
  input: Input;
  labels: readonly (Label | null)[];
}

/** A stored tagger. */
export interface SequenceTaggerJSON extends SequenceModelJSON {
  type: 'SequenceTagger';
  labels: string[];
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
export class SequenceTagger<Label extends string = string, Input = string> extends SequenceModel<Input> {
  /** The labels. */
  readonly labels: readonly Label[];

  constructor(options: SequenceTaggerOptions<Label, Input>) {
    const call = 'new SequenceTagger';
    const known = ['labels', 'encoder', 'hidden', 'seed'] as const;
    const given = checkOptions<SequenceTaggerOptions<Label, Input>>(call, options, known);
    super(call, given);
    this.labels = labelsOf(call, given.labels);
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.labels.length, kind: 'softmax' };
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended. What is
   * wrong with the arguments rejects the promise.
   */
  fit(samples: TaggedSequence<Label, Input>[], options?: FitOptions): TrainingRun {
    const call = 'SequenceTagger.fit';
    try {
      const given = SequenceModel.checkFit<FitOptions>(call, options, fitOptions);
      const checked = checkList(call, 'samples', samples).map((sample, place) => {
        if (typeof sample !== 'object' || sample === null) {
          throw wrongType(call, `samples[${place}]`, 'an object { input, labels }', sample);
        }
        const { input, labels } = sample as TaggedSequence<Label, Input>;
        const targets = checkList(call, `samples[${place}].labels`, labels).map((label, step) => {
          if (label === null) return null;
          const slot = this.labels.indexOf(label as Label);
          const expected = `null or one of ${this.labels.join(', ')}`;
          if (slot < 0) throw outOfRange(call, `samples[${place}].labels[${step}]`, expected, label);
          return this.labels.map((_, other) => Number(other === slot));
        });
        return { input, targets, place };
      });
      const held = SequenceModel.heldOut(call, checked.length, given.validation);
      const ordered = held === 0 ? checked : shuffled(checked, randomFrom(this.seed));
      const encoded = () =>
        ordered.map(({ input, targets, place }) => {
          const steps = this.encoder.steps(call, `samples[${place}].input`, input);
          if (steps.length !== targets.length) {
            const counts = `${targets.length} labels for ${steps.length} steps`;
            throw new RangeError(`${call}: samples[${place}] has ${counts}, expected one per step`);
          }
          return { input: steps, output: targets };
        });
      const inputs = ordered.slice(0, ordered.length - held).map(({ input }) => input);
      return this.train(call, inputs, encoded, held, given);
    } catch (error) {
      return SequenceModel.refused(error);
    }
  }

  /** The label of every step of a sequence, and the probability of each. */
  tag(input: Input): Classification<Label>[] {
    const call = 'SequenceTagger.tag';
    const network = this.fitted(call);
    const outputs = network.activateSequence(this.encoder.steps(call, 'input', input));
    return outputs.map((probabilities) => classification(this.labels, probabilities));
  }

  /** Share of steps that get their label, 0 to 1. */
  evaluate(samples: TaggedSequence<Label, Input>[]): { accuracy: number } {
    const call = 'SequenceTagger.evaluate';
    let [right, count] = [0, 0];
    for (const sample of checkList(call, 'samples', samples) as TaggedSequence<Label, Input>[]) {
      this.tag(sample.input).forEach(({ label }, step) => {
        const wanted = sample.labels[step] ?? null;
        count += Number(wanted !== null);
        right += Number(wanted === label);
      });
    }
    return { accuracy: count === 0 ? 0 : right / count };
  }

  /** The tagger as plain data. */
  toJSON(): SequenceTaggerJSON {
    return { ...this.stored('SequenceTagger'), type: 'SequenceTagger', labels: [...this.labels] };
  }

  /** A tagger from {@link SequenceTagger.toJSON}. */
  static fromJSON<Label extends string = string, Input = string>(
    json: SequenceTaggerJSON,
  ): SequenceTagger<Label, Input> {
    const call = 'SequenceTagger.fromJSON';
    return SequenceModel.load(call, json, 'SequenceTagger', (options: SequenceModelOptions<Input>, { labels }) => {
      return new SequenceTagger<Label, Input>({ ...options, labels: labels as Label[] });
    });
  }
}
