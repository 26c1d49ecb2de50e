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
  /** Error of the last iteration; with `patience`, and so accuracy and scores, of the one whose weights are kept. */
  error: number;
  /** Iterations (epochs) that were begun. */
  iterations: number;
  /** Milliseconds. */
  time: number;
  /** Share of answers that were right there, 0 to 1; left out as in {@link Score}. */
  accuracy?: number;
  /** Why it ended. */
  stopped: Stopped;
  /**
   * What happened and what may help: where the run diverged; where it ended, unless by `abort`, with an error on the
   * samples trained on above that of always answering with the mean of their targets (for classes, their shares);
   * where it missed its error goal and the error went up and down: of the last 20 iterations at least 8 were worse
   * than the one before, and most were above the best of all by a fifth of that mean's error and more; where `fit`
   * found no sample of a label. Errors say this by a built-in cost only, and the ups and downs are those that this run
   * saw, not those of a run that it goes on from.
   */
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
  /** Share of right answers in the last finished iteration, 0 to 1; left out as in {@link Score}. */
  accuracy?: number;
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
  readonly #remarks: readonly string[];
  readonly #start = performance.now();
  /** What was done before, by the run that this one goes on from. */
  #before: { iteration: number; examples: number } | undefined;

  /** `remarks` are what else there is to say of the run, as advice. */
  constructor(options: RunOptions, hasHeldOut: boolean, resumed: boolean, remarks: readonly string[] = []) {
    this.#options = options;
    this.#hasHeldOut = hasHeldOut;
    this.#remarks = remarks;
    if (!resumed) this.#before = { iteration: 0, examples: 0 };
  }

  /** Milliseconds so far. */
  get time(): number {
    return performance.now() - this.#start;
  }

  /** Scores of which those that the run is judged by come first. */
  #scores({ error, accuracy, training }: Pick<Outcome, 'error' | 'accuracy' | 'training'>): Score & Scores {
    const judged = accuracy === undefined ? { error } : { error, accuracy };
    return this.#hasHeldOut ? { ...judged, training, validation: judged } : { ...judged, training };
  }

  progress(report: Report): TrainingProgress {
    const { iteration, rate, examples } = report;
    const { iterations } = this.#options;
    const { time } = this;
    this.#before ??= { iteration, examples };
    const done = iteration - this.#before.iteration;
    // The engine counts modulo 2^32.
    const perSecond = ((examples - this.#before.examples) >>> 0) / Math.max(time / 1000, 1e-9);
    const timeLeft = done > 0 ? ((iterations - iteration) * time) / done : Number.POSITIVE_INFINITY;
    return { iteration, iterations, rate, examples, time, perSecond, timeLeft, ...this.#scores(report) };
  }

  result(stopped: Stopped, outcome: Outcome): TrainingResult {
    const result = { iterations: outcome.iteration, time: this.time, stopped, ...this.#scores(outcome) };
    const advice = [...this.#remarks, ...this.#findings(stopped, outcome)];
    return advice.length > 0 ? { ...result, advice: advice.join('; ') } : result;
  }

  /** What the errors say, a finding each. */
  #findings(stopped: Stopped, { iteration, training, baseline, swings }: Outcome): string[] {
    const clip = this.#options.clipNorm === null ? ', or clipNorm: 1' : '';
    if (stopped === 'diverged') {
      const kept = this.#options.patience > 0 ? 'best iteration' : 'iteration before';
      return [
        `the error or a weight became infinite or not a number in iteration ${iteration}; the weights are those ` +
          `of the ${kept}. A lower rate helps${clip}`,
      ];
    }
    if (stopped === 'aborted') return [];
    const found: string[] = [];
    if (baseline !== undefined && training.error > baseline) {
      const values = training.accuracy === undefined;
      found.push(
        `the error on the samples trained on, ${training.error.toPrecision(3)}, is no better than that of always answering ` +
          `with ${values ? 'the mean of the targets' : "the targets' shares"}, ${baseline.toPrecision(3)}. ` +
          `${values ? 'Scale the targets (about -1 to 1), lower' : 'Lower'} the rate, or train for more iterations ` +
          `(epochs)${stopped === 'error' ? ' with a lower error goal' : ''}`,
      );
    }
    if (swings && stopped !== 'error')
      found.push(`the error went up and down in the last iterations. A lower rate helps${clip}`);
    return found;
  }
}
