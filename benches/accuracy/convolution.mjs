// npm run bench:convolution: held-out accuracy of SequenceClassifier with convolutions, alone and below an LSTM, on the
// series of the comparison, five seeds, beside that of the plain LSTM, which benches/accuracy/results has, and
// published numbers. Prints Markdown; every run is kept in target/accuracy. After `--`:
//   --only TEXT   sets whose name has the text
//   --seeds N     default 5
//   --resume      runs only what target/accuracy lacks

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Encoder, SequenceClassifier } from 'engram';

import { target } from '../../scripts/toolchain.mjs';
import { Results } from './jobs.mjs';
import { load, sets } from './sets.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '5' },
    resume: { type: 'boolean', default: false },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);

/** Three dilated causal convolutions, which see 1 + 6 + 4 * 4 + 2 * 16 = 55 steps. */
const CONVOLUTION = [
  { filters: 32, width: 7, dilation: 1 },
  { filters: 32, width: 5, dilation: 4 },
  { filters: 32, width: 3, dilation: 16 },
];
const MODELS = { convolution: [], 'and LSTM': [32] };

/** Learning rate at the start. */
const RATE = 0.005;
const BATCH = 16;
/**
 * How each set is read, and how a model learns: for as many epochs as its plain LSTM; those that would take minutes with
 * that learn until they know what they are trained on, or nearly, with a rate that falls along a cosine.
 */
const RECIPES = {
  ItalyPowerDemand: { epochs: 300, window: 1 },
  JapaneseVowels: { epochs: 60, window: 1 },
  BasicMotions: { epochs: 100, window: 1 },
  GunPoint: { epochs: 200, window: 1 },
  ArrowHead: { epochs: 300, window: 1 },
  PLAID: { epochs: 60, window: 4 },
  OSULeaf: { epochs: 40, window: 1, decay: 'cosine' },
  ACSF1: { epochs: 80, window: 4, decay: 'cosine' },
};
const chosen = sets.filter(({ name }) => name in RECIPES && name.includes(values.only));
const results = new Results(join(target, 'accuracy/convolution.jsonl'), { keep: values.resume });

/** The plain LSTM's best and last read-out, one way, in percent, of the stored comparison. */
const stored = readFileSync(join(import.meta.dirname, 'results/2026-11-26-readouts.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const percent = (share) => (100 * share).toFixed(1);
function plain(set) {
  const own = stored.filter((model) => model.library === 'engram' && model.set === set && model.ways === 1);
  return ['last', 'mean', 'max', 'attention'].map((readout) =>
    percent(mean(own.filter((model) => model.readout === readout).flatMap(({ heldOut }) => heldOut))),
  );
}

const jobOf = (set, model, seed) => ({ set, model, ...RECIPES[set], batch: BATCH, rate: RATE, seed });
const loaded = new Map(await Promise.all(chosen.map(async (set) => [set.name, await load(set)])));

// Seed by seed: what was ended early has all models with fewer seeds.
for (const seed of seeds) {
  for (const { name, encoder } of chosen) {
    const { train, test, labels } = loaded.get(name);
    for (const [model, hidden] of Object.entries(MODELS)) {
      const job = jobOf(name, model, seed);
      if (results.of(job) !== undefined) continue;
      const { epochs, window, decay } = job;
      const classifier = new SequenceClassifier({
        labels,
        encoder: Encoder.numeric({ channels: encoder.channels, window }),
        hidden,
        convolution: CONVOLUTION,
        seed,
      });
      const started = performance.now();
      const falling = decay === undefined ? {} : { decay: { type: decay } };
      await classifier.fit(train, { epochs, batchSize: BATCH, rate: RATE, ...falling, threads: 1 });
      const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
      const [heldOut, trained] = [test, train].map((samples) => classifier.evaluate(samples).accuracy);
      classifier.free();
      results.add(job, { heldOut, trained, seconds });
      process.stderr.write(`${name} ${model} ${seed}: ${percent(heldOut)} (${percent(trained)}) in ${seconds} s\n`);
    }
  }
}

console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`);
const head = [
  'set',
  'LSTM: last',
  'mean',
  'max',
  'attention',
  ...Object.keys(MODELS),
  'fit, s',
  'ROCKET',
  'InceptionTime',
];
console.log(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`);
for (const { name, published } of chosen) {
  const found = Object.keys(MODELS).map((model) =>
    seeds.map((seed) => results.of(jobOf(name, model, seed))).filter((result) => result !== undefined),
  );
  const cells = found.map((runs) => {
    const heldOut = runs.map((run) => run.heldOut);
    return `${percent(mean(heldOut))} (${percent(Math.min(...heldOut))} to ${percent(Math.max(...heldOut))})`;
  });
  const times = found.map((runs) => Math.min(...runs.map(({ seconds }) => seconds)).toFixed(0));
  const cellsOfAll = [name, ...plain(name), ...cells, times.join(', '), published.rocket, published.inceptionTime];
  console.log(`| ${cellsOfAll.join(' | ')} |`);
}
