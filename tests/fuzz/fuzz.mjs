// Fuzzes the package's calls with mutated data:
//   node --expose-gc tests/fuzz/fuzz.mjs [--target models] [--executions 10000000 [--first 5000000] | --seconds 10] [--seed 1]
// A finding is anything but an accepted value or a TypeError or RangeError. It is printed with its
// seed and execution, and the exit code is 1. What comes before the first execution is made and not tried.

import { parseArgs } from 'node:util';
import { Architect } from 'engram';

import { engineSize } from '../support/engine-size.mjs';
import { pick, randomFrom } from '../support/random.mjs';
import { mutate, show } from './mutate.mjs';
import { targets } from './targets.mjs';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    executions: { type: 'string' },
    first: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

/** Milliseconds of the processor, which other programs do not lengthen, that no call on such small data may take. */
const SLOW = 2000;
/** Most the engine's memory may grow, in bytes, however often and with what it was called. */
const BOUND = 64 * 2 ** 20;
const memory = () => engineSize(Architect);

async function fuzz(name, { seeds, execute }) {
  const seed = Number(values.seed);
  const most = values.executions === undefined ? Infinity : Number(values.executions);
  const end = values.executions === undefined ? performance.now() + 1000 * Number(values.seconds) : Infinity;
  const random = randomFrom(seed);
  // What is not mutated must be accepted, else little is tried.
  for (const value of seeds) await execute(structuredClone(value));
  const before = memory();
  const start = performance.now();
  let [count, accepted] = [0, 0];
  for (; count < most && (count % 100 !== 0 || performance.now() < end); count++) {
    // What was collected gives its memory back between two tasks only.
    if (count % 500 === 0) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const value = mutate(pick(random, seeds), random);
    if (count < Number(values.first)) continue;
    const begun = process.cpuUsage();
    let finding;
    try {
      const result = execute(value);
      if (result instanceof Promise) await result;
      accepted++;
    } catch (error) {
      const typed = error instanceof TypeError || error instanceof RangeError;
      // Such a message is the language's own: nobody has looked at the value.
      if (!typed || /^Cannot |is not a function|not iterable/.test(error.message)) finding = error.stack;
    }
    if ({}.polluted !== undefined) finding = 'every object has a new property';
    const { user, system } = process.cpuUsage(begun);
    if (user + system > 1000 * SLOW) finding = `it took ${(user + system) / 1000} ms`;
    if (finding !== undefined) {
      console.error(`fuzz ${name}: execution ${count}, seed ${seed}: ${finding}\n${show(value)}`);
      return false;
    }
  }
  const grown = memory() - before;
  const took = ((performance.now() - start) / 1000).toFixed(0);
  const megabytes = (grown / 2 ** 20).toFixed(0);
  console.log(
    `fuzz ${name}: ${count} executions, ${accepted} accepted, seed ${seed}, ${took} s, memory grew ${megabytes} MB`,
  );
  if (grown > BOUND) console.error(`fuzz ${name}: the memory grew by more than ${BOUND} bytes`);
  return grown <= BOUND && accepted > 0;
}

const chosen = values.target === undefined ? Object.keys(targets) : [values.target];
let sound = true;
for (const name of chosen) sound = (await fuzz(name, targets[name])) && sound;
process.exit(sound ? 0 : 1);
