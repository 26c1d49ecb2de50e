// What users are told of a run, made of what the engine tells.

import type { RunOptions, Stopped } from '../engine/generated/tables.js';
import type { Outcome, Report } from '../worker/protocol.js';
import type { Score } from '../worker/score.js';

/** How well a network does, on the samples trained on and on those held out. */
export interface Scores {
  /** On the samples trained on, while they were trained on. */
  training: Score;
  /** On the samples held out, if there are any; `error` and `accuracy` are these then. */
  validation?: Score;
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
  /** Samples trained on so far, modulo 2^32. */
  examples: number;
  /** Milliseconds so far. */
  time: number;
  /** Samples trained on per second. */
  perSecond: number;
  /** Milliseconds until all iterations are done, at this pace. */
  timeLeft: number;
}

/** @internal Makes what users are told of one run. */
export class Reporter {
  readonly #options: RunOptions;
  readonly #hasHeldOut: boolean;
  readonly #start = performance.now();
  /** What was done before, by the run that this one goes on from. */
  #before: { iteration: number; examples: number } | undefined;

  constructor(options: RunOptions, hasHeldOut: boolean, resumed: boolean) {
    this.#options = options;
    this.#hasHeldOut = hasHeldOut;
    if (!resumed) this.#before = { iteration: 0, examples: 0 };
  }

  /** Milliseconds so far. */
  get time(): number {
    return performance.now() - this.#start;
  }

  #scores({ error, accuracy, training }: Outcome): Scores {
    return this.#hasHeldOut ? { training, validation: { error, accuracy } } : { training };
  }

  progress(report: Report): TrainingProgress {
    const { iteration, error, accuracy, rate, examples } = report;
    const { iterations } = this.#options;
    const { time } = this;
    this.#before ??= { iteration, examples };
    const done = iteration - this.#before.iteration;
    // The engine counts modulo 2^32.
    const perSecond = ((examples - this.#before.examples) >>> 0) / Math.max(time / 1000, 1e-9);
    const timeLeft = done > 0 ? ((iterations - iteration) * time) / done : Number.POSITIVE_INFINITY;
    const scores = this.#scores(report);
    return { iteration, iterations, error, accuracy, rate, examples, time, perSecond, timeLeft, ...scores };
  }

  result(stopped: Stopped, outcome: Outcome): TrainingResult {
    const { iteration, error, accuracy } = outcome;
    const scores = this.#scores(outcome);
    const result = { error, iterations: iteration, time: this.time, accuracy, stopped, ...scores };
    if (stopped !== 'diverged') return result;
    const advice =
      `the error or a weight became infinite or not a number in iteration ${iteration}; the weights are those ` +
      `of the iteration before. A lower rate helps${this.#options.clipNorm === null ? ', or clipNorm: 1' : ''}`;
    return { ...result, advice };
  }
}
