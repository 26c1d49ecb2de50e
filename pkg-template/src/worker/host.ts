// The host of a run: what the engine calls while it trains (`bindings/driver.rs`), on any thread.

import type { Run } from '../engine/runs.js';
import type { Outcome, Question, Report } from './protocol.js';
import { scoreOf } from './score.js';

/** What a run tells its host, and asks of it. */
export interface Listener {
  /** Gives the answer, or a promise of it where the run can wait. */
  ask(question: Question): unknown;
  report(report: Report): void;
  /** Takes a checkpoint that was asked for, or was due. */
  checkpoint(checkpoint: Uint8Array): void;
}

/** Where a run can wait: what lets other work in between. */
export interface Waiting {
  /** Resolves once the messages that have arrived were handled. */
  idle(): Promise<void>;
  /** Resolves after a while. */
  paused(): Promise<void>;
}

/** The object that the engine's driver calls. */
export function hostOf(listener: Listener, waiting?: Waiting) {
  return {
    rate: (iteration: number, lastError: number) => listener.ask({ about: 'rate', iteration, lastError }),
    cost: (outputs: Float64Array, steps: Uint32Array) => listener.ask({ about: 'cost', outputs, steps }),
    schedule: (iteration: number, error: number, rate: number) =>
      listener.ask({ about: 'schedule', iteration, error, rate }),
    progress: (
      iteration: number,
      error: number,
      accuracy: number,
      rate: number,
      examples: number,
      trainingError: number,
      trainingAccuracy: number,
    ) => {
      const training = scoreOf(trainingError, trainingAccuracy);
      listener.report({ iteration, ...scoreOf(error, accuracy), rate, examples, training });
    },
    checkpoint: (checkpoint: Uint8Array) => listener.checkpoint(checkpoint),
    ...waiting,
  };
}

/** What a run that has ended says. */
export function outcomeOf(run: Run): Outcome {
  const [iteration = 0, error = 0, accuracy = 0, trainingError = 0, trainingAccuracy = 0, baseline = 0, swings = 0] =
    run.outcome();
  return {
    iteration,
    ...scoreOf(error, accuracy),
    training: scoreOf(trainingError, trainingAccuracy),
    baseline: Number.isNaN(baseline) ? undefined : baseline,
    swings: swings > 0,
  };
}
