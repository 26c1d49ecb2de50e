// Synaptic's Trainer: pairs online, sequences by back-propagation through time, here or in a worker.

import { checkFunction, wrongType } from '../checks/errors.js';
import { isBytes } from '../checks/realm.js';
import type { TrainingSet } from '../data/data-set.js';
import { engineOptions } from '../engine/generated/tables.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { type Cost, cost } from './cost.js';
import { evaluate, type TestOptions, type TestResult } from './evaluation.js';
import {
  type CrossValidation,
  checkTrainingOptions,
  type Rate,
  type Schedule,
  type TrainerOptions,
  type TrainingOptions,
  trainerOptionNames,
} from './options.js';
import { type Orders, planRun, type RunPlan } from './plan.js';
import type { TrainingResult } from './report.js';
import type { TaskTrainer } from './tasks.js';
import * as tasks from './tasks.js';
import { trainHere } from './thread-run.js';
import type { Trainable } from './trainable.js';
import { TrainingRun } from './training-run.js';

/**
 * Trains a network on a set.
 *
 * @example
 * const network = new Architect.Perceptron(2, 3, 1);
 * const trainer = new Trainer(network);
 * trainer.train([{ input: [0, 1], output: [1] }, { input: [0, 0], output: [0] }]); // { error, iterations, time }
 */
export class Trainer<Network extends Trainable = Trainable> implements TaskTrainer {
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

  /**
   * @throws TypeError for what is no network, and for options of another type or name; RangeError for options
   *   out of bounds.
   */
  constructor(network: Network, options?: TrainerOptions) {
    const call = 'new Trainer';
    if (typeof (Object(network) as Partial<Trainable>).live !== 'function') {
      throw wrongType(call, 'network', 'a Network', network);
    }
    const given = checkTrainingOptions(call, options, trainerOptionNames);
    this.network = network;
    this.rate = given.rate;
    this.iterations = given.iterations;
    this.error = given.error ?? engineOptions.error.standard;
    this.cost = given.cost;
    this.crossValidate = given.crossValidate ?? null;
  }

  /** Checks everything that a run needs, and only then changes the trainer. */
  #plan(call: string, set: TrainingSet, options: TrainingOptions | undefined, orders?: Orders): RunPlan {
    const { plan, given } = planRun(call, this.network, this, set, options, orders);
    const { rate, iterations, error, cost, crossValidate } = given;
    const lasting = Object.entries({ rate, iterations, error, cost, crossValidate });
    Object.assign(this, Object.fromEntries(lasting.filter(([, value]) => value !== undefined)));
    this.schedule = given.customLog ?? given.schedule ?? this.schedule;
    return plan;
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
    const live = this.network.live(call);
    live.home.refuseWhileBusy(call);
    return trainHere(live, this.#plan(call, set, options));
  }

  /** @internal What a run in a worker is started with, checked for the call that asks for it. */
  prepare(call: string, set: TrainingSet, options?: TrainingOptions, orders?: Orders): [LiveNetwork, RunPlan] {
    const live = this.network.live(call);
    live.home.refuseWhileBusy(call);
    return [live, this.#plan(call, set, options, orders)];
  }

  /** @internal Starts a run in a worker, for the call that asks for it. */
  launch(call: string, set: TrainingSet, options: TrainingOptions | undefined, orders?: Orders): TrainingRun {
    return TrainingRun.start(...this.prepare(call, set, options, orders));
  }

  /**
   * Trains in a worker. The page stays free; `network.memory` shows the weights as they change,
   * and `network.activate` uses them. The network can't be changed otherwise until the run ends.
   * What `train` would throw rejects the promise.
   */
  trainAsync(set: TrainingSet, options?: TrainingOptions): TrainingRun {
    try {
      return this.launch('Trainer.trainAsync', set, options);
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
      return this.launch(call, set, options, { resume: checkpoint });
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
    void this.launch(call, set, options).then(callback);
  }

  /**
   * Error and accuracy on a set, without learning. Plain pairs run through the network's own
   * context, as in Synaptic; sequences each from a fresh one. The error is by the cost that a run on
   * such a set reports, unless the options or the trainer name one.
   *
   * @throws as {@link Trainer.train} does for set and options; TypeError for pairs while a run trains the network.
   */
  test(set: TrainingSet, options?: TestOptions): TestResult {
    return evaluate('Trainer.test', this.network, set, options, this.cost);
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
