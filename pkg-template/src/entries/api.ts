// What every entry of the package gives: Synaptic's names, and what engram adds.

import { Layer } from '../graph/layer.js';
import { Neuron } from '../graph/neuron.js';
import * as Architect from '../network/architect.js';
import { Network } from '../network/network.js';
import { Trainer } from '../training/trainer.js';

export { DataSet, type FlatSamples } from '../data/data-set.js';
export { type Configuration, configure } from '../engine/engine.js';
export type { Connection } from '../graph/connection.js';
export type { ConnectionJSON, NetworkJSON, NeuronJSON, SquashName } from '../graph/json.js';
export type { ConnectionType, GateType, LayerSettings } from '../graph/layer.js';
export { LayerConnection } from '../graph/layer-connection.js';
export type { BlockLayout, LayerLayout, MemoryPart, NetworkLayout } from '../graph/layout.js';
export type { Connected } from '../graph/neuron.js';
export type { Squash } from '../graph/squash.js';
export type { LSTMOptions, OutputKind, PerceptronOptions, SeedOptions } from '../network/architect.js';
export type { NetworkLayers, Optimized } from '../network/network.js';
export { NetworkWorker, type SynapticReply, type SynapticRequest } from '../network/network-worker.js';
export {
  type Classification,
  type ClassifierFitOptions,
  type Evaluation,
  type LabelledSequence,
  SequenceClassifier,
  type SequenceClassifierJSON,
  type SequenceClassifierOptions,
} from '../sequences/classifier.js';
export {
  Encoder,
  type EncoderJSON,
  type NumericOptions,
  type Series,
  type TokensOptions,
} from '../sequences/encoder.js';
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
export {
  type Score,
  type Scores,
  type Stopped,
  type TrainingProgress,
  type TrainingResult,
  TrainingRun,
} from '../training/run.js';
export type { DsrOptions, DsrResult, ErgOptions, ErgResult, TimingOptions } from '../training/tasks.js';
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
} from '../training/trainer.js';
export { Architect, Layer, Network, Neuron, Trainer };

/** All of Synaptic's names in one object, as Synaptic's default export. */
const engram = { Neuron, Layer, Network, Trainer, Architect };
export default engram;
