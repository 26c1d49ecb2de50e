// The settings of a training: what they are called, what they may be, and where they start.

const convolutions = {
  short: [
    { filters: 32, width: 3, dilation: 1 },
    { filters: 32, width: 3, dilation: 2 },
  ],
  long: [
    { filters: 32, width: 7, dilation: 1 },
    { filters: 32, width: 5, dilation: 4 },
    { filters: 32, width: 3, dilation: 16 },
  ],
};

/** The fields of the form, each with its options or its limits, and the value it starts with. */
export const fields = {
  encoder: {
    label: 'A step is',
    options: {
      bits: 'a bit',
      bytes: 'a byte',
      characters: 'a character',
      words: 'a word',
      numeric: 'a row of numbers',
    },
    value: 'bits',
  },
  window: { label: 'Rows a step', min: 1, max: 1000, step: 1, value: 1 },
  variant: {
    label: 'Network',
    options: { standard: 'LSTM', bidirectional: 'LSTM, both directions', gru: 'GRU', synaptic: "Synaptic's LSTM" },
    value: 'standard',
  },
  // The value is the option of the classifier, as JSON.
  convolution: {
    label: 'Convolutions below',
    options: {
      '[]': 'none',
      [JSON.stringify(convolutions.short)]: '2, of 7 steps',
      [JSON.stringify(convolutions.long)]: '3, of 55 steps',
    },
    value: '[]',
  },
  readout: {
    label: 'Judges by',
    options: {
      usual: 'what is usual',
      last: 'the end',
      mean: 'the mean',
      max: 'the largest',
      'mean+max': 'mean and largest',
      attention: 'attention',
    },
    value: 'usual',
  },
  hidden: { label: 'Cells', min: 1, max: 256, step: 1, value: 32 },
  layers: { label: 'Layers', min: 0, max: 4, step: 1, value: 1 },
  dropout: { label: 'Dropout', min: 0, max: 0.9, step: 0.05, value: 0 },
  optimizer: {
    label: 'Optimiser',
    options: { adam: 'Adam', adamw: 'AdamW', rmsprop: 'RMSprop', momentum: 'momentum', sgd: 'gradient descent' },
    value: 'adam',
  },
  rate: { label: 'Rate', min: 0.0001, max: 1, step: 'any', value: 0.01 },
  batchSize: { label: 'Batch', min: 1, max: 512, step: 1, value: 32 },
  epochs: { label: 'Epochs', min: 1, max: 10_000, step: 1, value: 60 },
  threads: { label: 'Threads', min: 1, max: 16, step: 1, value: 1 },
  seed: { label: 'Seed', min: 0, max: 2 ** 31, step: 1, value: 1 },
};

export const defaults = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));

/** Encoders that fit a kind of data. */
export const encodersOf = (kind) => (kind === 'series' ? ['numeric'] : ['bits', 'bytes', 'characters', 'words']);
