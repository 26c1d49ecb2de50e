// What every entry of the package gives: Synaptic's names, and what engram adds.

import { Layer } from '../graph/layer.js';
import { Neuron } from '../graph/neuron.js';
import * as Architect from '../network/architect.js';
import { Network } from '../network/network.js';
import { Trainer } from '../training/trainer.js';

export { DataSet, type FlatSamples, type TrainingSet } from '../data/data-set.js';
export type { Sample } from '../data/sample.js';
export { type Configuration, configure } from '../engine/engine.js';
export type { Decay, EngineOptions, Stopped } from '../engine/generated/tables.js';
export type { ConnectionJSON, NetworkJSON, NeuronJSON, Readout, SquashName } from '../graph/json.js';
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
export type { Initializer, LSTMOptions, OutputKind, PerceptronOptions, SeedOptions } from '../network/architect.js';
export type { Optimized } from '../network/network.js';
export { NetworkWorker, type SynapticReply, type SynapticRequest } from '../network/network-worker.js';
export {
  type ClassifierFitOptions,
  type Evaluation,
  type LabelledSequence,
  SequenceClassifier,
  type SequenceClassifierJSON,
  type SequenceClassifierOptions,
} from '../sequences/classifier.js';
export {
  type BitsJSON,
  type BytesJSON,
  type ChannelValue,
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
export {
  type Classification,
  LabelledModel,
  type LabelledModelJSON,
  type LabelledModelOptions,
  type LabelValue,
} from '../sequences/labelled.js';
export {
  type FitOptions,
  SequenceModel,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from '../sequences/model.js';
export {
  SequencePredictor,
  type SequencePredictorJSON,
  type SequencePredictorOptions,
} from '../sequences/predictor.js';
export {
  SequenceTagger,
  type SequenceTaggerJSON,
  type SequenceTaggerOptions,
  type TaggedSequence,
} from '../sequences/tagger.js';
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
export type { DsrOptions, DsrResult, ErgOptions, ErgResult, TaskTrainer, TimingOptions } from '../training/tasks.js';
export type { Trainable } from '../training/trainable.js';
export { TrainingRun } from '../training/training-run.js';
export type { Score } from '../worker/score.js';
export { Architect, Layer, Network, Neuron, Trainer };

/** All of Synaptic's names in one object, as Synaptic's default export. */
const engram = { Neuron, Layer, Network, Trainer, Architect };
export default engram;
