// Fuzzes the messages between page and worker, with programs, memories, sets and checkpoints in
// them: node tests/fuzz/worker.mjs [--executions 10000000 | --seconds 10] [--seed 1]
// A finding is a panic, a trap, a worker that ends, or one that does not answer.

import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Architect, configure, DataSet, Trainer } from 'engram';

import { pick, randomFrom } from '../support/random.mjs';
import { mutate, show } from './mutate.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const BATCH = 20;
const PATIENCE = 20_000;

/** Real messages: what the page posts while runs and steps go through a worker with a memory of its own. */
async function capture() {
  const posted = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, transfer) {
    posted.push(message.type === 'engram:boot' ? message : structuredClone(message));
    return postMessage.call(this, message, transfer);
  };
  configure({ shareMemory: 'never', maxMemory: 128 * 2 ** 20 });
  const sequences = [
    { input: [[0], [1]], output: [1, 0] },
    { input: [[1]], output: [0, 1] },
  ];
  for (const options of [
    { variant: 'standard', output: 'softmax' },
    { variant: 'standard', bidirectional: true },
    { variant: 'standard', readout: 'attention' },
    {},
  ]) {
    const network = new Architect.LSTM(1, 2, 2, { seed: 1, ...options });
    const trainer = new Trainer(network);
    let checkpoint;
    const keep = (bytes) => {
      checkpoint = bytes;
    };
    await trainer.trainAsync(sequences, { iterations: 2, error: 0, seed: 1, checkpointEvery: 1, onCheckpoint: keep });
    await trainer.resume(sequences, checkpoint, { iterations: 3, error: 0, seed: 1 });
    if (options.bidirectional) continue;
    const worker = network.worker();
    await worker.activate([0.5]);
    if (options.readout === undefined) await worker.propagate(0.1, [1, 0]);
    worker.terminate();
  }
  const coded = { inputSize: 6, outputSize: 2, targets: [1, 0], targetsAre: 'classes', lengths: [2, 1] };
  for (const set of [
    new DataSet({ ...coded, inputs: [5, 0, 2], inputsAre: 'symbols' }),
    new DataSet({ ...coded, inputs: [63, 0, 17], inputsAre: 'bits' }),
  ]) {
    const network = new Architect.LSTM(6, 2, 2, { variant: 'standard', embedding: 2, output: 'softmax', seed: 1 });
    await new Trainer(network).trainAsync(set, { iterations: 2, error: 0, seed: 1, validation: set });
  }
  const perceptron = new Architect.Perceptron(2, 2, 1, { seed: 1 });
  const pairs = [{ input: [0, 1], output: [1] }];
  const run = new Trainer(perceptron).trainAsync(pairs, { iterations: 3, error: 0, rate: () => 0.1 });
  run.pause();
  run.resume();
  await run;
  Worker.prototype.postMessage = postMessage;
  const boot = posted.find(({ type }) => type === 'engram:boot');
  // A worker that is booted twice has lost its memory; the page never does that.
  return { boot, seeds: posted.filter(({ type }) => type !== 'engram:boot') };
}

/** Runs that end soon, whatever they are told, and helpers that are not sent away for good. */
function brief(message) {
  const options = message?.options;
  if (typeof options?.iterations === 'number') options.iterations = Math.min(options.iterations, 3);
  return message;
}

const { boot, seeds } = await capture();
const step = seeds.find(({ type, cargo }) => type === 'engram:step' && cargo.program !== undefined);
const random = randomFrom(Number(values.seed));
const most = values.executions === undefined ? Infinity : Number(values.executions);
const end = values.executions === undefined ? performance.now() + 1000 * Number(values.seconds) : Infinity;
const worker = new Worker(new URL('../../pkg/dist/worker.js', import.meta.url));
const tally = { answers: 0, refusals: 0 };
let recent = [];
let alive = () => {};
function found(what) {
  console.error(
    `fuzz worker: seed ${values.seed}: ${what}\nafter\n${recent.map((message) => show(message)).join('\n')}`,
  );
  process.exit(1);
}
worker.on('error', (error) => found(error.stack));
worker.on('exit', (code) => found(`the worker ended with ${code}`));
worker.on('message', (message) => {
  if (message.type === 'engram:stepped' && message.step === -7) return alive();
  // Whoever is asked answers, or the run waits for ever.
  if (message.type === 'engram:ask') {
    worker.postMessage({ type: 'engram:answer', question: message.question, value: 0.1 });
  }
  if (message.step === -7) return found(`a step is refused: ${message.message}\n${message.stack}`);
  if (message.type !== 'engram:failed') tally.answers++;
  else if (/Panic|RuntimeError/.test(message.name)) found(`${message.name}: ${message.message}\n${message.stack}`);
  else tally.refusals++;
});
worker.postMessage(boot);
const start = performance.now();
let count = 0;
while (count < most && performance.now() < end) {
  recent = [];
  for (let index = 0; index < BATCH; index++, count++) {
    const message = brief(mutate(pick(random, seeds), random));
    try {
      worker.postMessage(message);
      recent.push(message);
    } catch (error) {
      if (error.name !== 'DataCloneError') throw error;
    }
  }
  const answered = new Promise((resolve) => {
    alive = resolve;
  });
  // Nobody stays paused, whatever number the run goes by.
  const runs = new Set([...Array(10).keys(), ...recent.map((message) => message?.run)]);
  for (const run of runs) {
    if (typeof run === 'number') worker.postMessage({ type: 'engram:control', run, control: 'resume' });
  }
  const late = setTimeout(() => found('the worker does not answer any more'), PATIENCE);
  worker.postMessage({ ...step, step: -7 });
  await answered;
  clearTimeout(late);
}
const took = ((performance.now() - start) / 1000).toFixed(0);
console.log(
  `fuzz worker: ${count} executions, ${tally.answers} answered, ${tally.refusals} refused, seed ${values.seed}, ${took} s`,
);
process.exit(tally.answers > 0 && tally.refusals > 0 ? 0 : 1);
