// Options of predictors, and what is stored of them.

import type { Series } from './encoders/index.js';
import { type ExplainOptions, explainOptions } from './explanation.js';
import type { FitOptions } from './fit-options.js';
import type { SequenceModelJSON, SequenceModelOptions } from './model-options.js';
import type { InputWeights } from './ready.js';

/** Channels by their names, or their places. */
export type Channels = readonly (string | number)[];

/** Most rows that are predicted at once. */
export const MOST_AHEAD = 1000;

/** @internal Names of {@link ForecastOptions}. */
export const forecastOptions = ['outputs', 'covariates', 'horizon'] as const;

/** What a predictor predicts, and from what. */
export interface ForecastOptions {
  /** Channels to predict, by name, or by place where channels have none. Default: all that are no covariates. */
  outputs?: Channels;
  /**
   * Channels that are known ahead: the day of the week, a holiday, a price that was set. At every step the network also
   * reads theirs of the rows that it is to predict. Default: none.
   */
  covariates?: Channels;
  /**
   * Rows that the network predicts at once, 1 to 1,000; a series to learn from has one row more at least. Default 1.
   */
  horizon?: number;
}

/** Options of {@link SequencePredictor}; the encoder is a numeric one, one channel by default. */
export type SequencePredictorOptions<Input = Series> = Partial<Omit<SequenceModelOptions<Input>, 'bidirectional'>> &
  ForecastOptions;

/** Options of {@link SequencePredictor.fit}. */
export interface PredictorFitOptions<Input = Series> extends FitOptions<Input>, InputWeights {
  /**
   * What a share in `validation` holds out: `'series'`, whole ones drawn at random, or `'end'`, the end of each, judged
   * with the steps before as context. Default: the end of a single series, else whole ones.
   */
  holdOut?: 'series' | 'end';
}

/** A row of covariates: their values in the order of the option, an object of their names, or a number where there is one. */
export type CovariateRow =
  | number
  | null
  | ArrayLike<number | null>
  | { readonly [channel: string]: number | null | undefined };

/** Options of what continues a series. */
export interface ContinueOptions {
  /**
   * The covariates of the rows to come, where the model has some: of as many as are predicted, and for `generate` of
   * `horizon - 1` more.
   */
  covariates?: readonly CovariateRow[];
}

/** @internal Names of {@link ExplainForecastOptions}. */
export const explainForecastOptions = [...explainOptions, 'covariates', 'channel', 'ahead'] as const;

/** Options of {@link SequencePredictor.explain}. */
export interface ExplainForecastOptions<Input> extends ExplainOptions<Input>, ContinueOptions {
  /** The channel whose value is explained, by name or place. Default: the first that is predicted. */
  channel?: string | number;
  /** Rows ahead of the one that is explained, 1 (default) to `horizon`. */
  ahead?: number;
}

/** Options of {@link SequencePredictor.evaluate}. */
export interface ForecastEvaluationOptions {
  /** Steps ahead to judge. Beyond `horizon`, forecasts are made from forecasts. Default: `horizon`. */
  steps?: number;
  /** Steps of a season, as 24 for hours of a day, to compare with the last one. Default: none is compared with. */
  season?: number;
  /**
   * First row of each series that is judged, from 1; those before are context only. Default 1, or with `season` the first
   * row that has a season before it, so that all are judged by the same rows: series of no more than that are left out.
   */
  from?: number;
}

/** A stored predictor. */
export interface SequencePredictorJSON extends SequenceModelJSON {
  type: 'SequencePredictor';
  /** Left out for all that are no covariates. */
  outputs?: Channels;
  /** Left out where there are none. */
  covariates?: Channels;
  /** Left out for 1. */
  horizon?: number;
}
