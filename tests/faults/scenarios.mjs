// Faults in Node, each in a process of its own: node tests/faults/scenarios.mjs NAME. Prints what
// happened as JSON: what the failed run said, and that the network and the next run work.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Architect, configure, fileStore, Trainer } from 'engram';

import { firstBit, LONG_RUN, XOR } from '../support/sets.mjs';
import { breakEngine } from './broken-engine.mjs';

const GOOD = new URL('../../pkg/dist/worker.js', import.meta.url);
const faulty = (fault) => {
  process.env.ENGRAM_FAULT = fault;
  return new URL('faulty-worker.mjs', import.meta.url);
};
const long = () => {
  const network = new Architect.LSTM(...LONG_RUN.sizes, { variant: 'standard', output: 'softmax', seed: 1 });
  return { network, trainer: new Trainer(network), set: firstBit(LONG_RUN.count, LONG_RUN.length) };
};
const failure = (promise) =>
  promise.then(
    () => 'no error',
    (error) => `${error.name}: ${error.message}`,
  );

/** Finite weights, and no update of them half done. */
const isWhole = ({ weights, version }) => weights.every(Number.isFinite) && version % 2 === 0;

/** That a network answers with numbers, is trained by the next run, and that its weights are finite. */
async function aftermath({ network, set }) {
  configure({ workerUrl: GOOD });
  const whole = isWhole(network);
  const answers = network.activateSequence(set[0].input).flat().every(Number.isFinite);
  // A trainer of its own: trainers keep the options of their last run.
  const { stopped } = await new Trainer(network).trainAsync(set.slice(0, 64), { iterations: 1, error: 0 });
  return { usable: whole && answers, next: stopped };
}

async function workerFault(fault) {
  configure({ workerUrl: faulty(fault) });
  const all = long();
  const said = await failure(all.trainer.trainAsync(all.set, { iterations: 1_000_000, error: 0 }));
  return { said, ...(await aftermath(all)) };
}

const scenarios = {
  throw: () => workerFault('throw'),
  trap: () => workerFault('trap'),
  engine: () => workerFault('engine'),
  exit: () => workerFault('exit'),

  /** With helpers on shared memory, one of which dies. */
  async helper() {
    const all = long();
    const run = all.trainer.trainAsync(all.set, { iterations: 2, error: 0, threads: 2, seed: 1 });
    const { accuracy } = await run;
    return { said: `accuracy ${Number.isFinite(accuracy)}`, ...(await aftermath(all)) };
  },

  async missing() {
    configure({ workerUrl: new URL('no-such-worker.mjs', import.meta.url) });
    const all = long();
    const said = await failure(all.trainer.trainAsync(all.set, { iterations: 2 }));
    return { said, ...(await aftermath(all)) };
  },

  /** A function of the user's whose value can't be sent to the worker. */
  async unsendable() {
    const all = long();
    const rate = () => () => 0;
    const said = await failure(all.trainer.trainAsync(all.set, { iterations: 2, rate }));
    return { said, ...(await aftermath(all)) };
  },

  async memory() {
    configure({ maxMemory: 48 * 2 ** 20 });
    const all = long();
    const steps = Array.from({ length: 100_000 }, () => [0.5]);
    const huge = Array.from({ length: 20 }, () => ({ input: steps, output: [1, 0] }));
    const said = [await failure(all.trainer.trainAsync(huge, { iterations: 1 }))];
    try {
      new Architect.LSTM(100, 1000, 10, { seed: 1 }).activate(new Array(100).fill(0));
      said.push('no error');
    } catch (error) {
      said.push(`${error.name}: ${error.message}`);
    }
    return { said: said.join('; '), ...(await aftermath(all)) };
  },

  async disk() {
    const folder = join(tmpdir(), `engram-disk-${process.pid}`);
    mkdirSync(folder);
    const store = fileStore(join(folder, 'checkpoint'));
    const all = long();
    try {
      // The limit of a file's size stands for a full disk; see faults.test.mjs.
      const options = { iterations: 100, error: 0, checkpointEvery: 1, onCheckpoint: store.save };
      const said = await failure(all.trainer.trainAsync(all.set, options));
      const kept = await store.load();
      return { said, kept: kept?.length ?? 0, ...(await aftermath(all)) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  async twoRuns() {
    const all = long();
    const run = all.trainer.trainAsync(all.set, { iterations: 1_000_000, error: 0 });
    const said = await failure(all.trainer.trainAsync(all.set, { iterations: 1 }));
    run.abort();
    const { stopped } = await run;
    return { said: `${said} (${stopped})`, ...(await aftermath(all)) };
  },

  async free() {
    const all = long();
    const run = all.trainer.trainAsync(all.set, { iterations: 1_000_000, error: 0 });
    const said = await failure(Promise.resolve().then(() => all.network.free()));
    run.abort();
    await run;
    return { said, ...(await aftermath(all)) };
  },

  /** The page's engine traps during a run: whoever called it hears of that, and the run ends. */
  async page() {
    const { network, trainer, set } = long();
    const run = trainer.trainAsync(set, { iterations: 1_000_000, error: 0, threads: 2 });
    breakEngine();
    const call = () => Promise.resolve().then(() => new Architect.LSTM(2, 3, 1).activate([0, 1]));
    const said = [await failure(call()), await failure(call())];
    run.abort();
    const { stopped } = await run;
    const usable = isWhole(network);
    return { said: said.join('; '), usable, next: stopped };
  },

  async clock() {
    const weights = async (url) => {
      configure({ workerUrl: url });
      const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
      const options = { iterations: 2000, error: -1, seed: 1, shuffle: true };
      const { time, iterations } = await new Trainer(network).trainAsync(XOR, options);
      return { weights: [...network.weights], sound: time >= 0 && iterations === 2000 };
    };
    const jumping = await weights(faulty('clock'));
    const all = long();
    // The workers that were started are kept; a network of its own shows the same with a sound clock.
    const { usable, next } = await aftermath(all);
    const network = new Architect.Perceptron(2, 3, 1, { seed: 1 });
    new Trainer(network).train(XOR, { iterations: 2000, error: -1, seed: 1, shuffle: true });
    const same = network.weights.every((weight, index) => weight === jumping.weights[index]);
    return { said: `same ${same}, sound ${jumping.sound}`, usable, next };
  },

  /** engram/slim with a module that is missing, cut, or something else. */
  async slim() {
    const slim = await import('engram/slim');
    const folder = join(tmpdir(), `engram-slim-${process.pid}`);
    mkdirSync(folder);
    const whole = readFileSync(new URL('../../pkg/dist/engram.wasm', import.meta.url));
    writeFileSync(join(folder, 'cut.wasm'), whole.subarray(0, 100_000));
    writeFileSync(join(folder, 'page.wasm'), '<!doctype html>not found');
    writeFileSync(join(folder, 'whole.wasm'), whole);
    const said = [];
    try {
      for (const name of ['missing', 'cut', 'page']) {
        slim.configure({ wasmUrl: `file://${folder}/${name}.wasm` });
        said.push(await failure(slim.init()));
      }
      slim.configure({ wasmUrl: `file://${folder}/whole.wasm` });
      await slim.init();
    } finally {
      rmSync(folder, { recursive: true });
    }
    return { said: said.join('; '), ...(await aftermath(long())) };
  },
};

console.log(JSON.stringify(await scenarios[process.argv[2]]()));
