// The long forms, for RELIABILITY.md: node --expose-gc tests/load/run.mjs NAME [number]

import * as engram from 'engram';

import { SEED } from '../support/random.mjs';
import { genetic, many } from './populations.mjs';
import { atOnce, bursts, commands, lives, readers, shortRuns } from './soak.mjs';

const [name, given] = process.argv.slice(2);
const memory = () => ({ resident: Math.round(process.memoryUsage().rss / 2 ** 20) });
const forms = {
  lives: (count = 1000) => lives(engram, count, memory),
  /** A run a second for ten hours, without the waiting. */
  'short-runs': (count = 36_000) => shortRuns(engram, count, memory),
  'at-once': (count = 64) => atOnce(engram, count),
  bursts: (count = 30) => bursts(engram, count, memory),
  commands: (count = 10_000) => commands(engram, count, SEED),
  readers: (seconds = 60) => readers(engram, 1000 * seconds),
  /** Networks in one loop, of which none is kept. */
  many: (count = 100_000) => many(engram, count, memory),
  /** A genetic algorithm of 50 networks, in one turn. */
  genetic: (generations = 300) => genetic(engram, generations, SEED, memory),
  /** A set of about a gigabyte against memory of a quarter of one, then one that fits. */
  async 'large-set'(megabytes = 1024) {
    engram.configure({ maxMemory: 256 * 2 ** 20 });
    const trainer = new engram.Trainer(new engram.Architect.LSTM(4, 8, 2, { variant: 'standard', seed: 1 }));
    const steps = Array.from({ length: 1000 }, () => new Float64Array(4));
    const samples = Math.ceil((megabytes * 2 ** 20) / (steps.length * 4 * 8));
    const set = Array.from({ length: samples }, () => ({ input: steps, output: [1, 0] }));
    const refused = await trainer
      .trainAsync(set, { iterations: 1 })
      .catch((error) => `${error.name}: ${error.message}`);
    const { stopped } = await trainer.trainAsync(set.slice(0, 16), { iterations: 1, error: 0 });
    return { samples, refused, next: stopped };
  },
};
const start = performance.now();
console.log(
  name,
  JSON.stringify(await forms[name](given && Number(given))),
  `${Math.round(performance.now() - start)} ms`,
);
process.exit();
