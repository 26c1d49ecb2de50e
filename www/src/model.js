// From settings to a classifier and its options, and back.

import { Encoder, SequenceClassifier } from 'engram';

import { fields } from './settings.js';

/** The characters that texts are made of, in order. */
export const alphabetOf = (data) => [...new Set(data.training.map(({ input }) => input).join(''))].sort().join('');

const encoders = {
  bits: () => Encoder.bits(),
  bytes: () => Encoder.bytes(),
  characters: (data) => Encoder.oneHot(alphabetOf(data)),
  words: () => Encoder.tokens(),
  numeric: ({ channels }, { window }) => Encoder.numeric({ channels, window }),
};

/** Settings as options of the classifier, but for labels and encoder. */
export function modelOptions({ hidden, layers, variant, convolution, readout, dropout, seed }) {
  return {
    hidden: new Array(layers).fill(hidden),
    ...(variant === 'bidirectional' ? { bidirectional: true } : {}),
    ...(variant === 'synaptic' || variant === 'gru' ? { variant } : {}),
    ...(convolution === '[]' ? {} : { convolution: JSON.parse(convolution) }),
    ...(readout === 'usual' ? {} : { readout }),
    ...(dropout > 0 ? { dropout } : {}),
    seed,
  };
}

/** The settings that {@link modelOptions} and an encoder were made from. */
export function settingsOf(classifier) {
  const { type, window = 1 } = classifier.encoder.toJSON();
  const encoder = { oneHot: 'characters', tokens: 'words' }[type] ?? type;
  const variant = classifier.bidirectional ? 'bidirectional' : classifier.variant;
  const { hidden, readout, dropout, seed } = classifier;
  const convolution = JSON.stringify(classifier.convolution);
  const [cells = fields.hidden.value] = hidden;
  return { encoder, window, variant, convolution, readout, hidden: cells, layers: hidden.length, dropout, seed };
}

/** How a classifier of these settings is read out. */
export function readoutOf({ variant, convolution, readout }) {
  if (readout !== 'usual') return readout;
  if (convolution !== '[]') return 'mean+max';
  return variant === 'bidirectional' ? 'max' : 'last';
}

/** Settings as options of `fit`. */
export function fitOptions({ optimizer, rate, batchSize, epochs, threads }) {
  return { epochs, optimizer, rate, batchSize, threads };
}

/** A classifier that has learnt nothing yet. */
export function makeClassifier(settings, data) {
  return new SequenceClassifier({
    labels: data.labels,
    encoder: encoders[settings.encoder](data, settings),
    ...modelOptions(settings),
  });
}
