// A worker for one network: promises, and the messages that Synaptic's workers speak.

import { isVector, outOfRange, takeRate, takeVector, wrongType } from '../checks/errors.js';
import type { TrainingSet } from '../data/data-set.js';
import { dropLoan } from '../engine/runs.js';
import type { LiveNetwork } from '../graph/live-network.js';
import type { ScheduleReport, TrainingOptions } from '../training/options.js';
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
  | { action: 'propagate'; target: ArrayLike<number>; rate?: number | number[]; memoryBuffer?: Float64Array }
  | { action: 'startTraining' };

/** What Synaptic's worker answers. */
export type SynapticReply =
  | { action: 'activate'; output: number[]; memoryBuffer: Float64Array }
  | { action: 'propagate'; memoryBuffer: Float64Array }
  | { action: 'log' | 'schedule'; message: ScheduleReport }
  | { action: 'done'; message: { iterations: number; error: number; time: number }; memoryBuffer: Float64Array };

/** The event of a message that failed. */
export interface NetworkWorkerErrorEvent extends Event {
  /** What happened. */
  readonly message: string;
  /** The error. */
  readonly error: unknown;
}

/** The events of {@link NetworkWorker}. */
export interface NetworkWorkerEventMap {
  /** A reply, {@link SynapticReply}, as `data`. */
  message: MessageEvent;
  /** A message failed. */
  error: NetworkWorkerErrorEvent;
  /** Never happens; every worker has it. */
  messageerror: MessageEvent;
}

/** What `addEventListener` takes, in pages and in Node. */
type Listening = Parameters<EventTarget['addEventListener']>;

/** Rates as Synaptic's pages post them: those of 2014 post the whole list, of which a run starts with the first. */
function postedRate(call: string, rate: unknown): unknown {
  if (!Array.isArray(rate)) return rate;
  if (rate.length === 0) throw outOfRange(call, 'message.rate', 'at least one number', rate);
  return rate[0];
}

/** The largest number that divides both; 0 stands for none. */
function commonDivisor(a: number, b: number): number {
  return b > 0 ? commonDivisor(b, a % b) : a;
}

let steps = 0;

/**
 * Activates and trains a network in a worker, a call at a time in the order they were made. After
 * each, the network on the page is what the worker made of it. It is also what Synaptic's `network.worker()` is: an
 * `EventTarget` with the messages of a `Worker`.
 *
 * @example
 * const worker = network.worker();
 * const output = await worker.activate([1, 0]);
 * await worker.propagate(0.3, [1]);
 * worker.terminate();
 */
export class NetworkWorker extends EventTarget {
  /** Receives the replies to `postMessage`, {@link SynapticReply}, as `event.data`. */
  onmessage: ((event: MessageEvent) => unknown) | null = null;
  /** Receives the error of a message that failed. An error that nobody listens for is an unhandled rejection. */
  onerror: ((event: NetworkWorkerErrorEvent) => unknown) | null = null;
  /** Never called: what a page posts can be read here. */
  onmessageerror: ((event: MessageEvent) => unknown) | null = null;
  /** Whether anybody ever listened for errors. */
  #isHeard = false;
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
    super();
    if (network.optimized === null) network.optimize();
    this.#network = network;
    this.#set = set;
    this.#options = options;
    this.#trainer = trainer;
    super.addEventListener('message', (event) => this.onmessage?.(event as MessageEvent));
    super.addEventListener('error', (event) => this.onerror?.(event as NetworkWorkerErrorEvent));
  }

  /** Calls `listener` with every event of a kind: replies to `postMessage` as `'message'`, failures as `'error'`. */
  override addEventListener<Kind extends keyof NetworkWorkerEventMap>(
    type: Kind,
    listener: (event: NetworkWorkerEventMap[Kind]) => unknown,
    options?: Listening[2],
  ): void;
  override addEventListener(type: string, listener: Listening[1], options?: Listening[2]): void;
  override addEventListener(type: string, listener: Listening[1], options?: Listening[2]): void {
    if (type === 'error' && listener) this.#isHeard = true;
    super.addEventListener(type, listener, options);
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
   * Takes a message of Synaptic's protocol; the reply comes as an event `'message'`. A `memoryBuffer` other
   * than the network's own memory is loaded first. Nothing is transferred, so every array stays
   * usable. After `terminate` nothing happens.
   *
   * @throws TypeError or RangeError for a message that is none of {@link SynapticRequest}.
   */
  postMessage(message: SynapticRequest, _transfer?: unknown): void {
    const call = 'NetworkWorker.postMessage';
    if (typeof message !== 'object' || message === null) throw wrongType(call, 'message', 'an object', message);
    if (this.#ended) return;
    const { action } = message as { action?: unknown };
    if (message.action === 'startTraining') {
      this.#answer(this.#train());
      return;
    }
    if (message.action !== 'activate' && message.action !== 'propagate') {
      throw wrongType(call, 'message.action', "'activate', 'propagate' or 'startTraining'", action);
    }
    const rate = message.action === 'propagate' ? postedRate(call, message.rate) : undefined;
    if (message.memoryBuffer !== undefined) {
      if (!isVector(message.memoryBuffer)) {
        throw wrongType(call, 'message.memoryBuffer', 'a Float64Array', message.memoryBuffer);
      }
      if (!this.#network.optimized) this.#network.optimize();
      if (this.#network.optimized) this.#network.optimized.ownership(message.memoryBuffer);
    }
    const memoryBuffer = () => this.#network.memory;
    if (message.action === 'activate') {
      const done = this.activate(message.input);
      this.#answer(
        done.then((output) => ({ action: 'activate', output: Array.from(output), memoryBuffer: memoryBuffer() })),
      );
    } else {
      const done = this.propagate(rate as number | undefined, message.target);
      this.#answer(done.then(() => ({ action: 'propagate', memoryBuffer: memoryBuffer() })));
    }
  }

  #reply(data: SynapticReply): void {
    if (!this.#ended) this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** Has a message answered by what it comes to. */
  #answer(reply: Promise<SynapticReply>): void {
    reply.then(
      (data) => this.#reply(data),
      (error: unknown) => {
        // Who terminates does not wait for an answer.
        if (error === this.#ended) return;
        if (this.onerror === null && !this.#isHeard) throw error;
        const { message } = error as Error;
        this.dispatchEvent(
          Object.defineProperties(new Event('error'), { message: { value: message }, error: { value: error } }),
        );
      },
    );
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

  /** Trains on the worker's own set; tells of what is due by messages, as Synaptic's worker does. */
  async #train(): Promise<SynapticReply> {
    const set = this.#set;
    if (set === undefined)
      throw new TypeError('NetworkWorker: startTraining needs network.worker(memory, set, options)');
    const { schedule, customLog, log, ...options } = this.#options ?? {};
    const [scheduled, logged] = [Number((customLog ?? schedule)?.every || 0), Number(log || 0)];
    // Functions stay on the page, where whoever handles the message calls them: so it is in Synaptic.
    const tell = (message: ScheduleReport) => {
      if (message.iterations % scheduled === 0) this.#reply({ action: 'schedule', message });
      else if (message.iterations % logged === 0) this.#reply({ action: 'log', message });
    };
    const every = commonDivisor(scheduled, logged);
    const watched = every > 0 ? { schedule: { every, do: tell } } : {};
    this.#run = this.#trainer.trainAsync(set, { ...options, ...watched });
    const { iterations, error, time } = await this.#run;
    return { action: 'done', message: { iterations, error, time }, memoryBuffer: this.#network.memory };
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
