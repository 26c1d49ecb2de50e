// From the page's settings to a classifier, its training, and the code that does the same elsewhere.

import { Encoder, SequenceClassifier } from 'engram';

/** The fields of the form: what they are called, what they may be, and where they start. */
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
  variant: {
    label: 'Network',
    options: { standard: 'LSTM', bidirectional: 'LSTM, both directions', synaptic: "Synaptic's LSTM" },
    value: 'standard',
  },
  hidden: { label: 'Cells', min: 1, max: 256, step: 1, value: 32 },
  layers: { label: 'Layers', min: 1, max: 4, step: 1, value: 1 },
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

/** The characters that texts are made of, in order. */
const alphabetOf = (data) => [...new Set(data.training.map(({ input }) => input).join(''))].sort().join('');

const encoders = {
  bits: () => Encoder.bits(),
  bytes: () => Encoder.bytes(),
  characters: (data) => Encoder.oneHot(alphabetOf(data)),
  words: () => Encoder.tokens(),
  numeric: (data) => Encoder.numeric({ channels: data.channels }),
};

/** Settings as options of the classifier, but for labels and encoder. */
function modelOptions({ hidden, layers, variant, dropout, seed }) {
  return {
    hidden: new Array(layers).fill(hidden),
    ...(variant === 'bidirectional' ? { bidirectional: true } : {}),
    ...(variant === 'synaptic' ? { variant } : {}),
    ...(dropout > 0 ? { dropout } : {}),
    seed,
  };
}

/** The settings that {@link modelOptions} and an encoder were made from. */
export function settingsOf(classifier) {
  const { type } = classifier.encoder.toJSON();
  const encoder = { oneHot: 'characters', tokens: 'words' }[type] ?? type;
  const variant = classifier.bidirectional ? 'bidirectional' : classifier.variant;
  const { hidden, dropout, seed } = classifier;
  return { encoder, variant, hidden: hidden[0], layers: hidden.length, dropout, seed };
}

/** Settings as options of `fit`. */
export function fitOptions({ optimizer, rate, batchSize, epochs, threads }) {
  return { epochs, optimizer, rate, batchSize, threads };
}

/** A classifier that has learnt nothing yet. */
export function makeClassifier(settings, data) {
  return new SequenceClassifier({
    labels: data.labels,
    encoder: encoders[settings.encoder](data),
    ...modelOptions(settings),
  });
}

/** A program that trains the same network on the same samples, downloaded beside it. */
export function code(settings, data) {
  const encoder = {
    bits: 'Encoder.bits()',
    bytes: 'Encoder.bytes()',
    characters: `Encoder.oneHot(${settings.encoder === 'characters' ? JSON.stringify(alphabetOf(data)) : ''})`,
    words: 'Encoder.tokens()',
    numeric: `Encoder.numeric({ channels: ${data.channels} })`,
  }[settings.encoder];
  const lines = (options) =>
    Object.entries(options)
      .map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`)
      .join('');
  const hasHeldOut = data.heldOut.length > 0;
  return `// npm install engram; engram-data.json is what "Download data" gives
import { readFileSync } from 'node:fs';
import { Encoder, SequenceClassifier } from 'engram';

const { training, heldOut } = JSON.parse(readFileSync('engram-data.json', 'utf8'));
const classifier = new SequenceClassifier({
  labels: ${JSON.stringify(data.labels)},
  encoder: ${encoder},
${lines(modelOptions(settings))}});
await classifier.fit(training, {
${lines(fitOptions(settings))}${hasHeldOut ? '  validation: heldOut,\n' : ''}  log: true,
});
console.log(classifier.evaluate(${hasHeldOut ? 'heldOut' : 'training'}).accuracy);
console.log(classifier.classify(training[0].input));
`;
}
