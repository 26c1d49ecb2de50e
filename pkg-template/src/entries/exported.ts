// What import and require of 'engram' give: the library that was taken (`shared.ts`).

import { taken } from './shared.js';

const { api } = taken();

export const {
  Architect,
  browserStore,
  configure,
  crossValidate,
  DataSet,
  Encoder,
  fileStore,
  LabelledModel,
  Layer,
  LayerConnection,
  Network,
  NetworkWorker,
  Neuron,
  Pack,
  SequenceClassifier,
  SequenceGenerator,
  SequenceModel,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
  Trainer,
  TrainingRun,
  unpack,
} = api;
export default api.default;
