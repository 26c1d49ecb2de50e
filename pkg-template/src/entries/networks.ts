// Networks, their training and data: Synaptic's names, and what engram adds to them.

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
export type { Connected, Connection, ProjectOptions } from '../graph/neuron.js';
export type { Squash } from '../graph/squash.js';
export type { GRUOptions, LSTMOptions, OutputKind, PerceptronOptions, SeedOptions } from '../network/architect.js';
export type { Convolution, SequenceReadout } from '../network/convolution.js';
export type { Initializer } from '../network/initializer.js';
export type { Optimized } from '../network/network.js';
export {
  NetworkWorker,
  type NetworkWorkerErrorEvent,
  type NetworkWorkerEventMap,
  type SynapticReply,
  type SynapticRequest,
} from '../network/network-worker.js';
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
