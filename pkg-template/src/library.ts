// What import and require of 'engram' give: the library from its script, which has run before.

import { fromScript } from './script-key.js';

const library = fromScript({
  url: import.meta.url,
  // Bundlers look for exactly this text.
  startWorker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
});

export const {
  Architect,
  browserStore,
  configure,
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
