// What import and require of 'engram' give: the library from its script, which has run before.

import { here } from './here.js';
import { fromScript } from './script-key.js';

const library = fromScript(here);

export const {
  Architect,
  browserStore,
  configure,
  DataSet,
  Encoder,
  fileStore,
  Layer,
  LayerConnection,
  Network,
  NetworkWorker,
  Neuron,
  SequenceClassifier,
  SequenceModel,
  SequencePredictor,
  SequenceTagger,
  Trainer,
  TrainingRun,
} = library;
export default library.default;
