// What every entry of the package gives: Synaptic's names, and what engram adds.

import * as Architect from './architect.js';
import { Layer } from './layer.js';
import { Network } from './network.js';
import { Neuron } from './neuron.js';
import { Trainer } from './trainer.js';

export type { LSTMOptions, OutputKind, PerceptronOptions, SeedOptions } from './architect.js';
export { browserStore, type CheckpointStore, fileStore } from './checkpoint-store.js';
export type { Connection } from './connection.js';
export type { Cost } from './cost.js';
export { DataSet, type FlatSamples } from './data-set.js';
export {
  Encoder,
  type EncoderJSON,
  type NumericOptions,
  type Series,
  type TokensOptions,
} from './encoder.js';
export { type Configuration, configure } from './engine.js';
export type { ConnectionType, GateType, LayerSettings } from './layer.js';
export { LayerConnection } from './layer-connection.js';
export type { BlockLayout, LayerLayout, MemoryPart, NetworkLayout } from './layout.js';
export type { NetworkLayers, Optimized } from './network.js';
export type { ConnectionJSON, NetworkJSON, NeuronJSON, SquashName } from './network-json.js';
export { NetworkWorker, type SynapticReply, type SynapticRequest } from './network-worker.js';
export type { Connected } from './neuron.js';
export {
  type Classification,
  type ClassifierFitOptions,
  type Evaluation,
  type LabelledSequence,
  SequenceClassifier,
  type SequenceClassifierJSON,
  type SequenceClassifierOptions,
} from './sequence-classifier.js';
export { type FitOptions, SequenceModel, type SequenceModelJSON, type SequenceModelOptions } from './sequence-model.js';
export {
  SequencePredictor,
  type SequencePredictorJSON,
  type SequencePredictorOptions,
} from './sequence-predictor.js';
export {
  SequenceTagger,
  type SequenceTaggerJSON,
  type SequenceTaggerOptions,
  type TaggedSequence,
} from './sequence-tagger.js';
export type { Squash } from './squash.js';
export type { DsrOptions, DsrResult, ErgOptions, ErgResult, TimingOptions } from './tasks.js';
export type {
  CrossValidation,
  Decay,
  Rate,
  Sample,
  Schedule,
  ScheduleReport,
  TestOptions,
  TrainerOptions,
  TrainingOptions,
  TrainingSet,
} from './trainer.js';
export {
  type Score,
  type Scores,
  type Stopped,
  type TrainingProgress,
  type TrainingResult,
  TrainingRun,
} from './training-run.js';
export { Architect, Layer, Network, Neuron, Trainer };

/** All of Synaptic's names in one object, as Synaptic's default export. */
const engram = { Neuron, Layer, Network, Trainer, Architect };
export default engram;
