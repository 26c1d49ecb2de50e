// npm run bench:rocket: held-out accuracy of RocketClassifier and of aeon's MiniRocketClassifier on the series of the
// comparison, five seeds; and the time that each fit takes, on one thread and on two. Prints Markdown. After `--`:
//   --only TEXT    sets whose name has the text
//   --no-aeon      leaves aeon out; else `PYTHON` names a Python with aeon 1.6

import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RocketClassifier } from 'engram/rocket';

import { target } from '../../scripts/toolchain.mjs';
import { load, python, sets } from './sets.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, aeon: { type: 'boolean', default: true } },
  allowNegative: true,
});
const SEEDS = [1, 2, 3, 4, 5];
// Series of numbers; 8 steps of digits are shorter than a kernel.
const chosen = sets.filter(
  ({ name, encoder }) => encoder.channels > 0 && name !== 'digits' && name.includes(values.only),
);

/** aeon's accuracies and seconds, by set. */
function aeon(names) {
  const script = join(import.meta.dirname, 'rocket.py');
  const env = { ...process.env, OMP_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' };
  const options = { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] };
  const lines = execFileSync(python, [script, join(target, 'accuracy/sets'), ...names], options)
    .trim()
    .split('\n');
  const found = lines.map((line) => JSON.parse(line));
  return (name) => found.filter(({ set }) => set === name);
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const percent = (share) => (100 * share).toFixed(1);
const seconds = (times) => Math.min(...times).toFixed(2);

const rows = [];
for (const set of chosen) {
  const { train: samples, test: unseen, labels } = await load(set);
  const runs = [];
  for (const seed of SEEDS) {
    const classifier = new RocketClassifier({ labels, channels: set.encoder.channels, seed });
    const { time, accuracy: leftOut } = await classifier.fit(samples, { threads: 1 });
    const { accuracy, loss } = classifier.evaluate(unseen);
    const second = await new RocketClassifier({ labels, channels: set.encoder.channels, seed }).fit(samples, {
      threads: 2,
    });
    runs.push({ time: time / 1000, two: second.time / 1000, accuracy, loss, leftOut });
  }
  rows.push({ set, runs });
}
const theirs = values.aeon ? aeon(chosen.map(({ name }) => name)) : () => [];

console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log(
  '| set | engram | left out | cross-entropy | aeon | fit, s | 2 threads | aeon |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
);
for (const { set, runs } of rows) {
  const of = (name, list = runs) => list.map((run) => run[name]);
  const other = theirs(set.name);
  const cells = [
    set.name,
    percent(mean(of('accuracy'))),
    percent(mean(of('leftOut'))),
    mean(of('loss')).toFixed(3),
    other.length > 0 ? percent(mean(of('accuracy', other))) : '',
    seconds(of('time')),
    seconds(of('two')),
    // Its first fit compiles.
    other.length > 0 ? seconds(of('seconds', other)) : '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
