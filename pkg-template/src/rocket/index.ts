// engram/rocket: what it exports.

export type { Classification, LabelValue } from '../sequences/labels.js';
export type { Evaluation } from '../sequences/scores.js';
export {
  type LabelledSeries,
  RocketClassifier,
  type RocketClassifierJSON,
  type RocketClassifierOptions,
} from './classifier.js';
export { RocketFeatures, type RocketFeaturesJSON, type RocketOptions } from './features.js';
export type { KernelsJSON } from './kernels.js';
export { type RocketFitOptions, type RocketProgress, type RocketResult, RocketRun } from './run.js';
export type { RocketSeries } from './series.js';
