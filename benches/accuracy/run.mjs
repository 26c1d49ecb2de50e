// npm run bench:accuracy: held-out accuracy against PyTorch's nn.LSTM, on real sets of four kinds: same
// inputs, size, optimiser, rate, batch and epochs; five seeds each.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Architect, Encoder, Trainer } from 'engram';

const here = import.meta.dirname;
const root = join(here, '../..');
const SEEDS = [1, 2, 3, 4, 5];

function python(script, input) {
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync('python3', [join(here, script)], options));
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

const real = python('data.py');
const cases = [
  ['JapaneseVowels', 'multivariate, 7 to 29 steps', real.JapaneseVowels, Encoder.numeric({ channels: 12 }), 60, 0.005],
  ['ItalyPowerDemand', 'univariate, 24 steps', real.ItalyPowerDemand, Encoder.numeric(), 100, 0.005],
  ['digits', 'multivariate, 8 steps', real.digits, Encoder.numeric({ channels: 8 }), 30, 0.005],
  ['names, bits', 'text as bits', names(), Encoder.bits(), 60, 0.01],
  ['names, characters', 'text as characters', names(), Encoder.oneHot('abcdefghijklmnopqrstuvwxyz'), 30, 0.005],
];

/** Steps and the number of the label, as both sides get them. */
function encode({ train, test }, encoder) {
  encoder.fit(train.map(([input]) => input));
  const labels = [...new Set(train.map(([, label]) => label))].sort();
  const part = (samples) => samples.map(([input, label]) => [encoder.encode(input), labels.indexOf(label)]);
  return { train: part(train), test: part(test), classes: labels.length };
}

async function engramAccuracy(task, seed) {
  const { train, test, classes, hidden, rate, batch, epochs } = task;
  const set = (samples) =>
    samples.map(([input, label]) => ({
      input,
      output: Array.from({ length: classes }, (_, at) => Number(at === label)),
    }));
  const options = { variant: 'standard', output: 'softmax', seed };
  const network = new Architect.LSTM(train[0][0][0].length, hidden, classes, options);
  const trainer = new Trainer(network);
  await trainer.trainAsync(set(train), { rate, batchSize: batch, iterations: epochs, error: 0, seed });
  const { accuracy } = trainer.test(set(test));
  network.free();
  return accuracy;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (values) => `${(100 * mean(values)).toFixed(1)} %`;
const range = (values) => `${(100 * Math.min(...values)).toFixed(1)} to ${(100 * Math.max(...values)).toFixed(1)}`;

const results = [];
console.log('| set | kind | trained on / held out | engram | (seeds) | PyTorch | (seeds) | difference |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const [name, kind, data, encoder, epochs, rate] of cases) {
  const task = { ...encode(data, encoder), hidden: 32, batch: 32, epochs, rate, seeds: SEEDS };
  const ours = [];
  for (const seed of SEEDS) ours.push(await engramAccuracy(task, seed));
  const theirs = python('pytorch.py', JSON.stringify(task));
  const difference = 100 * (mean(ours) - mean(theirs));
  results.push({ name, kind, epochs, rate, engram: ours, pytorch: theirs, difference });
  const counts = `${task.train.length} / ${task.test.length}`;
  const signed = `${difference >= 0 ? '+' : ''}${difference.toFixed(1)}`;
  console.log(
    `| ${name} | ${kind} | ${counts} | ${percent(ours)} | ${range(ours)} | ${percent(theirs)} | ${range(theirs)} | ${signed} |`,
  );
}
mkdirSync(join(root, 'target'), { recursive: true });
writeFileSync(join(root, 'target/accuracy.json'), JSON.stringify(results, null, 2));
