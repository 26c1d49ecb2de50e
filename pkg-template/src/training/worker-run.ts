// One run in a worker, from the page's side: what is posted, what is heard, and how it ends.

import { hold, posted, setsInEngine } from '../data/flat-set.js';
import { hasTrapped } from '../engine/instance.js';
import { dropParcel, loseHelper } from '../engine/runs.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { errorFrom, leaseWorker, lendHelper, releaseWorker } from '../worker/pool.js';
import type { Control, FromWorker, Question } from '../worker/protocol.js';
import { steer } from '../worker/service.js';
import type { WorkerThread } from '../worker/thread.js';
import { answer, hasHeldOut, type RunPlan } from './plan.js';
import { Reporter, type TrainingResult } from './report.js';

let runs = 0;
/** What is told to a call that comes too late. */
export const ended = (call: string): TypeError => new TypeError(`${call}: the run has ended`);

/** Trains a network in a worker, on its own memory where that is shared, else on copies. */
export class WorkerRun {
  /** The result; rejected where the run, the worker or one of the user's functions fails. */
  readonly result: Promise<TrainingResult>;
  /** Whether the run came to change the network: it was neither refused nor aborted before. */
  hasBegun = false;
  readonly #number = runs++;
  readonly #live: LiveNetwork;
  readonly #plan: RunPlan;
  readonly #reporter: Reporter;
  readonly #letGo: (() => void)[];
  /** Those who asked for a checkpoint. */
  readonly #askers: { call: string; resolve(checkpoint: Uint8Array): void; reject(error: Error): void }[] = [];
  /** The network is given back, and may be another run's: its words are no longer this one's to write. */
  #over = false;
  #worker: WorkerThread | undefined;
  #parcel: number | undefined;
  /** What one of the user's functions threw: the run ends with it. */
  #thrown: { error: unknown } | undefined;
  /** Settles when the user's functions have that give promises: the run has not ended before. */
  #waiting: Promise<void> = Promise.resolve();
  #resolve: (result: TrainingResult) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(live: LiveNetwork, plan: RunPlan) {
    this.#live = live;
    this.#plan = plan;
    this.#reporter = new Reporter(plan.options, hasHeldOut(plan), plan.resume !== undefined, plan.remarks);
    live.beginRun(plan.held);
    this.#letGo = [plan.sets.set, ...(plan.sets.heldOut ? [plan.sets.heldOut] : [])].map(hold);
    this.result = new Promise<TrainingResult>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    try {
      this.#start();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Steers the run. */
  control(control: Control): void {
    if (this.#over) return;
    // The words reach a run on shared memory at once, the message one on a memory of its own.
    steer(this.#live.words, control);
    this.#worker?.post({ type: 'engram:control', run: this.#number, control });
  }

  /** The run as bytes, at its next safe point, for a call. */
  checkpoint(call: string): Promise<Uint8Array> {
    if (this.#over) return Promise.reject(ended(call));
    return new Promise<Uint8Array>((resolve, reject) => {
      this.#askers.push({ call, resolve, reject });
      this.control('checkpoint');
    });
  }

  #start(): void {
    const { options, threads, resume, sets, signal } = this.#plan;
    const { core } = this.#live;
    const aborted = signal?.aborted === true;
    if (aborted) steer(this.#live.words, 'abort');
    const ordered = { type: 'engram:train', run: this.#number, options, resume, aborted } as const;
    const worker = leaseWorker();
    this.#worker = worker;
    worker.onmessage = (message) => this.#hear(message);
    worker.onfailure = (error) => this.#fail(error);
    if (worker.shared) {
      const parcel = setsInEngine(sets, (all) => core.pack(all));
      this.#parcel = parcel;
      worker.post({ ...ordered, cargo: { parcel } });
      for (let helper = 1; helper < threads; helper++) lendHelper(parcel, () => hasTrapped() || loseHelper(parcel));
      return;
    }
    const cargo = {
      program: core.program(),
      memory: new Float64Array(this.#live.memory),
      parameters: this.#live.parameterCount,
      set: posted(sets.set),
      heldOut: sets.heldOut && posted(sets.heldOut),
    };
    worker.post({ ...ordered, cargo });
  }

  /** Takes the network back, with what the run made of its memory where that is not shared. */
  #end(memory?: Float64Array): void {
    this.#over = true;
    if (this.#worker) releaseWorker(this.#worker);
    for (const letGo of this.#letGo) letGo();
    if (this.#parcel !== undefined && !hasTrapped()) dropParcel(this.#parcel);
    for (const { call, reject } of this.#askers.splice(0)) reject(ended(call));
    this.#live.endRun(memory);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#reject(this.#thrown ? this.#thrown.error : error);
  }

  /** Calls one of the user's functions; if it throws, or its promise rejects, the run is aborted, and ends with that. */
  #call(act: () => unknown): void {
    const called = async () => {
      try {
        await act();
      } catch (error) {
        this.#thrown ??= { error };
        this.control('abort');
      }
    };
    this.#waiting = Promise.all([this.#waiting, called()]).then(() => {});
  }

  #hear(message: FromWorker): void {
    if (!('run' in message) || message.run !== this.#number) {
      if (message.type === 'engram:failed') this.#fail(errorFrom(message));
      return;
    }
    switch (message.type) {
      case 'engram:begun':
        this.hasBegun = true;
        return;
      case 'engram:progress':
        this.#call(() => {
          if (message.parameters) this.#live.core.publish(message.parameters);
          return this.#plan.callbacks.progress(this.#reporter.progress(message));
        });
        return;
      case 'engram:checkpoint':
        this.#take(message.checkpoint);
        return;
      case 'engram:ask':
        void this.#reply(message.question, message.ask);
        return;
      case 'engram:done': {
        const result = this.#reporter.result(message.stopped, message);
        this.#end(message.memory);
        void this.#waiting.then(() => {
          if (this.#thrown) this.#reject(this.#thrown.error);
          else this.#resolve(result);
        });
        return;
      }
      case 'engram:failed':
        // The engine knows not what it was called for.
        this.#fail(errorFrom({ ...message, message: `${this.#plan.call}: ${message.message}` }));
    }
  }

  async #reply(question: number, ask: Question): Promise<void> {
    try {
      const value = await answer(ask, this.#plan.callbacks, this.#plan.sets);
      this.#worker?.post({ type: 'engram:answer', question, value });
    } catch (error) {
      this.#thrown = { error };
      this.#worker?.post({ type: 'engram:answer', question, error: String(error) });
    }
  }

  /** Gives a checkpoint to those who asked for one; else it was due, and the user's function saves it. */
  #take(checkpoint: Uint8Array): void {
    const askers = this.#askers.splice(0);
    for (const { resolve } of askers) resolve(checkpoint);
    if (askers.length > 0) return;
    this.#call(() => this.#plan.callbacks.checkpoint(checkpoint));
  }
}
