// From what users ask of a run to what the engine is told: sets in flat arrays, options complete, and the
// user's functions.

import { checkNumber, outOfRange, wrongType } from '../checks/errors.js';
import { flatSet, type TrainingSet } from '../data/data-set.js';
import { type FlatSet, meanCost, type RunSets } from '../data/flat-set.js';
import { configuration, engine } from '../engine/engine.js';
import { type EngineOptions, engineOptions, type RunOptions, SHARD } from '../engine/generated/tables.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { processors } from '../worker/pool.js';
import type { Question } from '../worker/protocol.js';
import { type Cost, costName } from './cost.js';
import { frozenLayers } from './freeze.js';
import {
  type CrossValidation,
  checkTrainingOptions,
  type Rate,
  type Schedule,
  type TrainingOptions,
  trainerOptionNames,
  trainingOptionNames,
  withDefault,
} from './options.js';
import type { TrainingProgress } from './report.js';
import { checkTargets } from './targets.js';
import type { Trainable } from './trainable.js';

/** The user's functions that a run calls, always on the page. */
export interface Callbacks {
  rate?: (iteration: number, lastError: number) => number;
  cost?: Cost;
  /** Prints or decides what is due at this iteration; true stops the run. */
  schedule(iteration: number, error: number, rate: number): unknown;
  progress(progress: TrainingProgress): unknown;
  /** Takes a checkpoint that was due. */
  checkpoint(checkpoint: Uint8Array): unknown;
}

/** What a run is started with, beside its network. */
export interface RunPlan {
  /** What began the run: its errors name it. */
  call: string;
  sets: RunSets;
  options: RunOptions;
  threads: number;
  callbacks: Callbacks;
  signal?: AbortSignal;
  /** Indices of layers that do not learn. */
  held?: Uint32Array<ArrayBuffer>;
  /** Their names. */
  freeze?: readonly string[];
  /** A checkpoint to go on from. */
  resume?: Uint8Array;
  /** What else there is to say of the run, as advice. */
  remarks?: readonly string[];
  /** What is trained, as plain data: the weights as they stand. */
  model(): unknown;
  /** Whether targets of softmax outputs are distributions times a weight of their own. */
  weighted?: boolean;
}

/** What a run was told that goes on here, where options of users would not say it to the bit. */
export type Told = Pick<RunOptions, 'error' | 'heldOut' | 'heldOutError'>;

/** What a caller within the library says of a run, beside its options. */
export interface Orders extends Pick<RunPlan, 'resume' | 'remarks' | 'weighted'> {
  /** Where the network belongs to a model, that as plain data. */
  model?(): unknown;
  told?: Told;
}

/** Whether a run is judged by samples that it does not learn from. */
export function hasHeldOut({ options, sets }: RunPlan): boolean {
  return options.heldOut > 0 || sets.heldOut !== undefined;
}

/** Answers a run's question with the user's functions. */
export function answer(question: Question, callbacks: Callbacks, { set, heldOut }: RunSets): unknown {
  switch (question.about) {
    case 'rate':
      return callbacks.rate?.(question.iteration, question.lastError);
    case 'cost':
      return callbacks.cost && meanCost(heldOut ?? set, question.outputs, question.steps, callbacks.cost);
    case 'schedule':
      return callbacks.schedule(question.iteration, question.error, question.rate);
  }
}

/** How many samples of a set are held out, by either option. */
function heldOutOf(call: string, count: number, validation: number | undefined, cross: CrossValidation | null): number {
  const byValidation = validation !== undefined;
  const share = byValidation ? validation : (cross?.testSize ?? 0);
  if (share === 0) return 0;
  // Synaptic rounds towards training.
  const heldOut = byValidation ? Math.round(share * count) : count - Math.ceil((1 - share) * count);
  if (heldOut >= 1 && heldOut < count) return heldOut;
  const field = byValidation ? 'validation' : 'crossValidate.testSize';
  throw new RangeError(
    `${call}: options.${field} is ${share}, which holds out ${heldOut} of ${count} samples, expected some and not all`,
  );
}

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

/** Default rates; a trainer's own come first. */
export const RATE = { pairs: 0.2, sequences: 0.01 };

/** What stays with a trainer, as it was chosen: what is left out has a default that depends on the set. */
export interface TrainerSettings {
  rate?: Rate;
  iterations?: number;
  error?: number;
  cost?: Cost | null;
  crossValidate?: CrossValidation | null;
  schedule?: Schedule;
}

/** A plan, and the given options that stay with the trainer. */
export interface Planned {
  plan: RunPlan;
  given: TrainingOptions;
}

/** Refuses, by its name, the rule for single steps where a network can't learn by it, and what cuts sequences that it reads whole. */
function checkRule(call: string, live: LiveNetwork, learner: string, truncate: number | null | undefined): void {
  if (live.hasDelays && learner === 'online') {
    const because = 'a network with delays learns by back-propagation through sequences; pairs in their order are one';
    throw new TypeError(
      `${call}: options.learner is 'online', expected 'bptt': ${because}, { input: [step, ...], output: [step, ...] }`,
    );
  }
  if (!live.bidirectional && !live.hasReadout) return;
  const network = live.bidirectional ? 'a bidirectional network' : 'a network with a read-out';
  const because = `${network} learns by back-propagation through whole sequences, which are not truncated`;
  if (learner === 'online') throw new TypeError(`${call}: options.learner is 'online', expected 'bptt': ${because}`);
  const given = truncate ?? null;
  if (given !== null) throw new TypeError(`${call}: options.truncate is ${given}, expected null: ${because}`);
}

/** Refuses what lists of symbols cannot be learnt with, which have a loss of their own. */
function checkLists(call: string, { set, heldOut }: RunSets, learner: string, truncate: unknown, cost: unknown): void {
  const are = [set, ...(heldOut ? [heldOut] : [])].filter(({ targetsAre }) => targetsAre === 'lists').length;
  if (are === 0) return;
  const because = 'with lists of symbols as targets, which are learnt by back-propagation through whole sequences';
  if (heldOut !== undefined && are === 1)
    throw new RangeError(`${call}: one of two sets has lists of symbols as targets`);
  if (learner === 'online') throw new RangeError(`${call}: options.learner is 'online', expected 'bptt' ${because}`);
  for (const [name, value] of Object.entries({ truncate, cost })) {
    if ((value ?? null) !== null) throw outOfRange(call, `options.${name}`, `null ${because}`, value);
  }
}

/** Checks everything that a run needs; nothing is changed by it. */
export function planRun(
  call: string,
  network: Trainable,
  trainer: TrainerSettings,
  set: TrainingSet,
  options: unknown,
  { model = () => network.toJSON(2), told, ...orders }: Orders = {},
): Planned {
  const given = checkTrainingOptions(call, options, trainingOptionNames);
  const settings = checkTrainingOptions(call, trainer, [...trainerOptionNames, 'schedule'], 'trainer');
  const { validation } = given;
  const [inputs, outputs] = [network.inputs(), network.outputs()];
  const live = network.live(call);
  const reach = { squashes: live.outputSquashes, weighted: orders.weighted, once: live.hasReadout };
  const checked = (field: string, given: TrainingSet) => {
    const flat = flatSet(call, field, given, inputs, outputs);
    checkTargets(call, field, given, flat, reach);
    return flat;
  };
  const sets: RunSets = { set: checked('set', set) };
  if (typeof validation === 'object') sets.heldOut = checked('options.validation', validation);
  const areSequences = sets.set.sequences || sets.heldOut?.sequences === true;
  const learner = given.learner ?? (areSequences ? 'bptt' : 'online');
  checkRule(call, live, learner, given.truncate);
  checkLists(call, sets, learner, given.truncate, given.cost ?? settings.cost);
  if (given.stateful && (given.truncate ?? null) === null) {
    const expected = 'false without options.truncate, the steps from one update to the next';
    throw outOfRange(call, 'options.stateful', expected, given.stateful);
  }
  const of = areSequences || learner === 'bptt' ? 'sequences' : 'pairs';
  const rate = given.rate ?? settings.rate ?? RATE[of];
  const cost = given.cost ?? settings.cost;
  const reported = cost === undefined ? undefined : costName(cost);
  const crossValidate = given.crossValidate ?? settings.crossValidate ?? null;
  const schedule = given.customLog ?? given.schedule ?? settings.schedule;
  const { iterations = settings.iterations } = given;
  // Synaptic's `options.error || this.error`; sequences, which Synaptic has not, are to stop at 0 if that is asked for.
  const asked = given.error === 0 && of === 'pairs' ? undefined : given.error;
  const error = asked ?? settings.error;
  const chosen: EngineOptions = { ...given, learner, iterations, error };
  chosen.seed ??= Math.floor(Math.random() * 2 ** 32);
  const names = Object.keys(engineOptions) as (keyof EngineOptions)[];
  const share = typeof validation === 'object' ? undefined : validation;
  const complete: RunOptions = {
    ...(Object.fromEntries(names.map((name) => [name, withDefault(name, chosen, of)])) as Required<EngineOptions>),
    rate: typeof rate === 'function' ? null : rate,
    cost: reported ?? null,
    hostCost: cost !== undefined && reported === undefined,
    heldOut: sets.heldOut === undefined ? heldOutOf(call, set.length, share, crossValidate) : 0,
    heldOutError: crossValidate?.testError ?? -1,
    scheduleEvery: schedule?.every ?? 0,
    logEvery: Number(given.log ?? 0),
    sequences: of === 'sequences',
    memoryLimit: 0,
    ...told,
  };
  const threads = threadsFor(given.threads ?? 'auto', complete, sets.set, live.weights.length);
  // Each side of a run on copies has a memory of its own, of the same limit.
  complete.memoryLimit = (configuration.maxMemory - engine().memory.buffer.byteLength) / threads;
  const held = given.freeze && frozenLayers(call, given.freeze, live.layout.layers);
  const callbacks = callbacksOf(call, complete, rate, cost, schedule, given);
  const plan = {
    call,
    sets,
    options: complete,
    threads,
    callbacks,
    signal: given.signal,
    held,
    freeze: given.freeze,
    model,
    ...orders,
  };
  return { plan, given };
}

function callbacksOf(
  call: string,
  options: RunOptions,
  rate: Rate,
  cost: Cost | undefined,
  schedule: Schedule | undefined,
  { onProgress, onCheckpoint }: TrainingOptions,
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
    progress: onProgress ?? (() => {}),
    checkpoint: onCheckpoint ?? (() => {}),
  };
  if (typeof rate === 'function') {
    callbacks.rate = (iteration, lastError) =>
      checkNumber(call, `options.rate(${iteration}, ${lastError})`, rate(iteration, lastError), { min: 0 });
  }
  if (options.hostCost && cost !== undefined) {
    callbacks.cost = (target, output) => {
      const value = cost(target, output);
      if (typeof value !== 'number') throw wrongType(call, 'options.cost(target, output)', 'a number', value);
      return value;
    };
  }
  return callbacks;
}
