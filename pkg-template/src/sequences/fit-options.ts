// Options of the `fit` of the sequence classes.

import { type TrainingOptions, trainingOptionNames } from '../training/options.js';

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
   * options and seed, the same samples, and the same options of `fit`.
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
