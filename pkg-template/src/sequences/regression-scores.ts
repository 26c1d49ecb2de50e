// How far numbers that a model gives are from those that there are.

import { scaleOf } from './encoders/scale.js';

/** How far answers are from the targets. */
export interface RegressionScores {
  /** Mean absolute error, in the units of the target. */
  mae: number;
  /** Root of the mean squared error, in the units of the target. */
  rmse: number;
}

/** Errors of answers to targets, of which there is at least one; both have as many. */
export function errorsOf(targets: ArrayLike<number>, answers: ArrayLike<number>): RegressionScores {
  const distances = Array.from(targets, (target, index) =>
    Math.min(Math.abs(target - (answers[index] as number)), Number.MAX_VALUE),
  );
  const largest = distances.reduce((most, distance) => Math.max(most, distance), 0);
  if (largest === 0) return { mae: 0, rmse: 0 };
  // As shares of the largest, so that no square or sum is infinite.
  let [sum, squares] = [0, 0];
  for (const distance of distances) {
    const share = distance / largest;
    sum += share;
    squares += share * share;
  }
  return { mae: (sum / distances.length) * largest, rmse: Math.sqrt(squares / distances.length) * largest };
}

/** Errors of always answering with the mean of the targets. */
export function errorsOfMean(targets: readonly number[]): RegressionScores {
  const { mean } = scaleOf(targets);
  return errorsOf(targets, new Float64Array(targets.length).fill(mean));
}

/**
 * Share of the targets' variance that is explained (R squared). Where the targets are all the same there is nothing to
 * explain: 1 if every answer is right, else 0.
 */
export function explained(rmse: number, ofMean: number): number {
  if (ofMean === 0) return Number(rmse === 0);
  const ratio = rmse / ofMean;
  return Math.max(1 - ratio * ratio, -Number.MAX_VALUE);
}
