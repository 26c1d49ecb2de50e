// Options of the `fit` of the sequence classes.

import { checkFunction, checkNumber } from '../checks/errors.js';
import { engineOptions } from '../engine/generated/tables.js';
import { type TrainingOptions, trainingOptionNames } from '../training/options.js';
import type { ProgressPrinter } from '../training/progress-printer.js';
import type { TrainingProgress } from '../training/report.js';

/** Options of {@link TrainingOptions} that `fit` does not take: the model sets them, or has its own of the name. */
const notForFit = [
  'learner',
  'iterations',
  'cost',
  'crossValidate',
  'schedule',
  'customLog',
  'dropout',
  'seed',
  'validation',
  'log',
] as const;

/**
 * Options of `fit`: those of {@link TrainingOptions} that fit sequences, and a few of its own.
 *
 * @typeParam Sample what the class learns from.
 */
export interface FitOptions<Sample> extends Omit<TrainingOptions, (typeof notForFit)[number]> {
  /** Most times the training samples are gone through. Default 100. */
  epochs?: number;
  /** The error at which a run stops, on what it is judged by. Default 0: it goes through all epochs. */
  error?: number;
  /**
   * What is held out of training to judge by: samples of their own, or a share of the samples, from 0
   * and below 1, drawn at random (by class, for a classifier). Of a single series a predictor holds
   * out the end, judged with the steps before as context. Default 0.
   */
  validation?: number | Sample[];
  /**
   * Says how it goes: about every second for `true`, or every so many epochs; in Node on a terminal
   * as a bar that stays on its line. Default false.
   */
  log?: boolean | number;
  /**
   * A checkpoint of an earlier `fit` to go on from, to the same bits: with a new model of the same
   * options and seed, the same samples, and the same options of `fit`. Another rate or batch size holds from there on; of
   * other samples or another network it is refused.
   */
  resume?: Uint8Array;
}

/** @internal Names of {@link FitOptions}. */
export const fitOptions = [
  ...trainingOptionNames.filter((name) => !(notForFit as readonly string[]).includes(name)),
  'epochs',
  'validation',
  'log',
  'resume',
] as readonly (keyof FitOptions<unknown>)[];

/** Most sequences per update unless asked for. */
const BATCH = 32;
/** Fewest updates of an epoch unless asked for: small sets get small batches. */
const UPDATES = 8;

/** @internal Sequences per update of so many, unless asked for. */
export const usualBatch = (count: number): number => Math.max(1, Math.min(BATCH, Math.ceil(count / UPDATES)));

/** @internal What a trainer is told by a `fit` of a model. */
export function trainerOptions(
  call: string,
  options: FitOptions<unknown>,
  { dropout, seed }: { dropout: number; seed: number },
  printer: ProgressPrinter | undefined,
): TrainingOptions {
  const { epochs = 100, validation: _, resume: __, log: ___, onProgress, ...rest } = options;
  if (onProgress !== undefined) checkFunction(call, 'options.onProgress', onProgress);
  return {
    error: 0,
    ...rest,
    iterations: checkNumber(call, 'options.epochs', epochs, engineOptions.iterations),
    dropout,
    seed,
    onProgress: (progress: TrainingProgress) => {
      printer?.take(progress);
      return onProgress?.(progress);
    },
  };
}
