// The classes for sequences, and what goes with them. In Node their code is read when one of them is first used.

export { Pack, type PackedModel, type PackTrainOptions, unpack } from '../packs/unpack.js';
export { SequenceClassifier } from '../sequences/classifier.js';
export type {
  ClassifierAnswer,
  ClassifierEvaluation,
  ClassifierEvaluationOptions,
  ClassifierExtendOptions,
  ClassifierFitOptions,
  ClassifierSample,
  EarlyAccuracy,
  LabelledSequence,
  MultiLabelledSequence,
  SequenceClassifierJSON,
  SequenceClassifierOptions,
} from '../sequences/classifier-options.js';
export {
  type CrossValidated,
  type CrossValidateOptions,
  crossValidate,
  type Judged,
} from '../sequences/cross-validate.js';
export {
  type BitsJSON,
  type BytesJSON,
  type ChannelValue,
  type Difference,
  type Differences,
  Encoder,
  type EncoderJSON,
  type ExplainedPart,
  type NumericJSON,
  type NumericOptions,
  type OneHotJSON,
  type Series,
  type SeriesOf,
  type SymbolSequence,
  type SymbolsJSON,
  type SymbolsOptions,
  type TokensJSON,
  type TokensOptions,
} from '../sequences/encoders/index.js';
export type {
  ExplainLabelOptions,
  ExplainOptions,
  ExplainStepOptions,
  Explanation,
  LabelExplanation,
} from '../sequences/explanation.js';
export type { ExtendOptions, LabelExtendOptions, TranscriberExtendOptions } from '../sequences/extend-options.js';
export type { FitOptions } from '../sequences/fit-options.js';
export type { Measures } from '../sequences/folds.js';
export type { AheadScores, ForecastEvaluation } from '../sequences/forecast-scores.js';
export {
  type GenerateOptions,
  type GeneratorFitOptions,
  type NextSymbol,
  SequenceGenerator,
  type SequenceGeneratorJSON,
  type SequenceGeneratorOptions,
} from '../sequences/generator.js';
export {
  type LabelFitOptions,
  LabelledModel,
  type LabelledModelJSON,
  type LabelledModelOptions,
} from '../sequences/labelled.js';
export type { Classification, LabelValue } from '../sequences/labels.js';
export { SequenceModel } from '../sequences/model.js';
export type { NetworkOptions, SequenceModelJSON, SequenceModelOptions } from '../sequences/model-options.js';
export { SequencePredictor } from '../sequences/predictor.js';
export type {
  Channels,
  ContinueOptions,
  CovariateRow,
  ExplainForecastOptions,
  ForecastEvaluationOptions,
  ForecastOptions,
  PredictorFitOptions,
  SequencePredictorJSON,
  SequencePredictorOptions,
} from '../sequences/predictor-options.js';
export type { RegressionScores } from '../sequences/regression-scores.js';
export {
  type ExplainNumberOptions,
  type RegressionEvaluation,
  type RegressionOutput,
  type RegressionSample,
  type RegressionTarget,
  type RegressionTargetsAt,
  type RegressionValue,
  SequenceRegressor,
  type SequenceRegressorJSON,
  type SequenceRegressorOptions,
} from '../sequences/regressor.js';
export type { Evaluation, LabelScores } from '../sequences/scores.js';
export type { MultiClassification, MultiEvaluation, Thresholds } from '../sequences/several-labels.js';
export type { Span, SpanScores } from '../sequences/spans.js';
export type { SequenceStream, StreamStep } from '../sequences/stream.js';
export {
  SequenceTagger,
  type SequenceTaggerJSON,
  type SequenceTaggerOptions,
  type TaggedSequence,
  type TaggerEvaluation,
  type TaggerFitOptions,
} from '../sequences/tagger.js';
export type { ModelVariant } from '../sequences/topology.js';
export {
  SequenceTranscriber,
  type SequenceTranscriberJSON,
  type SequenceTranscriberOptions,
  type TranscribedSequence,
  type TranscribeOptions,
  type TranscriberEvaluation,
  type Transcript,
} from '../sequences/transcriber.js';
