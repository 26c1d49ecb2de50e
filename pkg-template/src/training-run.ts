// A training run in a worker, as a promise that can be steered and watched.

import { type FlatSet, meanCost, toEngine } from './data-set.js';
import { dropParcel, loseHelper } from './generated/engram.js';
import type { LiveNetwork } from './live-network.js';
import type { FromWorker, Question, RunOptions, Score, Stopped } from './protocol.js';
import { WORD } from './words.js';
import { errorFrom, leaseWorker, lendHelper, releaseWorker, type WorkerThread } from './worker-thread.js';

/** How well a network does, on the samples trained on and on those held out. */
export interface Scores {
  /** On the samples trained on, while they were trained on. */
  training: Score;
  /** On the samples held out, if there are any; `error` and `accuracy` are these then. */
  validation?: Score;
}

/** The scores of a run that holds samples out, or not. */
export function scores(options: RunOptions, judged: Score, training: Score): Scores {
  const { error, accuracy } = judged;
  return options.heldOut > 0 ? { training, validation: { error, accuracy } } : { training };
}

/** How a run ended. */
export interface TrainingResult extends Scores {
  /** Error of the last iteration. */
  error: number;
  /** Iterations (epochs) that were begun. */
  iterations: number;
  /** Milliseconds. */
  time: number;
  /** Share of targets in the last iteration whose class was right, 0 to 1. */
  accuracy: number;
  /** Why it ended. */
  stopped: Stopped;
}

/** How a run goes. */
export interface TrainingProgress extends Scores {
  /** Iterations (epochs) that were finished. */
  iteration: number;
  /** Iterations that were asked for. */
  iterations: number;
  /** Error of the last finished iteration; 1 before. */
  error: number;
  /** Share of right classes in the last finished iteration, 0 to 1. */
  accuracy: number;
  /** Learning rate. */
  rate: number;
  /** Samples trained on so far. */
  examples: number;
  /** Milliseconds so far. */
  time: number;
}

/** The user's functions that a run calls, always on the page. */
export interface Callbacks {
  rate?: (iteration: number, lastError: number) => number;
  cost?: (target: ArrayLike<number>, output: ArrayLike<number>) => number;
  /** Prints or decides what is due at this iteration; true stops the run. */
  schedule(iteration: number, error: number, rate: number): unknown;
  progress(progress: TrainingProgress): void;
}

let runs = 0;

/** Answers a run's question with the user's functions. */
export function answer(question: Question, callbacks: Callbacks, set: FlatSet): unknown {
  switch (question.about) {
    case 'rate':
      return callbacks.rate?.(question.iteration, question.lastError);
    case 'cost':
      return callbacks.cost && meanCost(set, question.outputs, question.steps, callbacks.cost);
    case 'schedule':
      return callbacks.schedule(question.iteration, question.error, question.rate);
  }
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
  #control: (control: 'abort' | 'pause' | 'resume') => void = () => {};
  #ended = false;
  #latest: TrainingProgress | undefined;
  readonly #waiting = new Set<() => void>();

  /** Promises made from this one, by `then` and others, are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** @internal */
  static start(
    live: LiveNetwork,
    set: FlatSet,
    options: RunOptions,
    threads: number,
    callbacks: Callbacks,
  ): TrainingRun {
    let settle: { resolve(result: TrainingResult): void; reject(error: unknown): void } | undefined;
    const run = new TrainingRun((resolve, reject) => {
      settle = { resolve, reject };
    });
    const progressed = (progress: TrainingProgress) => {
      run.#latest = progress;
      run.#wake();
      callbacks.progress(progress);
    };
    const { control, result } = trainInWorker(live, set, options, threads, {
      ...callbacks,
      progress: progressed,
    });
    run.#control = control;
    const end = () => {
      run.#ended = true;
      run.#wake();
    };
    result.then(
      (value) => {
        end();
        settle?.resolve(value);
      },
      (error: unknown) => {
        end();
        settle?.reject(error);
      },
    );
    return run;
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
    if (!this.#ended) this.#control('abort');
  }

  /** Waits after the batch it is at, until `resume`. */
  pause(): void {
    if (!this.#ended) this.#control('pause');
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (!this.#ended) this.#control('resume');
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

interface Steering {
  control(control: 'abort' | 'pause' | 'resume'): void;
  result: Promise<TrainingResult>;
}

function trainInWorker(
  live: LiveNetwork,
  set: FlatSet,
  options: RunOptions,
  threads: number,
  callbacks: Callbacks,
): Steering {
  const number = runs++;
  const start = performance.now();
  let worker: WorkerThread | undefined;
  const control: Steering['control'] = (what) => {
    // The words reach a run on shared memory at once, the message one on a memory of its own.
    if (what === 'abort') Atomics.store(live.words, WORD.abort, 1);
    else Atomics.store(live.words, WORD.pause, what === 'pause' ? 1 : 0);
    worker?.post({ type: 'engram:control', run: number, control: what });
  };
  live.beginRun();
  const result = new Promise<TrainingResult>((resolve, reject) => {
    let parcel: number | undefined;
    let thrown: { error: unknown } | undefined;
    const end = (image?: Float64Array) => {
      if (worker) releaseWorker(worker);
      if (parcel !== undefined) dropParcel(parcel);
      live.endRun(image);
    };
    const fail = (error: unknown) => {
      end();
      reject(thrown ? thrown.error : error);
    };
    const reply = async (question: number, ask: Question) => {
      try {
        worker?.post({ type: 'engram:answer', question, value: await answer(ask, callbacks, set) });
      } catch (error) {
        thrown = { error };
        worker?.post({ type: 'engram:answer', question, error: String(error) });
      }
    };
    const heard = (message: FromWorker) => {
      if (!('run' in message) || message.run !== number) {
        if (message.type === 'engram:failed') fail(errorFrom(message));
        return;
      }
      switch (message.type) {
        case 'engram:progress': {
          if (message.parameters) live.core.publish(message.parameters);
          const { iteration, error, accuracy, rate, examples } = message;
          const time = performance.now() - start;
          const { iterations } = options;
          const judged = scores(options, message, message.training);
          try {
            callbacks.progress({ iteration, iterations, error, accuracy, rate, examples, time, ...judged });
          } catch (error) {
            thrown = { error };
            control('abort');
          }
          return;
        }
        case 'engram:ask':
          void reply(message.question, message.ask);
          return;
        case 'engram:done': {
          const { error, iteration, accuracy, stopped } = message;
          end(message.memory);
          if (thrown) reject(thrown.error);
          else {
            const time = performance.now() - start;
            const judged = scores(options, message, message.training);
            resolve({ error, iterations: iteration, time, accuracy, stopped, ...judged });
          }
          return;
        }
        case 'engram:failed':
          fail(errorFrom(message));
      }
    };
    try {
      worker = leaseWorker();
      worker.onmessage = heard;
      worker.onfailure = fail;
      if (worker.shared) {
        const data = toEngine(set);
        parcel = live.core.pack(data);
        data.free();
        worker.post({ type: 'engram:train', run: number, cargo: { parcel }, options });
        const helped = parcel;
        for (let helper = 1; helper < threads; helper++) lendHelper(helped, () => loseHelper(helped));
      } else {
        const cargo = {
          program: live.core.program(),
          memory: new Float64Array(live.memory),
          parameters: live.parameterCount,
          set,
        };
        worker.post({ type: 'engram:train', run: number, cargo, options });
      }
    } catch (error) {
      fail(error);
    }
  });
  return { control, result };
}
