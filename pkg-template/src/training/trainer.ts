// Synaptic's Trainer: pairs online, sequences by back-propagation through time, here or in a worker.

import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  outOfRange,
  wrongType,
} from '../checks/errors.js';
import { isAbortSignal, isBytes } from '../checks/realm.js';
import { DataSet, flatSet } from '../data/data-set.js';
import { type FlatSet, inEngine, NO_TARGET } from '../data/flat-set.js';
import type { DataSet as Core, Run } from '../engine/core.js';
import { configuration, engine } from '../engine/engine.js';
import { WORD } from '../engine/words.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { Network } from '../network/network.js';
import { type HostProgress, outcomeOf, type Question, type RunOptions } from '../worker/protocol.js';
import { processors } from '../worker/thread.js';
import { type Cost, cost, costName } from './cost.js';
import {
  answer,
  type Callbacks,
  Reporter,
  type RunPlan,
  type Stopped,
  type TrainingProgress,
  type TrainingResult,
  TrainingRun,
} from './run.js';
import * as tasks from './tasks.js';

/**
 * One sample. A plain pair has one input vector; a sequence has a list of them, one per step.
 * The output of a sequence is one vector, judged at its last step, or one per step, null where a
 * step has no target.
 */
export interface Sample {
  input: ArrayLike<number> | ArrayLike<number>[];
  output: ArrayLike<number> | (ArrayLike<number> | null)[];
}

/** Samples to learn from: an array of them, or a {@link DataSet} that was made of them before. */
export type TrainingSet = Sample[] | DataSet;

/** Learning rate: a number, one per equal share of the iterations, or a function of the iteration and its last error. */
export type Rate = number | number[] | ((iteration: number, lastError: number) => number);

/** What {@link Schedule.do} is told. */
export interface ScheduleReport {
  error: number;
  iterations: number;
  rate: number;
}

/** Calls a function every so many iterations. */
export interface Schedule {
  /** Iterations between two calls, at least 1. */
  every: number;
  /** Returning true stops the run. In a worker run it may return a promise. */
  do(report: ScheduleReport): unknown;
}

/** Holds a part of the set out of training and judges by it. */
export interface CrossValidation {
  /** Share of the set, from its end, above 0 and below 1. */
  testSize: number;
  /** The run stops when the error on that share is no larger; default: never. */
  testError?: number;
}

/** Settings that stay with a trainer. */
export interface TrainerOptions {
  /** Learning rate. Default 0.2 for pairs, 0.01 for sequences. */
  rate?: Rate;
  /** Most iterations over the set. Default 100,000 for pairs, 100 for sequences. */
  iterations?: number;
  /** The run stops when the error is no larger. Default 0.005. */
  error?: number;
  /**
   * The cost that is reported as error: one of `Trainer.cost`, or a function of target and output.
   * Default: squared error for pairs; for sequences cross-entropy on logistic and softmax outputs,
   * squared error on others. Sequence training descends squared error if that is chosen, else the
   * cross-entropy or squared error that fits the outputs.
   */
  cost?: Cost;
  /** Holds a part of the set out. */
  crossValidate?: CrossValidation | null;
}

/** How the learning rate changes over the iterations. */
export type Decay =
  /** Times `factor`, above 0 and up to 1, every so many iterations. */
  | { type: 'step'; every: number; factor: number }
  /** Half a cosine down to `floor` times the rate, 0 to 1 (default 0). */
  | { type: 'cosine'; floor?: number }
  /** Times `factor` when the error has not become less for `patience` iterations. */
  | { type: 'plateau'; patience: number; factor: number };

/** Options of one run; those of {@link TrainerOptions} stay with the trainer. */
export interface TrainingOptions extends TrainerOptions {
  /** A new random order after every iteration. Default false for pairs, true for sequences. */
  shuffle?: boolean;
  /** Prints a line every so many iterations; 0 or false for never. */
  log?: number | boolean;
  /** Calls a function every so many iterations. */
  schedule?: Schedule;
  /** Old name of `schedule`. */
  customLog?: Schedule;
  /**
   * `'online'`: Synaptic's rule, an update at every target; default for pairs. `'bptt'`: exact
   * back-propagation through time, an update per batch; default for sequences.
   */
  learner?: 'online' | 'bptt';
  /**
   * Optimiser of `'bptt'`: plain steps, momentum (0.9), RMSprop (smoothing 0.99), Adam (betas 0.9
   * and 0.999) or AdamW. Default `'adam'`.
   */
  optimizer?: 'sgd' | 'momentum' | 'rmsprop' | 'adam' | 'adamw';
  /**
   * Weight decay of `'bptt'`, from 0, on weights but not biases: beside the step for `'adamw'`, in
   * the gradient for the others. Default 0.01 for `'adamw'`, else 0.
   */
  weightDecay?: number;
  /** How the rate changes over the iterations. Default: it does not. */
  decay?: Decay;
  /** Iterations over which the rate grows evenly to its full value. Default 0. */
  warmUp?: number;
  /**
   * What the run is judged by: samples of their own, or a share of the set, from its end, that is
   * held out of training, from 0 and below 1 (at least one sample is held out and one left).
   * Default 0.
   */
  validation?: number | TrainingSet;
  /**
   * The run stops when the error (of the held-out samples, if there are any) has not become less
   * for so many iterations; and however it ends, it gives back the best weights. 0 for never.
   * Default 0.
   */
  patience?: number;
  /**
   * Steps that the gradient of `'bptt'` goes back at most, at least 1: memory then does not grow
   * with the length of sequences. States go on over the whole sequence all the same. Default: all.
   */
  truncate?: number;
  /** Sequences per update of `'bptt'`, 1 to 65,536. Default 32. */
  batchSize?: number;
  /**
   * Share of the hidden neurons that later layers do not see in a training step of `'bptt'`, from 0
   * and below 1; drawn anew for every sequence and iteration (Gal & Ghahramani 2016). It acts where a
   * hidden layer projects ALL_TO_ALL on a later one. Default 0.
   */
  dropout?: number;
  /**
   * Makes batches of `'bptt'` of sequences of like length, where the order is shuffled: faster where
   * lengths differ much. Default false.
   */
  groupByLength?: boolean;
  /** Longest gradient of an update of `'bptt'`; null for any. Default 1. */
  clipNorm?: number | null;
  /** Number format of `'bptt'`. Default `'f32'`. */
  precision?: 'f32' | 'f64';
  /**
   * Threads that share the batches of `'bptt'` in a worker run, 1 to 64, where memory can be
   * shared; the result is the same, to the bit. Default `'auto'`: as many as the machine has and
   * the batch has work for. A batch is shared in parts of 16 sequences.
   */
  threads?: number | 'auto';
  /** Makes a checkpoint every so many iterations, for `onCheckpoint`; 0 for never. Default 0. */
  checkpointEvery?: number;
  /**
   * Takes each checkpoint that is due, for instance `fileStore(path).save`. If it throws or
   * rejects, so does the run.
   */
  onCheckpoint?: (checkpoint: Uint8Array) => unknown;
  /** Fixes the shuffles: an integer from 0. Default: random. */
  seed?: number;
  /** Aborts the run. */
  signal?: AbortSignal;
  /** Called on the page with the progress of the run, at most every 50 ms. */
  onProgress?: (progress: TrainingProgress) => void;
}

/** Options of {@link Trainer.test}. */
export interface TestOptions {
  /** The cost that is reported. Default: the trainer's, else squared error. */
  cost?: Cost;
  /** Number format for sequences; `'f32'` is faster. Default `'f64'`. */
  precision?: 'f32' | 'f64';
}

const persistent = ['rate', 'iterations', 'error', 'cost', 'crossValidate'] as const;
const known = [
  ...persistent,
  'shuffle',
  'log',
  'schedule',
  'customLog',
  'learner',
  'optimizer',
  'weightDecay',
  'decay',
  'warmUp',
  'validation',
  'patience',
  'truncate',
  'dropout',
  'groupByLength',
  'batchSize',
  'clipNorm',
  'precision',
  'threads',
  'checkpointEvery',
  'onCheckpoint',
  'seed',
  'signal',
  'onProgress',
] as const;

const optimizers = ['sgd', 'momentum', 'rmsprop', 'adam', 'adamw'] as const;
const MAX_ITERATIONS = 2 ** 32 - 1;
const defaults = {
  pairs: { rate: 0.2, iterations: 100_000, shuffle: false },
  sequences: { rate: 0.01, iterations: 100, shuffle: true },
};

function checkRate(call: string, rate: unknown): Rate {
  if (typeof rate === 'function') return rate as Rate;
  const bounds = { min: 0 };
  if (!Array.isArray(rate)) {
    if (typeof rate !== 'number')
      throw wrongType(call, 'options.rate', 'a number, an array of numbers or a function', rate);
    return checkNumber(call, 'options.rate', rate, bounds);
  }
  if (rate.length === 0) throw outOfRange(call, 'options.rate', 'at least one number', rate);
  return rate.map((value, index) => checkNumber(call, `options.rate[${index}]`, value, bounds));
}

function checkCrossValidation(call: string, given: unknown): CrossValidation {
  if (typeof given !== 'object' || given === null) {
    throw wrongType(call, 'options.crossValidate', 'an object { testSize, testError }', given);
  }
  const { testSize, testError } = given as Partial<CrossValidation>;
  checkNumber(call, 'options.crossValidate.testSize', testSize, { min: 0, max: 1 });
  if (testSize === 0 || testSize === 1) {
    throw outOfRange(call, 'options.crossValidate.testSize', 'a number above 0 and below 1', testSize);
  }
  if (testError !== undefined) checkNumber(call, 'options.crossValidate.testError', testError, { min: 0 });
  return { testSize: testSize as number, testError };
}

function checkSchedule(call: string, field: string, given: unknown): Schedule {
  if (typeof given !== 'object' || given === null) throw wrongType(call, field, 'an object { every, do }', given);
  const schedule = given as Partial<Schedule>;
  checkNumber(call, `${field}.every`, schedule.every, { min: 1, max: MAX_ITERATIONS, integer: true });
  checkFunction(call, `${field}.do`, schedule.do);
  return given as Schedule;
}

function checkDecay(call: string, given: unknown): RunOptions['decay'] {
  if (given === undefined || given === null) return { type: 'none' };
  if (typeof given !== 'object') throw wrongType(call, 'options.decay', 'an object { type, ... }', given);
  const { type, every, factor, floor, patience } = given as Record<string, unknown>;
  const count = (name: string, value: unknown) =>
    checkNumber(call, `options.decay.${name}`, value, { min: 1, max: MAX_ITERATIONS, integer: true });
  const part = (name: string, value: unknown) => checkNumber(call, `options.decay.${name}`, value, { min: 0, max: 1 });
  switch (checkChoice(call, 'options.decay.type', type, ['step', 'cosine', 'plateau'])) {
    case 'step':
      return { type: 'step', every: count('every', every), factor: part('factor', factor) };
    case 'cosine':
      return { type: 'cosine', floor: part('floor', floor ?? 0) };
    case 'plateau':
      return { type: 'plateau', patience: count('patience', patience), factor: part('factor', factor) };
  }
}

/** How many samples of a set are held out, by either option. */
function heldOut(call: string, count: number, validation: unknown, crossValidate: CrossValidation | null): number {
  const [field, share] =
    validation === undefined
      ? ['crossValidate.testSize', crossValidate?.testSize ?? 0]
      : ['validation', checkNumber(call, 'options.validation', validation, { min: 0, max: 1 })];
  if (share === 0) return 0;
  // Synaptic rounds towards training.
  const held = validation === undefined ? count - Math.ceil((1 - share) * count) : Math.round(share * count);
  if (held >= 1 && held < count) return held;
  throw new RangeError(
    `${call}: options.${field} is ${share}, which holds out ${held} of ${count} samples, expected some and not all`,
  );
}

/** Checks the options that stay with a trainer. */
function checkPersistent(call: string, options: TrainerOptions): TrainerOptions {
  const checked: TrainerOptions = {};
  const { rate, iterations, error, cost, crossValidate } = options;
  // As in Synaptic, what is empty or 0 is as if it were left out.
  if (rate) checked.rate = checkRate(call, rate);
  else if (rate !== undefined && rate !== null && rate !== 0) checkRate(call, rate);
  if (iterations) {
    checked.iterations = checkNumber(call, 'options.iterations', iterations, {
      min: 1,
      max: MAX_ITERATIONS,
      integer: true,
    });
  } else if (Number.isNaN(iterations)) checkNumber(call, 'options.iterations', iterations);
  if (error !== undefined && error !== null) checked.error = checkNumber(call, 'options.error', error, { min: 0 });
  if (cost !== undefined && cost !== null) checked.cost = checkFunction<Cost>(call, 'options.cost', cost);
  if (crossValidate) checked.crossValidate = checkCrossValidation(call, crossValidate);
  return checked;
}

/** Error by a user's own cost, and accuracy. */
function judge(live: LiveNetwork, set: FlatSet, data: Core, custom: Cost): { error: number; accuracy: number } {
  const [width, size] = [set.inputSize, set.outputSize];
  const inSequence = set.sequences || live.bidirectional ? live.runSequences(data) : undefined;
  const largest = (values: number[]) =>
    values.length === 1 ? (values[0] as number) > 0.5 : values.indexOf(Math.max(...values));
  let [sum, right, count] = [0, 0, 0];
  set.targetOfStep.forEach((row, step) => {
    const output = Array.from(
      inSequence?.subarray(step * size, (step + 1) * size) ??
        live.activate('Trainer.test', set.inputs.subarray(step * width, (step + 1) * width)),
    );
    if (row === NO_TARGET) return;
    const target = Array.from(set.targets.subarray(row * size, (row + 1) * size));
    sum += custom(target, output);
    right += Number(largest(target) === largest(output));
    count++;
  });
  return { error: sum / count, accuracy: right / count };
}

/** Sequences that one thread runs side by side; the engine's `learn::bptt::SHARD`. */
const SHARD = 16;
/** Multiplications of a shard that are worth waking a thread for. */
const WORTH_A_THREAD = 1_000_000;

/** Threads for a run: no more than a batch has shards, and where they are not asked for, have work for. */
function threadsFor(asked: number | 'auto', options: RunOptions, set: FlatSet, weights: number): number {
  if (options.learner !== 'bptt') return 1;
  const batch = Math.min(options.batchSize, set.lengths.length);
  const shards = Math.ceil(batch / SHARD);
  if (asked !== 'auto') return Math.min(asked, shards);
  const steps = set.targetOfStep.length / set.lengths.length;
  return steps * Math.min(batch, SHARD) * weights < WORTH_A_THREAD ? 1 : Math.min(processors(), shards);
}

interface Prepared extends RunPlan {
  set: FlatSet;
}

/**
 * Trains a network on a set.
 *
 * @example
 * const network = new Architect.Perceptron(2, 3, 1);
 * const trainer = new Trainer(network);
 * trainer.train([{ input: [0, 1], output: [1] }, { input: [0, 0], output: [0] }]); // { error, iterations, time }
 */
export class Trainer {
  /** The built-in costs. */
  static readonly cost = cost;

  /** The network that is trained. */
  readonly network: Network;
  /** Learning rate; undefined for the default. */
  rate: Rate | undefined;
  /** Most iterations; undefined for the default. */
  iterations: number | undefined;
  /** Error goal. */
  error: number;
  /** Cost that is reported; undefined for the default. */
  cost: Cost | undefined;
  /** What is held out, or null. */
  crossValidate: CrossValidation | null;
  /** The schedule of the last run. */
  schedule: Schedule | undefined;

  constructor(network: Network, options?: TrainerOptions) {
    const call = 'new Trainer';
    if (!(network instanceof Network)) throw wrongType(call, 'network', 'a Network', network);
    const given = checkPersistent(call, checkOptions<TrainerOptions>(call, options, persistent));
    this.network = network;
    this.rate = given.rate;
    this.iterations = given.iterations;
    this.error = given.error ?? 0.005;
    this.cost = given.cost;
    this.crossValidate = given.crossValidate ?? null;
  }

  /** Checks everything a run needs, and only then changes the trainer. */
  #prepare(call: string, set: TrainingSet, options: TrainingOptions | undefined): Prepared {
    const given = checkOptions<TrainingOptions>(call, options, known);
    const kept = checkPersistent(call, given);
    if (given.customLog !== undefined) checkSchedule(call, 'options.customLog', given.customLog);
    if (given.schedule !== undefined) checkSchedule(call, 'options.schedule', given.schedule);
    const schedule = given.customLog ?? given.schedule;
    if (given.onProgress !== undefined) checkFunction(call, 'options.onProgress', given.onProgress);
    if (given.onCheckpoint !== undefined) checkFunction(call, 'options.onCheckpoint', given.onCheckpoint);
    if (given.signal !== undefined && !isAbortSignal(given.signal)) {
      throw wrongType(call, 'options.signal', 'an AbortSignal', given.signal);
    }
    const log = given.log === true ? 1 : given.log || 0;
    checkNumber(call, 'options.log', log, { min: 0, max: MAX_ITERATIONS, integer: true });
    const { validation } = given;
    const apart = Array.isArray(validation) || validation instanceof DataSet ? validation : undefined;
    const flat = flatSet(call, set, this.network.inputs(), this.network.outputs(), apart);
    const learner =
      given.learner === undefined
        ? flat.sequences
          ? 'bptt'
          : 'online'
        : checkChoice(call, 'options.learner', given.learner, ['online', 'bptt']);
    const usual = flat.sequences || learner === 'bptt' ? defaults.sequences : defaults.pairs;
    const merged = { rate: this.rate, iterations: this.iterations, cost: this.cost, error: this.error, ...kept };
    const { rate = usual.rate, iterations = usual.iterations } = merged;
    const crossValidate = kept.crossValidate ?? this.crossValidate;
    const reported = merged.cost === undefined ? undefined : costName(merged.cost);
    const optimizer = checkChoice(call, 'options.optimizer', given.optimizer ?? 'adam', optimizers);
    const counted = { min: 0, max: MAX_ITERATIONS, integer: true };
    const checked: RunOptions = {
      learner,
      rate: typeof rate === 'function' ? null : rate,
      iterations,
      error: merged.error,
      shuffle: checkBoolean(call, 'options.shuffle', given.shuffle ?? usual.shuffle),
      cost: reported ?? null,
      hostCost: merged.cost !== undefined && reported === undefined,
      heldOut: apart?.length ?? heldOut(call, set.length, validation, crossValidate),
      heldOutError: crossValidate?.testError ?? -1,
      patience: checkNumber(call, 'options.patience', given.patience ?? 0, counted),
      scheduleEvery: schedule?.every ?? 0,
      checkpointEvery: checkNumber(call, 'options.checkpointEvery', given.checkpointEvery ?? 0, counted),
      logEvery: log,
      sequences: flat.sequences || learner === 'bptt',
      optimizer,
      weightDecay: checkNumber(call, 'options.weightDecay', given.weightDecay ?? (optimizer === 'adamw' ? 0.01 : 0), {
        min: 0,
      }),
      decay: checkDecay(call, given.decay),
      warmUp: checkNumber(call, 'options.warmUp', given.warmUp ?? 0, counted),
      truncate:
        given.truncate === undefined
          ? 0
          : checkNumber(call, 'options.truncate', given.truncate, { ...counted, min: 1 }),
      memoryLimit: 0,
      dropout: checkNumber(call, 'options.dropout', given.dropout ?? 0, { min: 0, max: 0.999 }),
      bucket: checkBoolean(call, 'options.groupByLength', given.groupByLength ?? false),
      batchSize: checkNumber(call, 'options.batchSize', given.batchSize ?? 32, { min: 1, max: 65_536, integer: true }),
      clipNorm: given.clipNorm === null ? null : checkNumber(call, 'options.clipNorm', given.clipNorm ?? 1, { min: 0 }),
      precision: checkChoice(call, 'options.precision', given.precision ?? 'f32', ['f32', 'f64']),
      seed: checkNumber(call, 'options.seed', given.seed ?? Math.floor(Math.random() * 2 ** 32), {
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        integer: true,
      }),
    };
    const asked = given.threads ?? 'auto';
    if (asked !== 'auto') checkNumber(call, 'options.threads', asked, { min: 1, max: 64, integer: true });
    const threads = threadsFor(asked, checked, flat, this.network.weights.length);
    // Each side of a run on copies has a memory of its own, of the same limit.
    checked.memoryLimit = (configuration.maxMemory - engine().memory.buffer.byteLength) / threads;
    Object.assign(this, kept);
    if (schedule !== undefined) this.schedule = schedule;
    return {
      set: flat,
      options: checked,
      threads,
      callbacks: this.#callbacks(call, checked, rate, merged.cost, schedule, given),
    };
  }

  #callbacks(
    call: string,
    options: RunOptions,
    rate: Rate,
    reported: Cost | undefined,
    schedule: Schedule | undefined,
    given: TrainingOptions,
  ): Callbacks {
    const callbacks: Callbacks = {
      schedule: (iterations, error, current) => {
        if (schedule !== undefined && iterations % schedule.every === 0) {
          return schedule.do({ error, iterations, rate: current });
        }
        if (options.logEvery > 0 && iterations % options.logEvery === 0) {
          console.log('iterations', iterations, 'error', error, 'rate', current);
        }
        return false;
      },
      progress: given.onProgress ?? (() => {}),
      checkpoint: given.onCheckpoint ?? (() => {}),
    };
    if (typeof rate === 'function') {
      callbacks.rate = (iteration, lastError) =>
        checkNumber(call, `options.rate(${iteration}, ${lastError})`, rate(iteration, lastError));
    }
    if (options.hostCost && reported !== undefined) {
      callbacks.cost = (target, output) => {
        const value = reported(target, output);
        if (typeof value !== 'number') throw wrongType(call, 'options.cost(target, output)', 'a number', value);
        return value;
      };
    }
    return callbacks;
  }

  /** Trains on this thread, and returns when it is done. Options as in {@link TrainingOptions}. */
  train(set: TrainingSet, options?: TrainingOptions): TrainingResult {
    const call = 'Trainer.train';
    const live = this.network.live(call);
    live.home.refuseWhileBusy(call);
    const prepared = this.#prepare(call, set, options);
    const reporter = new Reporter(prepared.options, false);
    return inEngine(prepared.set, (data) => {
      let run: Run | undefined;
      let image: Float64Array | undefined;
      live.beginRun();
      try {
        run = live.core.run(data, prepared.options);
        const ask = (question: Question) => answer(question, prepared.callbacks, prepared.set);
        const abort = () => Atomics.store(live.words, WORD.abort, 1);
        if (options?.signal?.aborted) abort();
        run.train({
          rate: (iteration: number, lastError: number) => ask({ about: 'rate', iteration, lastError }),
          cost: (outputs: Float64Array, steps: Uint32Array) => ask({ about: 'cost', outputs, steps }),
          schedule: (iteration: number, error: number, rate: number) =>
            ask({ about: 'schedule', iteration, error, rate }),
          progress: (
            ...[iteration, error, accuracy, rate, examples, trainingError, trainingAccuracy]: HostProgress
          ) => {
            const training = { error: trainingError, accuracy: trainingAccuracy };
            prepared.callbacks.progress(reporter.progress({ iteration, error, accuracy, rate, examples, training }));
            if (options?.signal?.aborted) abort();
          },
          checkpoint: (checkpoint: Uint8Array) => prepared.callbacks.checkpoint(checkpoint),
        } as never);
        image = run.memory();
        return reporter.result(run.stopped() as Stopped, outcomeOf(run));
      } finally {
        run?.free();
        live.endRun(image);
      }
    });
  }

  #launch(call: string, set: TrainingSet, options: TrainingOptions | undefined, resume?: Uint8Array): TrainingRun {
    const live = this.network.live(call);
    live.home.refuseWhileBusy(call);
    const prepared = this.#prepare(call, set, options);
    const run = TrainingRun.start(live, prepared.set, { ...prepared, resume });
    const signal = options?.signal;
    if (signal !== undefined) {
      const abort = () => run.abort();
      const forget = () => signal.removeEventListener('abort', abort);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      run.then(forget, forget);
    }
    return run;
  }

  /**
   * Trains in a worker. The page stays free; `network.memory` shows the weights as they change,
   * and `network.activate` uses them. The network can't be changed otherwise until the run ends.
   * What `train` would throw rejects the promise.
   */
  trainAsync(set: TrainingSet, options?: TrainingOptions): TrainingRun {
    try {
      return this.#launch('Trainer.trainAsync', set, options);
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /**
   * Goes on with a run from a checkpoint of it, in a worker, as if it had never stopped: the same
   * bits come out. Set and options are to be those of the first run (`iterations` may be more), the
   * network one of the same topology.
   *
   * @param checkpoint from `run.checkpoint()` or `onCheckpoint`. One of another network, set or
   * run, or a damaged one, rejects the promise with a RangeError.
   */
  resume(set: TrainingSet, checkpoint: Uint8Array, options?: TrainingOptions): TrainingRun {
    const call = 'Trainer.resume';
    try {
      if (!isBytes(checkpoint)) throw wrongType(call, 'checkpoint', 'a Uint8Array', checkpoint);
      return this.#launch(call, set, options, checkpoint);
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /**
   * Trains in a worker and calls back with the result. A wrong argument throws; a run that fails
   * is an unhandled rejection. Use `trainAsync` to handle failures, or to steer the run.
   */
  workerTrain(set: TrainingSet, callback: (result: TrainingResult) => void, options?: TrainingOptions): void {
    const call = 'Trainer.workerTrain';
    checkFunction(call, 'callback', callback);
    void this.#launch(call, set, options).then(callback);
  }

  /**
   * Error and accuracy on a set, without learning. Plain pairs run through the network's own
   * context, as in Synaptic; sequences each from a fresh one.
   */
  test(set: TrainingSet, options?: TestOptions): { error: number; accuracy: number; time: number } {
    const call = 'Trainer.test';
    const given = checkOptions<TestOptions>(call, options, ['cost', 'precision']);
    const precision = checkChoice(call, 'options.precision', given.precision ?? 'f64', ['f32', 'f64']);
    if (given.cost !== undefined) checkFunction(call, 'options.cost', given.cost);
    const live = this.network.live(call);
    const flat = flatSet(call, set, this.network.inputs(), this.network.outputs());
    const chosen = given.cost ?? this.cost;
    const start = performance.now();
    return inEngine(flat, (data) => {
      const name = chosen === undefined ? 'MSE' : costName(chosen);
      if (name === undefined) {
        const score = judge(live, flat, data, chosen as Cost);
        return { ...score, time: performance.now() - start };
      }
      const [error = 0, accuracy = 0] = live.core.test(data, name, flat.sequences, precision === 'f64');
      live.changed();
      return { error, accuracy, time: performance.now() - start };
    });
  }

  /** Trains exclusive or; the network has 2 inputs and 1 output. */
  XOR(options?: TrainingOptions): TrainingResult {
    return tasks.xor(this, options);
  }

  /** Distracted sequence recall: recalls, when prompted, targets seen among distractors. */
  DSR(options?: tasks.DsrOptions): tasks.DsrResult {
    return tasks.distractedSequenceRecall(this, options);
  }

  /** Embedded Reber grammar: predicts the next symbol; 6 inputs, 6 outputs. */
  ERG(options?: tasks.ErgOptions): tasks.ErgResult {
    return tasks.embeddedReberGrammar(this, options);
  }

  /** Timing task: keeps its output up as long as the input said; 2 inputs, 1 output. */
  timingTask(options?: tasks.TimingOptions): { train: TrainingResult; test: { error: number; time: number } } {
    return tasks.timingTask(this, options);
  }
}
