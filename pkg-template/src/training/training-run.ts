// A training run in a worker, as a promise that can be steered and watched.

import { inSlices, type Sliced } from '../checks/slices.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { packRun } from './pack.js';
import type { RunPlan } from './plan.js';
import type { TrainingProgress, TrainingResult } from './report.js';
import { ended, WorkerRun } from './worker-run.js';

interface Settlers {
  resolve(result: TrainingResult): void;
  reject(error: unknown): void;
}

/**
 * The promise that `Trainer.trainAsync` gives: of the result, and with controls.
 *
 * @example
 * const run = trainer.trainAsync(set, { iterations: 500 });
 * for await (const { iteration, error } of run) console.log(iteration, error);
 * const { error, stopped } = await run;
 */
export class TrainingRun extends Promise<TrainingResult> implements AsyncIterable<TrainingProgress> {
  /** Undefined while the run is being prepared. */
  #run: WorkerRun | undefined;
  #plan: RunPlan | undefined;
  #settlers: Settlers | undefined;
  /** What was asked for meanwhile. */
  #aborted = false;
  #paused = false;
  readonly #asking: (() => void)[] = [];
  #ended = false;
  #latest: TrainingProgress | undefined;
  readonly #waiting = new Set<() => void>();
  /** What is done when the run has ended, before anybody hears of it. To wait for the promise would count as handling it. */
  readonly #atEnd: (() => void)[] = [];

  /** Promises made from this one, by `then` and others, are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** A run that has not begun. */
  static #pending(): TrainingRun {
    let settlers: Settlers | undefined;
    const run = new TrainingRun((resolve, reject) => {
      settlers = { resolve, reject };
    });
    run.#settlers = settlers;
    return run;
  }

  /** @internal A run of a network in a worker. */
  static start(live: LiveNetwork, plan: RunPlan): TrainingRun {
    const run = TrainingRun.#pending();
    run.#begin(live, plan);
    return run;
  }

  /**
   * @internal A run that is prepared in slices, so that the page stays free. `prepare` begins it with what it is given,
   * as soon as that can be; what it throws rejects the run. Until then `abort`, `pause` and `checkpoint` are noted.
   * `ended` hears, before anybody else does, whether the run came to change the network: it was neither refused nor
   * aborted before.
   */
  static prepared(
    prepare: (begin: (live: LiveNetwork, plan: RunPlan) => void) => Sliced<void>,
    ended: (hasBegun: boolean) => void,
  ): TrainingRun {
    const run = TrainingRun.#pending();
    run.#atEnd.push(() => ended(run.#run?.hasBegun === true));
    const work = prepare((live, plan) => run.#begin(live, plan));
    const fail = (error: unknown) => {
      run.#end();
      run.#settlers?.reject(error);
    };
    inSlices(work, () => {}, fail);
    return run;
  }

  #begin(live: LiveNetwork, given: RunPlan): void {
    this.#plan = given;
    const plan = this.#aborted ? { ...given, signal: AbortSignal.abort() } : given;
    const progress = (report: TrainingProgress) => {
      this.#latest = report;
      this.#wake();
      return plan.callbacks.progress(report);
    };
    const started = new WorkerRun(live, { ...plan, callbacks: { ...plan.callbacks, progress } });
    this.#run = started;
    started.result.then(
      (value) => {
        this.#end();
        this.#settlers?.resolve(value);
      },
      (error: unknown) => {
        this.#end();
        this.#settlers?.reject(error);
      },
    );
    this.#obey(plan.signal);
    if (this.#paused) this.pause();
    for (const ask of this.#asking.splice(0)) ask();
  }

  #end(): void {
    this.#ended = true;
    for (const act of this.#atEnd.splice(0)) act();
    this.#wake();
    for (const ask of this.#asking.splice(0)) ask();
  }

  /** Aborts when a signal says so from now on; the run has been started as one that is aborted where it said so before. */
  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const abort = () => this.abort();
    const forget = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    this.#atEnd.push(forget);
  }

  /** @internal A run that was refused. */
  static refused(error: unknown): TrainingRun {
    const run = new TrainingRun((_, reject) => reject(error));
    run.#ended = true;
    return run;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Stops after the batch it is at; the promise resolves with `stopped: 'aborted'`. */
  abort(): void {
    this.#aborted = true;
    if (!this.#ended) this.#run?.control('abort');
  }

  /** Waits after the batch it is at, until `resume`. */
  pause(): void {
    this.#paused = true;
    if (!this.#ended) this.#run?.control('pause');
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#paused = false;
    if (!this.#ended) this.#run?.control('resume');
  }

  /**
   * The run as bytes, at the next safe point: `Trainer.resume` goes on from it as if the run had
   * never stopped, to the bit. Works while the run pauses, too.
   *
   * @throws TypeError (as a rejection) once the run has ended.
   */
  checkpoint(): Promise<Uint8Array> {
    return this.#checkpoint('TrainingRun.checkpoint');
  }

  #checkpoint(call: string): Promise<Uint8Array> {
    if (this.#ended) return Promise.reject(ended(call));
    if (this.#run !== undefined) return this.#run.checkpoint(call);
    return new Promise((resolve, reject) => {
      this.#asking.push(() => this.#checkpoint(call).then(resolve, reject));
    });
  }

  /**
   * The run as a file, at the next safe point, while it goes on: model, encoder, options, data and checkpoint, as
   * safetensors. `unpack` opens it, here, in another page, in Node or in Python, and goes on to the same bits. What the
   * page calls (`onProgress`, `onCheckpoint`, `schedule`) stays behind.
   *
   * @throws TypeError (as a rejection) once the run has ended, and where its rate or cost is a function, which a file
   *   cannot hold.
   */
  async pack(): Promise<Uint8Array> {
    const call = 'TrainingRun.pack';
    const checkpoint = await this.#checkpoint(call);
    return packRun(call, this.#plan as RunPlan, checkpoint);
  }

  /** Progress as it comes, at most every 50 ms; what comes between two looks is left out. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingProgress, void, undefined> {
    let seen: TrainingProgress | undefined;
    for (;;) {
      if (this.#latest !== undefined && this.#latest !== seen) {
        seen = this.#latest;
        yield seen;
      } else if (this.#ended) {
        // A failed run fails its watcher too.
        await this;
        return;
      } else {
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    }
  }
}
