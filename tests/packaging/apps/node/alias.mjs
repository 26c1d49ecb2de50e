// Installed as `synaptic`: the package, and the paths of Synaptic's files.

import { createRequire } from 'node:module';
import synaptic from 'synaptic';
import byPath from 'synaptic/dist/synaptic.js';
import byShortPath, { Network } from 'synaptic/dist/synaptic.min.js';

import { learn } from '../task.js';

const require = createRequire(import.meta.url);
const all = [
  synaptic,
  byPath,
  byShortPath,
  ...['', '/dist/synaptic', '/dist/synaptic.js'].map((path) => require(`synaptic${path}`)),
];
if (all.some((library) => library.Network !== Network)) throw new Error('not one library');
new synaptic.Architect.Perceptron(2, 3, 1).activate([0, 1]);
console.log(JSON.stringify(await learn(require('synaptic'))));
