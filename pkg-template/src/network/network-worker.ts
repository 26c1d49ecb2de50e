// A worker for one network: promises, and the messages that Synaptic's workers speak.

import { isVector, takeRate, takeVector, wrongType } from '../checks/errors.js';
import type { TrainingSet } from '../data/data-set.js';
import { dropLoan } from '../engine/core.js';
import type { LiveNetwork } from '../graph/live-network.js';
import type { TrainingOptions } from '../training/options.js';
import type { Trainable } from '../training/trainable.js';
import type { Trainer } from '../training/trainer.js';
import type { TrainingRun } from '../training/training-run.js';
import { errorFrom, leaseWorker, releaseWorker } from '../worker/pool.js';
import type { Act, FromWorker, StepCargo } from '../worker/protocol.js';
import type { WorkerThread } from '../worker/thread.js';

/** What a worker needs of its network. */
interface WorkerNetwork extends Trainable {
  readonly memory: Float64Array;
  readonly optimized: { ownership(memoryBuffer: Float64Array): void } | null | false;
  optimize(): void;
}

/** What Synaptic's page sends. */
export type SynapticRequest =
  | { action: 'activate'; input: ArrayLike<number>; memoryBuffer?: Float64Array }
  | { action: 'propagate'; target: ArrayLike<number>; rate?: number; memoryBuffer?: Float64Array }
  | { action: 'startTraining' };

/** What Synaptic's worker answers. */
export type SynapticReply =
  | { action: 'activate'; output: number[]; memoryBuffer: Float64Array }
  | { action: 'propagate'; memoryBuffer: Float64Array }
  | { action: 'log' | 'schedule'; message: { iterations: number; error: number; rate: number } }
  | { action: 'done'; message: { iterations: number; error: number; time: number }; memoryBuffer: Float64Array };

let steps = 0;

/**
 * Activates and trains a network in a worker, a call at a time in the order they were made. After
 * each, the network on the page is what the worker made of it.
 *
 * @example
 * const worker = network.worker();
 * const output = await worker.activate([1, 0]);
 * await worker.propagate(0.3, [1]);
 * worker.terminate();
 */
export class NetworkWorker {
  /** Receives the replies to `postMessage`. */
  onmessage: ((event: { data: SynapticReply }) => void) | null = null;
  /** Receives the error of a message that failed. */
  onerror: ((error: Error) => void) | null = null;
  readonly #network: WorkerNetwork;
  readonly #set: TrainingSet | undefined;
  readonly #options: TrainingOptions | undefined;
  readonly #trainer: Trainer;
  #worker: WorkerThread | undefined;
  /** The network that the worker has, and its number where memory is shared; it changes with the topology. */
  #lent: { live: LiveNetwork; loan?: number } | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #run: TrainingRun | undefined;
  #ended: Error | undefined;

  /** @internal */
  constructor(
    network: WorkerNetwork,
    set: TrainingSet | undefined,
    options: TrainingOptions | undefined,
    trainer: Trainer,
  ) {
    if (network.optimized === null) network.optimize();
    this.#network = network;
    this.#set = set;
    this.#options = options;
    this.#trainer = trainer;
  }

  /** One step; gives the outputs. */
  activate(input: ArrayLike<number>): Promise<Float64Array> {
    const call = 'NetworkWorker.activate';
    const values = new Float64Array(this.#network.inputs());
    takeVector(call, 'input', input, values.length, 'the network takes', values);
    return this.#next(call, { activate: values }).then((output) => output ?? new Float64Array());
  }

  /** Learns from the target of the last activation; `rate` is 0.1 if left out; 0 learns nothing. */
  propagate(rate: number | undefined, target: ArrayLike<number>): Promise<void> {
    const call = 'NetworkWorker.propagate';
    const step = takeRate(call, rate);
    const values = new Float64Array(this.#network.outputs());
    takeVector(call, 'target', target, values.length, 'the network gives', values);
    return this.#next(call, { propagate: values, rate: step }).then(() => undefined);
  }

  /**
   * Takes a message of Synaptic's protocol; the reply comes to `onmessage`. A `memoryBuffer` other
   * than the network's own memory is loaded first. Nothing is transferred, so every array stays
   * usable.
   */
  postMessage(message: SynapticRequest, _transfer?: unknown): void {
    const call = 'NetworkWorker.postMessage';
    if (typeof message !== 'object' || message === null) throw wrongType(call, 'message', 'an object', message);
    const reply = (data: SynapticReply) => this.onmessage?.({ data });
    const failed = (error: Error) => {
      if (this.onerror) this.onerror(error);
      // Who terminates does not wait for an answer.
      else if (error !== this.#ended) throw error;
    };
    if (message.action === 'startTraining') {
      this.#train(reply).catch(failed);
      return;
    }
    if (message.action !== 'activate' && message.action !== 'propagate') {
      throw wrongType(
        call,
        'message.action',
        "'activate', 'propagate' or 'startTraining'",
        (message as { action?: unknown }).action,
      );
    }
    if (message.memoryBuffer !== undefined) {
      if (!isVector(message.memoryBuffer)) {
        throw wrongType(call, 'message.memoryBuffer', 'a Float64Array', message.memoryBuffer);
      }
      if (!this.#network.optimized) this.#network.optimize();
      if (this.#network.optimized) this.#network.optimized.ownership(message.memoryBuffer);
    }
    const memoryBuffer = () => this.#network.memory;
    if (message.action === 'activate') {
      this.activate(message.input)
        .then((output) => reply({ action: 'activate', output: Array.from(output), memoryBuffer: memoryBuffer() }))
        .catch(failed);
    } else {
      this.propagate(message.rate, message.target)
        .then(() => reply({ action: 'propagate', memoryBuffer: memoryBuffer() }))
        .catch(failed);
    }
  }

  /** Ends the worker; calls that are not done are rejected. */
  terminate(): void {
    this.#run?.abort();
    this.#ended ??= new Error('the worker was terminated');
    this.#worker?.onfailure(this.#ended);
    if (this.#worker) releaseWorker(this.#worker);
    this.#worker = undefined;
    this.#takeBack();
  }

  async #train(reply: (data: SynapticReply) => void): Promise<void> {
    if (this.#ended) throw this.#ended;
    const set = this.#set;
    if (set === undefined)
      throw new TypeError('NetworkWorker: startTraining needs network.worker(memory, set, options)');
    const { schedule, log, ...options } = this.#options ?? {};
    const every = schedule?.every ?? (log === true ? 1 : log || 0);
    const report = (action: 'log' | 'schedule') => ({
      every,
      do: async (message: { iterations: number; error: number; rate: number }) => {
        reply({ action, message });
        return schedule?.do(message);
      },
    });
    const watched = every > 0 ? { schedule: report(schedule ? 'schedule' : 'log') } : {};
    this.#run = this.#trainer.trainAsync(set, { ...options, ...watched });
    const { iterations, error, time } = await this.#run;
    reply({ action: 'done', message: { iterations, error, time }, memoryBuffer: this.#network.memory });
  }

  #next(call: string, act: Act): Promise<Float64Array | undefined> {
    const result = this.#queue.then(() => this.#step(call, act));
    this.#queue = result.catch(() => {});
    return result;
  }

  #step(call: string, act: Act): Promise<Float64Array | undefined> {
    if (this.#ended) return Promise.reject(this.#ended);
    const live = this.#network.live(call);
    live.home.refuseWhileBusy(call);
    this.#worker ??= leaseWorker();
    const worker = this.#worker;
    const cargo = this.#cargo(live, worker.shared);
    const step = steps++;
    live.beginRun();
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        live.endRun();
        if (worker.dead) {
          this.#worker = undefined;
          this.#takeBack();
        }
        reject(error);
      };
      worker.onfailure = fail;
      worker.onmessage = (message: FromWorker) => {
        if (message.type === 'engram:failed') {
          fail(errorFrom(message));
        } else if (message.type === 'engram:stepped' && message.step === step) {
          worker.onfailure = () => {};
          live.endRun(message.memory);
          resolve(message.output);
        }
      };
      worker.post({ type: 'engram:step', step, cargo, act }, cargo.memory === undefined ? [] : [cargo.memory.buffer]);
    });
  }

  /** What a step brings along: a number where memory is shared, else the memory, and the program once. */
  #cargo(live: LiveNetwork, shared: boolean): StepCargo & { memory?: Float64Array<ArrayBuffer> } {
    const isNew = this.#lent?.live !== live;
    if (isNew) this.#takeBack();
    this.#lent ??= shared ? { live, loan: live.pin().core.lend() } : { live };
    const { loan } = this.#lent;
    if (loan !== undefined) return { loan };
    return { memory: new Float64Array(live.memory), ...(isNew ? { program: live.core.program() } : {}) };
  }

  /** Lets go of the network that was lent to the worker. */
  #takeBack(): void {
    if (this.#lent?.loan !== undefined) dropLoan(this.#lent.loan);
    this.#lent = undefined;
  }
}
