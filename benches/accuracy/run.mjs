// npm run bench:accuracy: held-out accuracy of SequenceClassifier and of the same model in PyTorch, on real sets, one-
// and two-way, with every read-out. Prints Markdown; every run is kept in target/accuracy. After `--`:
//   --only TEXT         sets whose name has the text
//   --seeds N           default 10; 20 with --initializers
//   --library NAME      engram or pytorch; default: both at a time
//   --initializer NAME  engram's first weights; default: as PyTorch's
//   --initializers      compares engram's initializers instead, with the read-out of --readout NAME
//   --resume            runs only what target/accuracy lacks
//   --print             runs nothing, and says what is there

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { target } from '../../scripts/toolchain.mjs';
import { jobsOf, READOUTS, Results, WAYS } from './jobs.mjs';
import { libraries } from './libraries.mjs';
import { load, sets } from './sets.mjs';
import { below, comparison, distance, initializers, modelsOf, spread, stuck } from './tables.mjs';

const INITIALIZERS = ['scaled', 'pytorch', 'keras'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string' },
    library: { type: 'string' },
    initializer: { type: 'string', default: 'pytorch' },
    initializers: { type: 'boolean', default: false },
    readout: { type: 'string', default: 'max' },
    resume: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
});
const seeds = Number(values.seeds ?? (values.initializers ? 20 : 10));
if (!(Number.isInteger(seeds) && seeds > 0)) throw new RangeError(`--seeds: expected a count, got ${values.seeds}`);
const asked = values.library === undefined ? Object.keys(libraries) : [values.library];
for (const name of asked) {
  if (!(name in libraries)) throw new RangeError(`--library: expected engram or pytorch, got ${name}`);
}
const chosen = sets.filter(({ name }) => name.includes(values.only));
const loaded = new Map(await Promise.all(chosen.map(async (set) => [set.name, await load(set)])));
const folder = join(target, 'accuracy');
const results = new Results(join(folder, 'results.jsonl'), { keep: values.resume || values.print });

const common = { sets: chosen, ways: WAYS, seeds };
const jobs = values.initializers
  ? jobsOf({ ...common, library: 'engram', readouts: [values.readout], initializers: INITIALIZERS })
  : [
      ...jobsOf({ ...common, library: 'engram', readouts: READOUTS, initializers: [values.initializer] }),
      ...jobsOf({ ...common, library: 'pytorch', readouts: READOUTS, initializers: ['pytorch'] }),
    ];

/** Does what a library lacks. */
async function finish(library) {
  const missing = jobs.filter((job) => job.library === library && results.of(job) === undefined);
  if (missing.length === 0) return;
  let done = 0;
  for await (const result of libraries[library](loaded, missing)) {
    results.add(missing[done], result);
    done++;
    if (done % 10 === 0) process.stderr.write(`${library}: ${done} of ${missing.length}\n`);
  }
}

// Each keeps one core busy; no time is reported that the other could disturb.
if (!values.print) await Promise.all(asked.map(finish));

const models = modelsOf(jobs, results);
const machine = `${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
const counts = chosen.map(({ name }) => {
  const { train, test } = loaded.get(name);
  return `${name} ${train.length} / ${test.length}`;
});
const print = (title, lines) => console.log([`${title}\n`, ...lines].join('\n'));
print(`${machine}; trained on / held out: ${counts.join(', ')}`, []);
if (values.initializers) {
  print(
    'Mean held-out accuracy (lowest seed):',
    initializers({ models, sets: chosen, ways: WAYS, names: INITIALIZERS }),
  );
} else {
  print('engram / PyTorch:', comparison({ models, sets: chosen, ways: WAYS, readouts: READOUTS }));
  print(
    'Deviation over seeds (lowest seed, seeds), engram / PyTorch:',
    spread({ models, sets: chosen, ways: WAYS, readouts: READOUTS }),
  );
  print(`From PyTorch: ${distance(models)}.`, []);
  print('More than a point below PyTorch:', below(models));
}
print('Seeds that stuck:', stuck(models));

// One line per model: what benches/accuracy/results keeps.
const short = (shares) => shares.map((share) => Number(share.toFixed(4)));
const lines = models.map(({ runs, mean: _, stuck: __, heldOut, ...key }) => {
  const seeds = runs.map(({ seed }) => seed);
  return JSON.stringify({ ...key, seeds, heldOut: short(heldOut), trained: short(runs.map((run) => run.trained)) });
});
const name = values.initializers ? 'initializers' : 'readouts';
writeFileSync(join(folder, `${name}.models.jsonl`), lines.map((line) => `${line}\n`).join(''));
