// The classic tasks that Synaptic's Trainer brings along.

import { argmax } from '../checks/argmax.js';
import { type Bounds, takeNumber, takeOptions, wrongType } from '../checks/errors.js';
import type { Sample } from '../data/sample.js';
import { type Cost, cost as costs } from './cost.js';
import type { TestOptions, TestResult } from './evaluation.js';
import type { Rate, TrainingOptions } from './options.js';
import type { TrainingResult } from './report.js';
import { takeIterations } from './synaptic-options.js';
import type { Trainable } from './trainable.js';

/** What a task needs of a trainer. */
export interface TaskTrainer {
  readonly network: Trainable;
  readonly cost: Cost | null;
  /** As `Trainer.train`. */
  train(set: Sample[], options?: TrainingOptions): TrainingResult;
  /** As `Trainer.test`. */
  test(set: Sample[], options?: TestOptions): TestResult;
}

const XOR_SET = [
  { input: [0, 0], output: [0] },
  { input: [1, 0], output: [1] },
  { input: [0, 1], output: [1] },
  { input: [1, 1], output: [0] },
];

/** Checks a network's sizes: these, or where `most`, no larger ones, as a network overlooks what it does not take. */
function checkShape(call: string, trainer: TaskTrainer, inputs: number, outputs: number, most = false): void {
  const { network } = trainer as { network: Trainable | undefined };
  if (network === undefined) throw wrongType(call, 'network', 'a Network', network);
  const [ins, outs] = [network.inputs(), network.outputs()];
  if (most ? ins > inputs || outs > outputs : ins !== inputs || outs !== outputs) {
    const expected = `${most ? 'at most ' : ''}${inputs} and ${outputs}`;
    throw new RangeError(`${call}: the network has ${ins} inputs and ${outs} outputs, expected ${expected}`);
  }
}

/** An option of a task; what is empty or 0 is as if it were left out, as in Synaptic. */
function take(call: string, name: string, given: unknown, standard: number, bounds: Bounds): number {
  return takeNumber(call, `options.${name}`, given || standard, bounds);
}

/** A task's rate. */
const RATE: Bounds = { min: 0 };
/** How often a task may do a thing. */
const COUNT: Bounds = { min: 1, max: 2 ** 32 - 1, integer: true };

/** An integer from 0 up to, not including, `bound`. */
const below = (bound: number): number => Math.floor(Math.random() * bound);
const oneHot = (size: number, hot: number): number[] =>
  Array.from({ length: size }, (_, index) => Number(index === hot));

/** @internal See {@link Trainer.XOR}. */
export function xor(trainer: TaskTrainer, options?: TrainingOptions): TrainingResult {
  checkShape('Trainer.XOR', trainer, 2, 1);
  return trainer.train(XOR_SET, { iterations: 100_000, shuffle: true, cost: costs.MSE, ...options });
}

/** Options of {@link Trainer.DSR}. */
export interface DsrOptions {
  /** Symbols to recall. Default [2, 4, 7, 8]. */
  targets?: number[];
  /** Symbols to ignore. Default [3, 5, 6, 9]. */
  distractors?: number[];
  /** Symbols that ask. Default [0, 1]. */
  prompts?: number[];
  /** Steps of a sequence. Default 24. */
  length?: number;
  /** Share of right sequences that is enough. Default 0.95. */
  success?: number;
  /** Most sequences. Default 100,000. */
  iterations?: number;
  /** Learning rate. Default 0.1. */
  rate?: number;
  /** Prints a line every so many sequences. */
  log?: number;
  /** Calls a function every so many sequences. */
  schedule?: DsrSchedule;
  /** Cost that is reported. Default cross-entropy. */
  cost?: Cost;
}

/** Calls a function every so many sequences of {@link Trainer.DSR}. */
export interface DsrSchedule {
  /** Sequences between two calls, at least 1. */
  every: number;
  /** What it returns is not looked at. */
  do(report: DsrReport): unknown;
}

/** What a schedule of {@link Trainer.DSR} is told. */
export interface DsrReport extends DsrResult {
  /** Sequences that were right throughout, of the last ones (at most 1,000). */
  correct: number;
  /** Learning rate. */
  rate: number;
}

/** Result of {@link Trainer.DSR}. */
export interface DsrResult {
  iterations: number;
  /** Share of the last sequences (at most 1,000) that were right throughout. */
  success: number;
  /** Cost per step of the last sequence. */
  error: number;
  /** Milliseconds. */
  time: number;
}

function dsrSequence(targets: number[], distractors: number[], prompts: number[], length: number) {
  const body = length - prompts.length;
  const symbols = Array.from({ length: body }, () => distractors[below(distractors.length)] as number);
  const places = new Set<number>();
  while (places.size < prompts.length) places.add(below(body));
  const recalled = prompts.map(() => below(targets.length));
  [...places]
    .sort((a, b) => a - b)
    .forEach((place, index) => {
      symbols[place] = targets[recalled[index] as number] as number;
    });
  return { symbols: [...symbols, ...prompts], recalled, body };
}

/** @internal See {@link Trainer.DSR}. */
export function distractedSequenceRecall(trainer: TaskTrainer, options?: DsrOptions): DsrResult {
  const call = 'Trainer.DSR';
  const given = takeOptions<DsrOptions>(call, options, [
    'targets',
    'distractors',
    'prompts',
    'length',
    'success',
    'iterations',
    'rate',
    'log',
    'schedule',
    'cost',
  ]);
  const targets = given.targets || [2, 4, 7, 8];
  const distractors = given.distractors || [3, 5, 6, 9];
  const prompts = given.prompts || [0, 1];
  for (const [name, symbols] of Object.entries({ targets, distractors, prompts })) {
    if (Array.isArray(symbols) && symbols.length > 0) continue;
    throw wrongType(call, `options.${name}`, 'an array of at least one symbol', symbols);
  }
  const { schedule } = given;
  const enough = take(call, 'success', given.success, 0.95, { min: 0 });
  const length = take(call, 'length', given.length, 24, { min: 2 * prompts.length, integer: true });
  const iterations = take(call, 'iterations', takeIterations(given.iterations), 100_000, COUNT);
  const rate = take(call, 'rate', given.rate, 0.1, RATE);
  const cost = given.cost || trainer.cost || costs.CROSS_ENTROPY;
  const symbolCount = targets.length + distractors.length + prompts.length;
  checkShape(call, trainer, symbolCount, targets.length, true);
  const start = Date.now();
  let [trial, right, success, error] = [0, 0, 0, 1];
  while (trial < iterations && (success < enough || trial % 1000 !== 0)) {
    const { symbols, recalled, body } = dsrSequence(targets, distractors, prompts, length);
    let rightSteps = 0;
    error = 0;
    symbols.forEach((symbol, step) => {
      const wanted = oneHot(targets.length, step < body ? -1 : (recalled[step - body] as number));
      const output = trainer.network.activate(oneHot(symbolCount, symbol));
      if (output.every((value, index) => Math.round(value) === wanted[index])) rightSteps++;
      else trainer.network.propagate(rate, wanted);
      error += cost(wanted, output);
    });
    error /= length;
    if (trial % 1000 === 0) right = 0;
    if (rightSteps === length) right++;
    trial++;
    success = right / (trial % 1000 || 1000);
    if (given.log && trial % given.log === 0) {
      console.log(
        'iterations:',
        trial,
        'success:',
        success,
        'correct:',
        right,
        'time:',
        Date.now() - start,
        'error:',
        error,
      );
    }
    if (schedule?.every && trial % schedule.every === 0) {
      schedule.do({ iterations: trial, success, error, time: Date.now() - start, correct: right, rate });
    }
  }
  return { iterations: trial, success, error, time: Date.now() - start };
}

/** Options of {@link Trainer.ERG}. */
export interface ErgOptions {
  /** Most strings. Default 150,000. */
  iterations?: number;
  /** Cost per step that is enough. Default 0.05. */
  error?: number;
  /** Learning rate. Default 0.1. */
  rate?: number;
  /** Prints a line every so many strings. Default 500; false for never. */
  log?: number | false;
  /** Cost that is reported. Default cross-entropy. */
  cost?: Cost;
}

/** Result of {@link Trainer.ERG}. */
export interface ErgResult {
  iterations: number;
  /** Cost per step of the last string. */
  error: number;
  /** Milliseconds. */
  time: number;
  /** Whether a string is of the grammar. */
  test(text: string): boolean;
  /** A random string of the grammar. */
  generate(): string;
}

/** Each symbol has an input and an output; V, the seventh, is all zeros, as in Synaptic. */
const SYMBOLS = 'BPTXSE';

/** Reber's grammar: from each state, symbols and the states they lead to; 7 is the end. */
const REBER: Record<number, [symbol: string, next: number][]> = {
  0: [['B', 1]],
  1: [
    ['T', 2],
    ['P', 3],
  ],
  2: [
    ['S', 2],
    ['X', 4],
  ],
  3: [
    ['T', 3],
    ['V', 5],
  ],
  4: [
    ['X', 3],
    ['S', 6],
  ],
  5: [
    ['P', 4],
    ['V', 6],
  ],
  6: [['E', 7]],
};

function reberString(): string {
  let [text, state] = ['', 0];
  while (state !== 7) {
    const ways = REBER[state] ?? [];
    const [symbol, next] = ways[below(ways.length)] as [string, number];
    text += symbol;
    state = next;
  }
  return text;
}

function isReber(text: string): boolean {
  let state = 0;
  for (const symbol of text) {
    const way = REBER[state]?.find(([name]) => name === symbol);
    if (way === undefined) return false;
    state = way[1];
  }
  return state === 7;
}

/** Embedded: the second symbol returns as the last but one. */
function generate(): string {
  const mark = below(2) === 0 ? 'T' : 'P';
  return `B${mark}${reberString()}${mark}E`;
}

function test(text: string): boolean {
  const mark = text[1];
  const wrapped = text[0] === 'B' && (mark === 'T' || mark === 'P') && text.endsWith(`${mark}E`);
  return wrapped && text.length > 4 && isReber(text.slice(2, -2));
}

/** @internal See {@link Trainer.ERG}. */
export function embeddedReberGrammar(trainer: TaskTrainer, options?: ErgOptions): ErgResult {
  const call = 'Trainer.ERG';
  const given = takeOptions<ErgOptions>(call, options, ['iterations', 'error', 'rate', 'log', 'cost']);
  const iterations = take(call, 'iterations', takeIterations(given.iterations), 150_000, COUNT);
  const enough = take(call, 'error', given.error, 0.05, {});
  const rate = take(call, 'rate', given.rate, 0.1, RATE);
  const log = given.log === false ? 0 : given.log || 500;
  const cost = given.cost || trainer.cost || costs.CROSS_ENTROPY;
  checkShape(call, trainer, SYMBOLS.length, SYMBOLS.length, true);
  const encode = (symbol: string | undefined): number[] => oneHot(SYMBOLS.length, SYMBOLS.indexOf(symbol ?? ''));
  const start = Date.now();
  let [iteration, error] = [0, 1];
  while (iteration < iterations && error > enough) {
    const text = generate();
    error = 0;
    for (let step = 0; step + 1 < text.length; step++) {
      const target = encode(text[step + 1]);
      const output = trainer.network.activate(encode(text[step]));
      if (argmax(output) !== target.indexOf(1)) trainer.network.propagate(rate, target);
      error += cost(target, output);
    }
    error /= text.length;
    iteration++;
    if (log > 0 && iteration % log === 0) {
      console.log('iterations:', iteration, 'time:', Date.now() - start, 'error:', error);
    }
  }
  return { iterations: iteration, error, time: Date.now() - start, test, generate };
}

/** Options of {@link Trainer.timingTask}. */
export interface TimingOptions {
  /** Most iterations. Default 200. */
  iterations?: number;
  /** Error goal. Default 0.005. */
  error?: number;
  /** Learning rate. Default [0.03, 0.02]. */
  rate?: Rate;
  /** Prints a line every so many iterations. Default 10; false for never. */
  log?: number | false;
  /** Cost that is reported. Default squared error. */
  cost?: Cost;
  /** Steps to train on. Default 7,000. */
  trainSamples?: number;
  /** Steps to test on. Default 1,000. */
  testSamples?: number;
}

/** A stream of steps: a pulse with a length, and an output that stays up for that long. */
function timingSteps(size: number): { input: number[]; output: number[] }[] {
  const steps = Array.from({ length: size }, () => ({ input: [0, 0], output: [0] }));
  let at = 0;
  while (at < size - 20) {
    const up = Math.round(Math.random() * 20);
    (steps[at] as { input: number[] }).input[0] = 1;
    for (const step of steps.slice(at, at + up + 1)) {
      step.input[1] = up / 20;
      step.output[0] = 0.5;
    }
    at += up;
    const down = Math.round(Math.random() * 20);
    for (const step of steps.slice(at + 1, at + down + 1)) step.input[1] = steps[at]?.input[1] ?? 0;
    at += Math.max(down, 1);
  }
  return steps;
}

/** @internal See {@link Trainer.timingTask}. */
export function timingTask(trainer: TaskTrainer, options?: TimingOptions): { train: TrainingResult; test: TestResult } {
  const call = 'Trainer.timingTask';
  checkShape(call, trainer, 2, 1);
  const given = takeOptions<TimingOptions>(call, options, [
    'iterations',
    'error',
    'rate',
    'log',
    'cost',
    'trainSamples',
    'testSamples',
  ]);
  const samples: Bounds = { min: 1, max: 2 ** 24, integer: true };
  const trainSamples = take(call, 'trainSamples', given.trainSamples, 7000, samples);
  const testSamples = take(call, 'testSamples', given.testSamples, 1000, samples);
  const steps = timingSteps(trainSamples + testSamples);
  const cost = given.cost || trainer.cost || costs.MSE;
  const train = trainer.train(steps.slice(0, trainSamples), {
    rate: given.rate || [0.03, 0.02],
    iterations: given.iterations || 200,
    error: given.error || 0.005,
    cost,
    log: given.log === false ? 0 : given.log || 10,
  });
  return { train, test: trainer.test(steps.slice(trainSamples), { cost }) };
}
