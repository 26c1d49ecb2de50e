// The sets that come with the page. A set is { title, about, kind, encoder, samples }: kind is 'text'
// or 'series', and a sample { input, label }.

import names from '../../examples/names/first-names.json';
import { movements } from './movements.js';
import { occurrences } from './occurrences.js';

const LANGUAGES = ['turkish', 'italian'];
const labelledNames = () => LANGUAGES.flatMap((label) => names[label].map((input) => ({ input, label })));

export const builtIn = {
  'names-bits': {
    title: 'First names, bit by bit',
    about: 'Turkish or Italian? The network reads a name one bit at a time, eight bits a letter.',
    kind: 'text',
    settings: { encoder: 'bits', hidden: 32, layers: 1, epochs: 60 },
    samples: labelledNames,
  },
  'names-characters': {
    title: 'First names, letter by letter',
    about: 'Turkish or Italian? The network reads a name one letter at a time.',
    kind: 'text',
    settings: { encoder: 'characters', hidden: 24, layers: 1, epochs: 40 },
    samples: labelledNames,
  },
  movements: {
    title: 'Movements of a hand, three sensors',
    about: 'Circle, shake, lift or tap? Three noisy channels of 20 to 40 steps, made by a formula.',
    kind: 'series',
    settings: { encoder: 'numeric', hidden: 24, layers: 1, epochs: 60 },
    samples: movements,
  },
};

/** Training and held-out samples: every fourth of each label is held out, where it has four. */
export function split(samples) {
  const isHeldOut = occurrences(samples.map(({ label }) => label)).map((time) => time % 4 === 0);
  return {
    training: samples.filter((_, index) => !isHeldOut[index]),
    heldOut: samples.filter((_, index) => isHeldOut[index]),
  };
}

/** What the page works on: a set with its labels, parts and number of channels. */
export function prepare(id, { title, about, kind, samples }) {
  const labels = [...new Set(samples.map(({ label }) => label))];
  const first = samples[0].input[0];
  const channels = kind === 'series' ? (Array.isArray(first) ? first.length : 1) : 0;
  return { id, title, about, kind, labels, channels, ...split(samples) };
}
