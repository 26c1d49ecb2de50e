// Synaptic's Trainer: pairs online, sequences by back-propagation through time, here or in a worker.

import { checkFunction, wrongType } from '../checks/errors.js';
import { isBytes } from '../checks/realm.js';
import type { TrainingSet } from '../data/data-set.js';
import { engineOptions } from '../engine/generated/tables.js';
import { callable } from '../graph/inheritance.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { type Cost, cost } from './cost.js';
import { evaluate, type TestOptions, type TestResult } from './evaluation.js';
import {
  type CrossValidation,
  checkTrainingOptions,
  type Rate,
  type Schedule,
  type ScheduleReport,
  type TrainerOptions,
  type TrainingOptions,
  trainerOptionNames,
  trainingOptionNames,
} from './options.js';
import { type Orders, planRun, RATE, type RunPlan } from './plan.js';
import type { TrainingResult } from './report.js';
import { takeIterations, takeTrainingOptions, takeTrainingRate } from './synaptic-options.js';
import type { TaskTrainer } from './tasks.js';
import * as tasks from './tasks.js';
import { trainHere } from './thread-run.js';
import type { Trainable } from './trainable.js';
import { TrainingRun } from './training-run.js';

/** Names that types of Synaptic's users have. */
export declare namespace Trainer {
  /** A plain pair. */
  export interface TrainingPair {
    /** One number per input. */
    input: number[];
    /** One number per output. */
    output: number[];
  }
  /** Plain pairs; what a trainer takes is {@link TrainingSet}. */
  export type TrainingSet = TrainingPair[];
  /** Options of a run. */
  export type TrainingOptions = NonNullable<Parameters<Trainer['train']>[1]>;
  /** Calls a function every so many iterations. */
  export type TrainingScheduleOptions = Schedule;
  /** What the function of a schedule is told. */
  export type TrainingScheduleDoData = ScheduleReport;
  /** A cost. */
  export type CostFunction = Cost;
  /** How a run ended. */
  export type TrainingResult = ReturnType<Trainer['train']>;
  /** Options of {@link Trainer.XOR}. */
  export type XOROptions = TrainingOptions;
  /** Options of {@link Trainer.DSR}. */
  export type DSROptions = tasks.DsrOptions;
  /** Result of {@link Trainer.DSR}. */
  export type DSRTrainingResult = tasks.DsrResult;
  /** Options of {@link Trainer.ERG}. */
  export type ERGOptions = tasks.ErgOptions;
  /** Result of {@link Trainer.ERG}. */
  export type ERGTrainingResult = tasks.ErgResult;
}

/** What was chosen for a trainer, of what has a default that depends on the set. */
const CHOSEN = Symbol('chosen');

/** The network of a trainer, which one that was made for a prototype has not. */
function networkOf(call: string, trainer: { network: Trainable | undefined }): Trainable {
  const { network } = trainer;
  if (typeof (Object(network) as Partial<Trainable>).live === 'function') return network as Trainable;
  throw wrongType(call, 'network', 'a Network', network);
}

/** Checks everything that a run needs, and only then changes the trainer. */
function planFor(call: string, trainer: Trainer, set: TrainingSet, options: unknown, orders?: Orders): RunPlan {
  const { error, cost, crossValidate, schedule } = trainer;
  // As in Synaptic, a schedule of an earlier run stays, but not where no options are given.
  const settings = { ...trainer[CHOSEN], error, cost, crossValidate, ...(options ? { schedule } : {}) };
  const { plan, given } = planRun(call, networkOf(call, trainer), settings, set, options, orders);
  const lasting = {
    rate: given.rate,
    iterations: given.iterations,
    error: plan.options.error,
    cost: given.cost,
    crossValidate: given.crossValidate,
    schedule: given.customLog ?? given.schedule,
  };
  Object.assign(trainer, Object.fromEntries(Object.entries(lasting).filter(([, value]) => value !== undefined)));
  return plan;
}

/**
 * Trains a network on a set. Options are taken as Synaptic takes them: strings of digits are numbers, what is empty or 0
 * is as if it were left out, `iterations` may be `Infinity`, and a name that is not known is left out with a warning.
 *
 * @example
 * const network = new Architect.Perceptron(2, 3, 1);
 * const trainer = new Trainer(network);
 * trainer.train([{ input: [0, 1], output: [1] }, { input: [0, 0], output: [0] }]); // { error, iterations, time }
 */
@callable
export class Trainer<Network extends Trainable = Trainable> implements TaskTrainer {
  /** The built-in costs. */
  static readonly cost = cost;

  /** The network that is trained. */
  network: Network;
  /** Error goal: a run stops when its error is no larger. Below 0 for never; 0.005 unless it is set. */
  error: number;
  /** Cost that is reported; null for the default. */
  cost: Cost | null;
  /** What is held out, or null. */
  crossValidate: CrossValidation | null;
  /** The schedule of the last run that had one; later runs with options keep it. */
  schedule: Schedule | undefined;
  /** @internal */
  [CHOSEN]?: { readonly rate?: Rate; readonly iterations?: number };

  /**
   * @throws TypeError for what is no network, and for options of another type; RangeError for options out of bounds.
   */
  constructor(network: Network, options?: TrainerOptions) {
    const call = 'new Trainer';
    // Prototypes are made without a network.
    if (network !== undefined) networkOf(call, { network });
    const taken = takeTrainingOptions(call, options, trainerOptionNames);
    const { rate, iterations, ...given } = checkTrainingOptions(call, taken, trainerOptionNames);
    this.network = network;
    this.error = given.error || engineOptions.error.standard;
    this.cost = given.cost ?? null;
    this.crossValidate = given.crossValidate ?? null;
    if (rate !== undefined) this.rate = rate;
    if (iterations !== undefined) this.iterations = iterations;
  }

  /** Learning rate. Until it is set it is 0.2, and for sequences 0.01. */
  get rate(): Rate {
    return this[CHOSEN]?.rate ?? RATE.pairs;
  }

  set rate(rate: Rate) {
    this[CHOSEN] = { ...this[CHOSEN], rate: takeTrainingRate(rate) as Rate };
  }

  /** Most iterations. Until it is set it is 100,000, and for sequences 100. */
  get iterations(): number {
    return this[CHOSEN]?.iterations ?? engineOptions.iterations.standard.pairs;
  }

  set iterations(iterations: number) {
    this[CHOSEN] = { ...this[CHOSEN], iterations: takeIterations(iterations) as number };
  }

  /**
   * Trains on this thread, and returns when it is done. Options as in {@link TrainingOptions}.
   *
   * @throws TypeError or RangeError that names what is wrong with set or options, before anything is changed (a
   *   RangeError also for targets that the outputs cannot reach, such as 2 for a logistic output, or a target of
   *   softmax outputs that does not sum to 1); TypeError while another run trains the network; whatever one of the user's functions throws.
   */
  train(set: TrainingSet, options?: TrainingOptions): TrainingResult {
    const call = 'Trainer.train';
    const live = networkOf(call, this).live(call);
    live.home.refuseWhileBusy(call);
    return trainHere(live, planFor(call, this, set, takeTrainingOptions(call, options, trainingOptionNames)));
  }

  /** @internal What a run in a worker is started with, for the call that asks for it; options are checked strictly. */
  prepare(call: string, set: TrainingSet, options: unknown, orders?: Orders): [LiveNetwork, RunPlan] {
    const live = networkOf(call, this).live(call);
    live.home.refuseWhileBusy(call);
    return [live, planFor(call, this, set, options, orders)];
  }

  /** @internal Starts a run in a worker, for the call that asks for it. */
  launch(call: string, set: TrainingSet, options: unknown, orders?: Orders): TrainingRun {
    return TrainingRun.start(...this.prepare(call, set, options, orders));
  }

  /**
   * Trains in a worker. The page stays free; `network.memory` shows the weights as they change,
   * and `network.activate` uses them. The network can't be changed otherwise until the run ends.
   * What `train` would throw rejects the promise.
   */
  trainAsync(set: TrainingSet, options?: TrainingOptions): TrainingRun {
    try {
      const call = 'Trainer.trainAsync';
      return this.launch(call, set, takeTrainingOptions(call, options, trainingOptionNames));
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /**
   * Goes on with a run from a checkpoint of it, in a worker, as if it had never stopped: the same
   * bits come out. Set and options are to be those of the first run (`iterations` may be more; another
   * rate or batch size holds from there on), the network one of the same topology.
   *
   * @param checkpoint from `run.checkpoint()` or `onCheckpoint`. One of another network or set, of a run by another
   * learner, optimizer or precision, or a damaged one, rejects the promise with a RangeError.
   */
  resume(set: TrainingSet, checkpoint: Uint8Array, options?: TrainingOptions): TrainingRun {
    const call = 'Trainer.resume';
    try {
      if (!isBytes(checkpoint)) throw wrongType(call, 'checkpoint', 'a Uint8Array', checkpoint);
      const taken = takeTrainingOptions(call, options, trainingOptionNames);
      return this.launch(call, set, taken, { resume: checkpoint });
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /**
   * Trains in a worker and calls back with the result. A wrong argument throws; a run that fails
   * is an unhandled rejection. Use `trainAsync` to handle failures, or to steer the run.
   *
   * @throws TypeError or RangeError that names what is wrong, before anything is changed.
   */
  workerTrain(set: TrainingSet, callback: (result: TrainingResult) => void, options?: TrainingOptions): void {
    const call = 'Trainer.workerTrain';
    checkFunction(call, 'callback', callback);
    void this.launch(call, set, takeTrainingOptions(call, options, trainingOptionNames)).then(callback);
  }

  /**
   * Error and accuracy on a set, without learning. Plain pairs run through the network's own
   * context, as in Synaptic; sequences each from a fresh one. The error is by the cost that a run on
   * such a set reports, unless the options or the trainer name one. Other options of training are taken and have no
   * effect, as in Synaptic.
   *
   * @throws as {@link Trainer.train} does for set and options; TypeError for pairs while a run trains the network.
   */
  test(set: TrainingSet, options?: TestOptions & TrainingOptions): TestResult {
    const call = 'Trainer.test';
    const { cost, precision } = takeTrainingOptions(call, options, trainingOptionNames) ?? {};
    return evaluate(call, networkOf(call, this), set, { cost, precision } as TestOptions, this.cost ?? undefined);
  }

  /**
   * Trains exclusive or; the network has 2 inputs and 1 output.
   *
   * @throws RangeError for a network of other sizes, TypeError or RangeError for wrong options.
   */
  XOR(options?: TrainingOptions): TrainingResult {
    return tasks.xor(this, options);
  }

  /**
   * Distracted sequence recall: recalls, when prompted, targets seen among distractors.
   *
   * @throws RangeError for a network of other sizes, TypeError or RangeError for wrong options.
   */
  DSR(options?: tasks.DsrOptions): tasks.DsrResult {
    return tasks.distractedSequenceRecall(this, options);
  }

  /**
   * Embedded Reber grammar: predicts the next symbol; 6 inputs, 6 outputs.
   *
   * @throws RangeError for a network of other sizes, TypeError or RangeError for wrong options.
   */
  ERG(options?: tasks.ErgOptions): tasks.ErgResult {
    return tasks.embeddedReberGrammar(this, options);
  }

  /**
   * Timing task: keeps its output up as long as the input said; 2 inputs, 1 output.
   *
   * @throws RangeError for a network of other sizes, TypeError or RangeError for wrong options.
   */
  timingTask(options?: tasks.TimingOptions): { train: TrainingResult; test: TestResult } {
    return tasks.timingTask(this, options);
  }
}
