// The data that the page works on: a set with its labels, its parts and its number of channels.

import { occurrences } from './occurrences.js';

/** Training and held-out samples: every fourth of each label is held out, where it has four. */
function split(samples) {
  const isHeldOut = occurrences(samples.map(({ label }) => label)).map((time) => time % 4 === 0);
  return {
    training: samples.filter((_, index) => !isHeldOut[index]),
    heldOut: samples.filter((_, index) => isHeldOut[index]),
  };
}

/**
 * The data of a set: { id, title, about, kind, labels, channels, training, heldOut, evaluation }. The
 * accuracy is that on `evaluation`: on what is held out, or on the training samples if nothing is.
 */
export function prepare(id, { title, about, kind, samples }) {
  const labels = [...new Set(samples.map(({ label }) => label))];
  const first = samples[0].input[0];
  const channels = kind === 'series' ? (Array.isArray(first) ? first.length : 1) : 0;
  const { training, heldOut } = split(samples);
  const evaluation = heldOut.length > 0 ? heldOut : training;
  return { id, title, about, kind, labels, channels, training, heldOut, evaluation };
}
