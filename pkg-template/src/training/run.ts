// A training run in a worker, as a promise that can be steered and watched.

import { type FlatSet, hold, inEngine, meanCost, posted } from '../data/flat-set.js';
import { dropParcel, hasTrapped, loseHelper } from '../engine/core.js';
import { WORD } from '../engine/words.js';
import type { LiveNetwork } from '../graph/live-network.js';
import type { Control, FromWorker, Outcome, Question, RunOptions } from '../worker/protocol.js';
import { errorFrom, leaseWorker, lendHelper, releaseWorker, type WorkerThread } from '../worker/thread.js';

/** Why a run ended. */
export type Stopped = 'iterations' | 'error' | 'crossValidation' | 'patience' | 'schedule' | 'aborted' | 'diverged';

/** Mean cost per target, and share of right classes (0 to 1). */
export interface Score {
  error: number;
  accuracy: number;
}

/** How well a network does, on the samples trained on and on those held out. */
export interface Scores {
  /** On the samples trained on, while they were trained on. */
  training: Score;
  /** On the samples held out, if there are any; `error` and `accuracy` are these then. */
  validation?: Score;
}

/** The scores of a run that holds samples out, or not. */
function scores(options: RunOptions, judged: Score, training: Score): Scores {
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
  /** What happened and what may help, where it diverged. */
  advice?: string;
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
  /** Samples trained on per second. */
  perSecond: number;
  /** Milliseconds until all iterations are done, at this pace. */
  timeLeft: number;
}

/** @internal The user's functions that a run calls, always on the page. */
export interface Callbacks {
  rate?: (iteration: number, lastError: number) => number;
  cost?: (target: ArrayLike<number>, output: ArrayLike<number>) => number;
  /** Prints or decides what is due at this iteration; true stops the run. */
  schedule(iteration: number, error: number, rate: number): unknown;
  progress(progress: TrainingProgress): void;
  /** Takes a checkpoint that was due. */
  checkpoint(checkpoint: Uint8Array): unknown;
}

/** @internal What a run is started with, beside its network and set. */
export interface RunPlan {
  options: RunOptions;
  threads: number;
  callbacks: Callbacks;
  /** A checkpoint to go on from. */
  resume?: Uint8Array;
}

/** @internal What the engine tells of a run, wherever it runs. */
interface Report extends Outcome {
  rate: number;
  examples: number;
}

/** @internal Makes what users are told of what the engine tells. */
export class Reporter {
  readonly #options: RunOptions;
  readonly #start = performance.now();
  /** What was done before, by the run that this one goes on from. */
  #before: { iteration: number; examples: number } | undefined;

  constructor(options: RunOptions, resumed: boolean) {
    this.#options = options;
    if (!resumed) this.#before = { iteration: 0, examples: 0 };
  }

  /** Milliseconds so far. */
  get time(): number {
    return performance.now() - this.#start;
  }

  progress({ iteration, error, accuracy, rate, examples, training }: Report): TrainingProgress {
    const { iterations } = this.#options;
    const { time } = this;
    this.#before ??= { iteration, examples };
    const done = iteration - this.#before.iteration;
    // The engine counts modulo 2^32.
    const perSecond = ((examples - this.#before.examples) >>> 0) / Math.max(time / 1000, 1e-9);
    const timeLeft = done > 0 ? ((iterations - iteration) * time) / done : Number.POSITIVE_INFINITY;
    const judged = scores(this.#options, { error, accuracy }, training);
    return { iteration, iterations, error, accuracy, rate, examples, time, perSecond, timeLeft, ...judged };
  }

  result(stopped: Stopped, { iteration, error, accuracy, training }: Outcome): TrainingResult {
    const judged = scores(this.#options, { error, accuracy }, training);
    const result = { error, iterations: iteration, time: this.time, accuracy, stopped, ...judged };
    if (stopped !== 'diverged') return result;
    const advice =
      `the error or a weight became infinite or not a number in iteration ${iteration}; the weights are those ` +
      `of the iteration before. A lower rate helps${this.#options.clipNorm === null ? ', or clipNorm: 1' : ''}`;
    return { ...result, advice };
  }
}

let runs = 0;
const ENDED = 'TrainingRun.checkpoint: the run has ended';

/** @internal Answers a run's question with the user's functions. */
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
  #control: (control: Control) => void = () => {};
  #checkpoint: () => Promise<Uint8Array> = () => Promise.reject(new TypeError(ENDED));
  #ended = false;
  #latest: TrainingProgress | undefined;
  readonly #waiting = new Set<() => void>();

  /** Promises made from this one, by `then` and others, are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** @internal */
  static start(live: LiveNetwork, set: FlatSet, plan: RunPlan): TrainingRun {
    let settle: { resolve(result: TrainingResult): void; reject(error: unknown): void } | undefined;
    const run = new TrainingRun((resolve, reject) => {
      settle = { resolve, reject };
    });
    const progress = (report: TrainingProgress) => {
      run.#latest = report;
      run.#wake();
      plan.callbacks.progress(report);
    };
    const { control, checkpoint, result } = trainInWorker(live, set, {
      ...plan,
      callbacks: { ...plan.callbacks, progress },
    });
    run.#control = control;
    run.#checkpoint = checkpoint;
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

  /**
   * The run as bytes, at the next safe point: `Trainer.resume` goes on from it as if the run had
   * never stopped, to the bit. Works while the run pauses, too.
   *
   * @throws TypeError (as a rejection) once the run has ended.
   */
  checkpoint(): Promise<Uint8Array> {
    return this.#ended ? Promise.reject(new TypeError(ENDED)) : this.#checkpoint();
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
  control(control: Control): void;
  checkpoint(): Promise<Uint8Array>;
  result: Promise<TrainingResult>;
}

function trainInWorker(live: LiveNetwork, set: FlatSet, plan: RunPlan): Steering {
  const { options, threads, callbacks, resume } = plan;
  const number = runs++;
  const reporter = new Reporter(options, resume !== undefined);
  let worker: WorkerThread | undefined;
  const control: Steering['control'] = (what) => {
    // The words reach a run on shared memory at once, the message one on a memory of its own.
    if (what === 'abort' || what === 'checkpoint') Atomics.store(live.words, WORD[what], 1);
    else Atomics.store(live.words, WORD.pause, what === 'pause' ? 1 : 0);
    worker?.post({ type: 'engram:control', run: number, control: what });
  };
  const wanted: { resolve(checkpoint: Uint8Array): void; reject(error: Error): void }[] = [];
  const checkpoint = () =>
    new Promise<Uint8Array>((resolve, reject) => {
      wanted.push({ resolve, reject });
      control('checkpoint');
    });
  live.beginRun();
  const letGo = hold(set);
  const result = new Promise<TrainingResult>((resolve, reject) => {
    let parcel: number | undefined;
    let thrown: { error: unknown } | undefined;
    const end = (image?: Float64Array) => {
      if (worker) releaseWorker(worker);
      letGo();
      if (parcel !== undefined && !hasTrapped()) dropParcel(parcel);
      for (const { reject } of wanted.splice(0)) reject(new TypeError(ENDED));
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
    // The run has not ended before what it gave away is kept.
    let kept: Promise<void> = Promise.resolve();
    const keep = async (checkpoint: Uint8Array) => {
      try {
        await callbacks.checkpoint(checkpoint);
      } catch (error) {
        thrown = { error };
        control('abort');
      }
    };
    const heard = (message: FromWorker) => {
      if (!('run' in message) || message.run !== number) {
        if (message.type === 'engram:failed') fail(errorFrom(message));
        return;
      }
      switch (message.type) {
        case 'engram:progress': {
          try {
            if (message.parameters) live.core.publish(message.parameters);
            callbacks.progress(reporter.progress(message));
          } catch (error) {
            thrown = { error };
            control('abort');
          }
          return;
        }
        case 'engram:checkpoint': {
          const asked = wanted.splice(0);
          for (const { resolve } of asked) resolve(message.checkpoint);
          if (asked.length === 0) kept = Promise.all([kept, keep(message.checkpoint)]).then(() => {});
          return;
        }
        case 'engram:ask':
          void reply(message.question, message.ask);
          return;
        case 'engram:done': {
          const result = reporter.result(message.stopped, message);
          end(message.memory);
          void kept.then(() => {
            if (thrown) reject(thrown.error);
            else resolve(result);
          });
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
        const helped = inEngine(set, (data) => live.core.pack(data));
        parcel = helped;
        worker.post({ type: 'engram:train', run: number, cargo: { parcel }, options, resume });
        for (let helper = 1; helper < threads; helper++) lendHelper(helped, () => hasTrapped() || loseHelper(helped));
      } else {
        const cargo = {
          program: live.core.program(),
          memory: new Float64Array(live.memory),
          parameters: live.parameterCount,
          set: posted(set),
        };
        worker.post({ type: 'engram:train', run: number, cargo, options, resume });
      }
    } catch (error) {
      fail(error);
    }
  });
  return { control, checkpoint, result };
}
