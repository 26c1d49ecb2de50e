// How well a kind of model does, whatever the split: each part of the samples is held out once.

import { checkFunction, checkNumber, checkOptions, outOfRange } from '../checks/errors.js';
import { engineOptions } from '../engine/generated/tables.js';
import type { TrainingResult } from '../training/report.js';
import { processors } from '../worker/pool.js';
import { checkModel, type Measures, measured, partsOf, withSome } from './folds.js';
import { randomFrom } from './random.js';
import { checkList } from './ready.js';
import { still } from './still.js';

/** What can be cross-validated: classifiers, taggers, regressors, predictors. */
export interface Judged<Sample, FitOptions, Evaluation> {
  /** Learns from samples. */
  fit(samples: Sample[], options?: FitOptions): PromiseLike<TrainingResult>;
  /** Says how well it does on samples. */
  evaluate(samples: Sample[]): Evaluation;
  /** Gives the engine's memory back. */
  free(): void;
}

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions<FitOptions> {
  /** Parts, of which each is held out once: 2 up to as many as there are samples. Default 5, or that many. */
  folds?: number;
  /** Fixes which sample is in which part: an integer from 0. Default: random. */
  seed?: number;
  /** Options of every `fit`. A `signal` ends all. */
  fit?: FitOptions;
  /** Runs at a time, each in a worker, from 1; they change no result. Default: as many as there are processors. */
  parallel?: number;
}

/** What {@link crossValidate} gives. */
export interface CrossValidated<Evaluation> {
  /** What `evaluate` said of each part, by models that had not seen it. */
  folds: Evaluation[];
  /** Mean of every number of these over the parts. */
  mean: Measures<Evaluation>;
  /** Standard deviation over the parts (with one less than their number as divisor). */
  deviation: Measures<Evaluation>;
}

const call = 'crossValidate';

/**
 * Trains a model for each part of the samples on all others, and judges it by that part: one split may be a lucky one.
 * Samples that have a `label` are dealt so that each part has as large a share of every label.
 *
 * @param make gives a new model for each part; with a seed of its own, and one here, the result is the same to the bit.
 * @param samples what the models learn from.
 * @returns the scores. What is wrong with the arguments, or with those of `fit`, rejects the promise once all runs that
 *   have begun are over.
 *
 * @example
 * const { mean, deviation } = await crossValidate(
 *   () => new SequenceClassifier({ labels: ['low', 'high'], encoder: Encoder.numeric(), seed: 1 }),
 *   samples,
 *   { folds: 5, seed: 1, fit: { epochs: 50 } },
 * );
 * console.log(`${mean.accuracy} ± ${deviation.accuracy}`);
 */
export async function crossValidate<Sample, FitOptions extends object, Evaluation extends object>(
  make: (fold: number) => Judged<Sample, FitOptions, Evaluation>,
  samples: Sample[],
  options?: CrossValidateOptions<FitOptions>,
): Promise<CrossValidated<Evaluation>> {
  checkFunction(call, 'make', make);
  const given = checkOptions<CrossValidateOptions<FitOptions>>(call, options, ['folds', 'seed', 'fit', 'parallel']);
  const all = still(checkList(call, 'samples', samples)) as Sample[];
  if (all.length < 2) throw outOfRange(call, 'samples', 'at least two, one to learn from and one held out', samples);
  const {
    folds = Math.min(5, all.length),
    seed = Math.floor(Math.random() * 2 ** 32),
    parallel = processors(),
  } = given;
  checkNumber(call, 'options.folds', folds, { min: 2, max: all.length, integer: true });
  checkNumber(call, 'options.seed', seed, engineOptions.seed);
  checkNumber(call, 'options.parallel', parallel, { min: 1, integer: true });
  const fit = checkOptions<{ resume?: unknown; signal?: AbortSignal }>(
    call,
    given.fit,
    Object.keys(given.fit ?? {}) as 'resume'[],
    'options.fit',
  );
  if (fit.resume !== undefined) {
    throw outOfRange(call, 'options.fit.resume', 'left out: every part is a run of its own', fit.resume);
  }
  const fitOptions = still(given.fit);
  const parts = partsOf(all, folds, randomFrom(seed));
  const made = new Set<unknown>();
  const evaluations: Evaluation[] = [];
  /** Set by what goes wrong, so that no other run begins. */
  let failed = false;
  const judge = async (fold: number): Promise<void> => {
    const model = make(fold);
    checkModel(call, `make(${fold})`, model, 'fit', 'evaluate', 'free');
    if (made.has(model)) throw outOfRange(call, `make(${fold})`, 'a model that it has not given before', model);
    made.add(model);
    try {
      const others = parts.filter((_, part) => part !== fold).flat();
      const { stopped } = await withSome(call, all, others, () => model.fit(others, fitOptions));
      if (stopped === 'aborted') throw fit.signal?.reason ?? new Error(`${call}: a run was aborted`);
      const part = parts[fold] as Sample[];
      evaluations[fold] = await withSome(call, all, part, () => model.evaluate(part));
    } finally {
      model.free();
    }
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < folds && !failed) {
      try {
        await judge(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(parallel, folds) }, worker));
  const end = ends.find((end) => end.status === 'rejected');
  if (end !== undefined) throw end.reason;
  return { folds: evaluations, ...measured(evaluations) };
}
