// The options of training. Those that the engine reads stand in its own table, from which their names, checks,
// defaults and documentation come; those that only the page reads stand here, each with its check.

import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  outOfRange,
  wrongType,
} from '../checks/errors.js';
import { isAbortSignal } from '../checks/realm.js';
import { DataSet, type TrainingSet } from '../data/data-set.js';
import { type EngineOptions, engineOptions } from '../engine/generated/tables.js';
import type { Cost } from './cost.js';
import type { TrainingProgress } from './report.js';

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

/** Options that only the page reads, and that stay with a trainer. */
interface LastingOptions {
  /**
   * Learning rate. Default 0.2 for pairs, 0.01 for sequences. In a list, 0 stands for the rate before it, as in
   * Synaptic.
   */
  rate?: Rate;
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

/** Settings that stay with a trainer. */
export interface TrainerOptions extends Pick<EngineOptions, 'iterations' | 'error'>, LastingOptions {}

/** Options of one run that only the page reads. */
interface PassingOptions {
  /** Prints a line every so many iterations; 0 or false for never. */
  log?: number | boolean;
  /** Calls a function every so many iterations. */
  schedule?: Schedule;
  /** Old name of `schedule`. */
  customLog?: Schedule;
  /**
   * What the run is judged by: samples of their own, or a share of the set, from its end, that is
   * held out of training, from 0 and below 1 (at least one sample is held out and one left).
   * Default 0.
   */
  validation?: number | TrainingSet;
  /**
   * Threads that share the batches of `'bptt'` in a worker run, 1 to 64, where memory can be
   * shared; the result is the same, to the bit. Default `'auto'`: as many as the machine has and
   * the batch has work for. A batch is shared in parts of 16 sequences.
   */
  threads?: number | 'auto';
  /**
   * Takes each checkpoint that is due, for instance `fileStore(path).save`. If it throws or
   * rejects, so does the run.
   */
  onCheckpoint?: (checkpoint: Uint8Array) => unknown;
  /**
   * Layers that do not learn in this run: `'embedding'`, `'layer 0'` (the first of the recurrent ones, both ways where
   * it has two), `'output'`, or any name of `network.layout.layers`. They keep their weights, in the run's precision, and
   * what learns does so by the same gradients as without. Default none.
   */
  freeze?: readonly string[];
  /** Aborts the run, as `run.abort()` does; one that is aborted already ends the run before it changes anything. */
  signal?: AbortSignal;
  /**
   * Called on the page with the progress of the run, at most every 50 ms. If it throws, or a promise that it gives
   * rejects, so does the run, which ends after such promises; `train`, which waits for nothing, refuses promises.
   */
  onProgress?: (progress: TrainingProgress) => unknown;
}

/** Options of one run; those of {@link TrainerOptions} stay with the trainer. */
export interface TrainingOptions extends EngineOptions, LastingOptions, PassingOptions {}

type Check<T> = (call: string, field: string, value: unknown) => T;
type Checks<Options> = { [Name in keyof Options]-?: Check<Options[Name]> };

/** Most iterations, and whatever is counted in them. */
export const MAX_ITERATIONS = 2 ** 32 - 1;

function checkRate(call: string, field: string, rate: unknown): Rate {
  if (typeof rate === 'function') return rate as Rate;
  if (!Array.isArray(rate)) {
    if (typeof rate !== 'number') throw wrongType(call, field, 'a number, an array of numbers or a function', rate);
    return checkNumber(call, field, rate, { min: 0 });
  }
  if (rate.length === 0) throw outOfRange(call, field, 'at least one number', rate);
  return rate.map((value, index) => checkNumber(call, `${field}[${index}]`, value, { min: 0 }));
}

function checkCrossValidation(call: string, field: string, given: unknown): CrossValidation {
  if (typeof given !== 'object' || given === null) {
    throw wrongType(call, field, 'an object { testSize, testError }', given);
  }
  const { testSize, testError } = given as Partial<CrossValidation>;
  checkNumber(call, `${field}.testSize`, testSize, { min: 0, max: 1 });
  if (testSize === 0 || testSize === 1) {
    throw outOfRange(call, `${field}.testSize`, 'a number above 0 and below 1', testSize);
  }
  if (testError !== undefined) checkNumber(call, `${field}.testError`, testError, { min: 0 });
  return { testSize: testSize as number, testError };
}

function checkSchedule(call: string, field: string, given: unknown): Schedule {
  if (typeof given !== 'object' || given === null) throw wrongType(call, field, 'an object { every, do }', given);
  const schedule = given as Partial<Schedule>;
  checkNumber(call, `${field}.every`, schedule.every, { min: 1, max: MAX_ITERATIONS, integer: true });
  checkFunction(call, `${field}.do`, schedule.do);
  return given as Schedule;
}

const lasting: Checks<LastingOptions> = {
  rate: checkRate,
  cost: (call, field, value) => checkFunction<Cost>(call, field, value),
  crossValidate: checkCrossValidation,
};

const passing: Checks<PassingOptions> = {
  log: (call, field, value) =>
    typeof value === 'boolean'
      ? Number(value)
      : checkNumber(call, field, value, { min: 0, max: MAX_ITERATIONS, integer: true }),
  schedule: checkSchedule,
  customLog: checkSchedule,
  validation: (call, field, value) => {
    // Samples are checked as the set is.
    if (Array.isArray(value) || value instanceof DataSet) return value;
    return checkNumber(call, field, value, { min: 0, max: 1 });
  },
  threads: (call, field, value) =>
    value === 'auto' ? value : checkNumber(call, field, value, { min: 1, max: 64, integer: true }),
  onCheckpoint: (call, field, value) => checkFunction<(checkpoint: Uint8Array) => unknown>(call, field, value),
  freeze: (call, field, value) => {
    if (!Array.isArray(value)) throw wrongType(call, field, 'an array of names of layers', value);
    // Holes become undefined, which is refused.
    return Array.from(value);
  },
  signal: (call, field, value) => {
    if (!isAbortSignal(value)) throw wrongType(call, field, 'an AbortSignal', value);
    return value;
  },
  onProgress: (call, field, value) => checkFunction<(progress: TrainingProgress) => unknown>(call, field, value),
};

/** How the engine's table describes an option. */
interface Entry {
  readonly kind: 'flag' | 'number' | 'choice' | 'record';
  readonly optional?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly below?: number;
  readonly integer?: boolean;
  readonly words?: readonly string[];
  readonly variants?: Readonly<Record<string, Readonly<Record<string, Entry>>>>;
}

function checkEntry(call: string, field: string, value: unknown, entry: Entry): unknown {
  if (entry.optional && (value === undefined || value === null)) return value;
  switch (entry.kind) {
    case 'flag':
      return checkBoolean(call, field, value);
    case 'number':
      return checkNumber(call, field, value, entry);
    case 'choice':
      return checkChoice(call, field, value, entry.words ?? []);
    case 'record': {
      if (typeof value !== 'object' || value === null) throw wrongType(call, field, 'an object { type, ... }', value);
      const { variants = {} } = entry;
      const record = value as Record<string, unknown>;
      const fields = variants[checkChoice(call, `${field}.type`, record.type, Object.keys(variants))] ?? {};
      const checked = Object.entries(fields).map(([name, inner]) => {
        return [name, checkEntry(call, `${field}.${name}`, record[name], inner)];
      });
      return { type: record.type, ...Object.fromEntries(checked) };
    }
  }
}

const engine: Readonly<Record<string, Entry>> = engineOptions;
const page: Readonly<Record<string, Check<unknown>>> = { ...lasting, ...passing };

/** Names of all options of a run. */
export const trainingOptionNames = [...Object.keys(page), ...Object.keys(engine)] as (keyof TrainingOptions)[];
/** Names of the options that stay with a trainer. */
export const trainerOptionNames = ['iterations', 'error', ...Object.keys(lasting)] as (keyof TrainerOptions)[];

/** Checks options by their table, and gives those that were given; `owner` is what a message calls them. */
export function checkTrainingOptions<Name extends keyof TrainingOptions>(
  call: string,
  options: unknown,
  names: readonly Name[],
  owner = 'options',
): Pick<TrainingOptions, Name> {
  const given = checkOptions<Record<string, unknown>>(call, options, names, owner);
  const checked: Record<string, unknown> = {};
  for (const name of names) {
    const value = given[name];
    const field = `${owner}.${name}`;
    const entry = engine[name];
    if (value === undefined || (value === null && !entry?.optional)) continue;
    checked[name] = entry === undefined ? page[name]?.(call, field, value) : checkEntry(call, field, value, entry);
  }
  return checked as Pick<TrainingOptions, Name>;
}

/** What stands for an option of the engine: what was given, or its default for pairs or for sequences. */
export function withDefault<Name extends keyof EngineOptions>(
  name: Name,
  given: EngineOptions,
  of: 'pairs' | 'sequences',
): NonNullable<EngineOptions[Name]> | null {
  if (given[name] !== undefined) return given[name] as NonNullable<EngineOptions[Name]> | null;
  const { standard } = engineOptions[name] as { standard: unknown };
  const depends = typeof standard === 'object' && standard !== null;
  return (depends ? (standard as Record<string, unknown>)[of] : standard) as never;
}
