// The sets that come with the page: { title, about, kind, settings, samples }. The kind is 'text' or
// 'series', the settings are those that suit the set, and `samples()` gives samples { input, label }.

import names from '../../examples/names/first-names.json';
import { movements } from './movements.js';

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
