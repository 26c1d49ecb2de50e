// What every entry of the package gives: Synaptic's names, and what engram adds.

import * as synaptic from './synaptic.js';

export { DataSet, type FlatSamples, type TrainingSet } from '../data/data-set.js';
export type { Sample } from '../data/sample.js';
export { type Configuration, configure } from '../engine/engine.js';
export type { Decay, EngineOptions, Stopped } from '../engine/generated/tables.js';
export type { BlockJSON, DenseNetworkJSON, NeuronsJSON, NumbersJSON } from '../graph/dense-json.js';
export type { ConnectionJSON, NetworkJSON, NeuronJSON, Readout, SquashName } from '../graph/json-types.js';
export {
  type ConnectionType,
  type GateType,
  type HasInputLayer,
  LayerConnection,
  type LayerSettings,
} from '../graph/layer.js';
export type { LayerPosition, NetworkLayers } from '../graph/layers.js';
export type { BlockLayout, LayerLayout, MemoryPart, NetworkLayout } from '../graph/layout.js';
export type { Connected, Connection } from '../graph/neuron.js';
export type { Squash } from '../graph/squash.js';
export type { GRUOptions, LSTMOptions, OutputKind, PerceptronOptions, SeedOptions } from '../network/architect.js';
export type { Initializer } from '../network/initializer.js';
export type { Optimized } from '../network/network.js';
export {
  NetworkWorker,
  type NetworkWorkerErrorEvent,
  type NetworkWorkerEventMap,
  type SynapticReply,
  type SynapticRequest,
} from '../network/network-worker.js';
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
  type Measures,
} from '../sequences/cross-validate.js';
export {
  type BitsJSON,
  type BytesJSON,
  type ChannelValue,
  type Difference,
  type Differences,
  Encoder,
  type EncoderJSON,
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
export type { ExtendOptions, LabelExtendOptions } from '../sequences/extend-options.js';
export type { FitOptions } from '../sequences/fit-options.js';
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
export { SequencePredictor, type SequencePredictorJSON } from '../sequences/predictor.js';
export type {
  Channels,
  ContinueOptions,
  CovariateRow,
  ForecastEvaluationOptions,
  ForecastOptions,
  PredictorFitOptions,
  SequencePredictorOptions,
} from '../sequences/predictor-options.js';
export type { RegressionScores } from '../sequences/regression-scores.js';
export {
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
export { browserStore, type CheckpointStore, fileStore } from '../training/checkpoint-store.js';
export type { Cost } from '../training/cost.js';
export type { TestOptions, TestResult } from '../training/evaluation.js';
export type {
  CrossValidation,
  Rate,
  Schedule,
  ScheduleReport,
  TrainerOptions,
  TrainingOptions,
} from '../training/options.js';
export type { Scores, TrainingProgress, TrainingResult } from '../training/report.js';
export type {
  DsrOptions,
  DsrReport,
  DsrResult,
  DsrSchedule,
  ErgOptions,
  ErgResult,
  TaskTrainer,
  TimingOptions,
} from '../training/tasks.js';
export type { Trainable } from '../training/trainable.js';
export { TrainingRun } from '../training/training-run.js';
export type { Score } from '../worker/score.js';
export * from './synaptic.js';

/** All of Synaptic's names in one object, as Synaptic's default export. */
export default synaptic;
