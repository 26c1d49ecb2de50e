// npm run bench:accuracy [-- --only TEXT] [-- --seeds 10] [-- --library NAME] [-- --resume] [-- --initializers]:
// held-out accuracy of SequenceClassifier and of the same model in PyTorch, on real sets, one- and two-way, with every
// read-out; prints Markdown. `--initializers` compares those of engram instead, with the read-out that `--readout`
// names. Results are kept in target/accuracy; `--resume` runs only what they lack.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { target } from '../../scripts/toolchain.mjs';
import { jobsOf, READOUTS, Results, WAYS } from './jobs.mjs';
import { libraries } from './libraries.mjs';
import { load, sets } from './sets.mjs';
import { below, comparison, initializers, modelsOf, stuck } from './tables.mjs';

const INITIALIZERS = ['scaled', 'pytorch', 'keras'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string' },
    library: { type: 'string' },
    readout: { type: 'string', default: 'mean' },
    initializers: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
  },
});
const folder = join(target, 'accuracy');
const chosen = sets.filter(({ name }) => name.includes(values.only));
const results = new Results(join(folder, values.initializers ? 'initializers.jsonl' : 'results.jsonl'), values);

/** The jobs of a library; seeds are 10 unless told, and 20 for initializers. */
function jobsFor(library) {
  if (!values.initializers) return jobsOf({ sets: chosen, library, seeds: Number(values.seeds ?? 10) });
  if (library !== 'engram') return [];
  const readouts = [values.readout];
  return jobsOf({ sets: chosen, library, readouts, initializers: INITIALIZERS, seeds: Number(values.seeds ?? 20) });
}

const jobs = Object.keys(libraries).flatMap(jobsFor);
const loaded = new Map(chosen.map((set) => [set.name, load(set)]));

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

// Each keeps one core busy; no time is reported that another could disturb.
const asked = Object.keys(libraries).filter((library) => values.library === undefined || library === values.library);
await Promise.all(asked.map(finish));

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
  print('More than a point below PyTorch:', below(models));
}
print('Seeds that stuck:', stuck(models));

// One line per model: what benches/accuracy/results keeps.
const lines = models.map(({ runs, mean: _, stuck: __, heldOut, ...key }) =>
  JSON.stringify({ ...key, seeds: runs.map(({ seed }) => seed), heldOut, trained: runs.map(({ trained }) => trained) }),
);
const name = values.initializers ? 'initializers' : 'readouts';
writeFileSync(join(folder, `${name}.models.jsonl`), lines.map((line) => `${line}\n`).join(''));
