// The sets of the comparison: what they are, the encoder that both sides' inputs come from, the recipe that both
// train by, and published accuracies.
//
// Recipes were chosen by what PyTorch's model fits of the training set, windows to leave 20 to 150 steps.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encoder } from 'engram';
import { readTs } from 'engram/data';

import { root, target } from '../../scripts/toolchain.mjs';

/** Python with torch; `PYTHON` names another than the first on the path. */
export const python = process.env.PYTHON ?? 'python3';

const folder = join(target, 'accuracy/sets');

/** A file that `data.py` has left; the first call has it download all. */
function stored(file) {
  const path = join(folder, file);
  if (!existsSync(path)) execFileSync(python, [join(import.meta.dirname, 'data.py'), folder], { stdio: 'inherit' });
  return readFileSync(path);
}

/** Series of an archive. */
async function series(name) {
  const part = async (ending) => {
    const { cases } = await readTs(stored(`${name}_${ending}.ts`));
    return cases.map(({ input, label }) => [input, label]);
  };
  return { train: await part('TRAIN'), test: await part('TEST') };
}

/** Names in a fixed order, every fourth held out. */
function names() {
  const file = readFileSync(join(root, 'examples/names/first-names.json'), 'utf8');
  const { turkish, italian } = JSON.parse(file);
  const parts = { train: [], test: [] };
  Object.entries({ turkish, italian }).forEach(([label, list]) => {
    list.forEach((name, index) => parts[index % 4 === 3 ? 'test' : 'train'].push([name, label]));
  });
  return parts;
}

/**
 * One set. `published` are accuracies in percent:
 * - ROCKET: means of ten runs on the archive's split (Dempster, Petitjean & Webb 2020), results/results_ucr.csv of
 *   github.com/angus924/rocket;
 * - InceptionTime: an ensemble of five on the archive's split (Ismail Fawaz & others 2020),
 *   results-InceptionTime-128.csv and results-mts.csv of github.com/hfawaz/InceptionTime.
 */
export const sets = [
  {
    name: 'ItalyPowerDemand',
    kind: '24 steps',
    data: () => series('ItalyPowerDemand'),
    encoder: { channels: 1 },
    recipe: { epochs: 300, batch: 32, rate: 0.005 },
    published: { rocket: 97.0, inceptionTime: 96.5 },
  },
  {
    name: 'JapaneseVowels',
    kind: '7 to 29 steps of 12 channels',
    data: () => series('JapaneseVowels'),
    encoder: { channels: 12 },
    recipe: { epochs: 60, batch: 32, rate: 0.005 },
    published: { inceptionTime: 99.2 },
  },
  {
    name: 'digits',
    kind: '8 steps of 8 channels',
    data: () => JSON.parse(stored('digits.json')),
    encoder: { channels: 8 },
    recipe: { epochs: 30, batch: 32, rate: 0.005 },
    published: {},
  },
  {
    name: 'names, bits',
    kind: 'texts as bits',
    data: names,
    encoder: 'bits',
    recipe: { epochs: 40, batch: 32, rate: 0.01 },
    published: {},
  },
  {
    name: 'names, bytes',
    kind: 'texts as bytes',
    data: names,
    encoder: 'bytes',
    recipe: { epochs: 30, batch: 32, rate: 0.005 },
    published: {},
  },
  {
    name: 'names, bytes, 8 cells',
    kind: 'texts as bytes, learnt in a second',
    data: names,
    encoder: 'bytes',
    recipe: { hidden: 8, epochs: 12, batch: 32, rate: 0.02 },
    published: {},
  },
  {
    name: 'names, bits, 8 cells',
    kind: 'texts as bits, learnt in seconds',
    data: names,
    encoder: 'bits',
    recipe: { hidden: 8, epochs: 30, batch: 32, rate: 0.02 },
    published: {},
  },
  {
    name: 'names, characters',
    kind: 'texts as characters',
    data: names,
    encoder: 'characters',
    recipe: { epochs: 30, batch: 32, rate: 0.005 },
    published: {},
  },
  {
    name: 'BasicMotions',
    kind: '100 steps of 6 channels',
    data: () => series('BasicMotions'),
    encoder: { channels: 6, window: 5 },
    recipe: { epochs: 100, batch: 16, rate: 0.005 },
    published: { inceptionTime: 100 },
  },
  {
    name: 'GunPoint',
    kind: '150 steps',
    data: () => series('GunPoint'),
    encoder: { channels: 1, window: 5 },
    recipe: { epochs: 200, batch: 16, rate: 0.005 },
    published: { rocket: 100, inceptionTime: 100 },
  },
  {
    name: 'ArrowHead',
    kind: '251 steps',
    data: () => series('ArrowHead'),
    encoder: { channels: 1, window: 6, stride: 5 },
    recipe: { epochs: 300, batch: 16, rate: 0.005 },
    published: { rocket: 81.4, inceptionTime: 84.6 },
  },
  {
    name: 'OSULeaf',
    kind: '427 steps',
    data: () => series('OSULeaf'),
    encoder: { channels: 1, window: 7 },
    recipe: { epochs: 100, batch: 16, rate: 0.005 },
    published: { rocket: 94.1, inceptionTime: 94.2 },
  },
  {
    name: 'ACSF1',
    kind: '1,460 steps',
    data: () => series('ACSF1'),
    encoder: { channels: 1, window: 10 },
    recipe: { epochs: 100, batch: 16, rate: 0.01 },
    published: { rocket: 88.6, inceptionTime: 92.0 },
  },
  {
    name: 'PLAID',
    kind: '100 to 1,344 steps',
    data: () => series('PLAID'),
    encoder: { channels: 1, window: 16 },
    recipe: { epochs: 60, batch: 32, rate: 0.01 },
    published: { rocket: 90.3, inceptionTime: 94.4 },
  },
];

const encoders = {
  bits: () => Encoder.bits(),
  bytes: () => Encoder.bytes(),
  characters: () => Encoder.oneHot('abcdefghijklmnopqrstuvwxyz'),
};

/** A set as engram takes it: samples to train on and to judge by, its labels, and an encoder fitted to the former. */
export async function load({ data, encoder: given }) {
  const parts = await data();
  const encoder = encoders[given]?.() ?? Encoder.numeric(given);
  encoder.fit(parts.train.map(([input]) => input));
  const samples = (part) => part.map(([input, label]) => ({ input, label }));
  const labels = [...new Set(parts.train.map(([, label]) => label))].sort();
  return { train: samples(parts.train), test: samples(parts.test), labels, encoder };
}

/** A loaded set as PyTorch takes it: encoded steps, and labels by number. */
export function encode({ train, test, labels, encoder }) {
  const part = (samples) => samples.map(({ input, label }) => [encoder.encode(input), labels.indexOf(label)]);
  return { train: part(train), test: part(test), classes: labels.length };
}
