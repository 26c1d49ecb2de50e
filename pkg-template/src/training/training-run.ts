// A training run in a worker, as a promise that can be steered and watched.

import type { LiveNetwork } from '../graph/live-network.js';
import type { RunPlan } from './plan.js';
import type { TrainingProgress, TrainingResult } from './report.js';
import { ENDED, WorkerRun } from './worker-run.js';

/**
 * The promise that `Trainer.trainAsync` gives: of the result, and with controls.
 *
 * @example
 * const run = trainer.trainAsync(set, { iterations: 500 });
 * for await (const { iteration, error } of run) console.log(iteration, error);
 * const { error, stopped } = await run;
 */
export class TrainingRun extends Promise<TrainingResult> implements AsyncIterable<TrainingProgress> {
  #run: WorkerRun | undefined;
  #ended = false;
  #latest: TrainingProgress | undefined;
  readonly #waiting = new Set<() => void>();

  /** Promises made from this one, by `then` and others, are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** @internal A run of a network in a worker. */
  static start(live: LiveNetwork, plan: RunPlan): TrainingRun {
    let settlers: { resolve(result: TrainingResult): void; reject(error: unknown): void } | undefined;
    const run = new TrainingRun((resolve, reject) => {
      settlers = { resolve, reject };
    });
    const progress = (report: TrainingProgress) => {
      run.#latest = report;
      run.#wake();
      plan.callbacks.progress(report);
    };
    const started = new WorkerRun(live, { ...plan, callbacks: { ...plan.callbacks, progress } });
    run.#run = started;
    const end = () => {
      run.#ended = true;
      run.#wake();
    };
    started.result.then(
      (value) => {
        end();
        settlers?.resolve(value);
      },
      (error: unknown) => {
        end();
        settlers?.reject(error);
      },
    );
    run.#obey(plan.signal);
    return run;
  }

  /** Aborts when a signal says so from now on; the run has been started as one that is aborted where it said so before. */
  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const abort = () => this.abort();
    const forget = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    this.then(forget, forget);
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
    if (!this.#ended) this.#run?.control('abort');
  }

  /** Waits after the batch it is at, until `resume`. */
  pause(): void {
    if (!this.#ended) this.#run?.control('pause');
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (!this.#ended) this.#run?.control('resume');
  }

  /**
   * The run as bytes, at the next safe point: `Trainer.resume` goes on from it as if the run had
   * never stopped, to the bit. Works while the run pauses, too.
   *
   * @throws TypeError (as a rejection) once the run has ended.
   */
  checkpoint(): Promise<Uint8Array> {
    if (this.#ended || this.#run === undefined) return Promise.reject(new TypeError(ENDED));
    return this.#run.checkpoint();
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
