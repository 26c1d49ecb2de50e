// Cost functions, as functions one can call and as names of the engine.

import { COSTS } from '../engine/generated/tables.js';

/** What one output costs against its target; smaller is better. */
export type Cost = (target: number[], output: number[]) => number;

function sum(output: ArrayLike<number>, term: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < output.length; index++) total += term(index);
  return total;
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;
/** Inside logarithms, so that a certain mistake costs much, not infinity. */
const PUSH = 1e-15;

/** Cross-entropy of independent probabilities, summed over the outputs. */
const CROSS_ENTROPY = (target: ArrayLike<number>, output: ArrayLike<number>): number =>
  -sum(output, (index) => {
    const [wanted, given] = [at(target, index), at(output, index)];
    return wanted * Math.log(given + PUSH) + (1 - wanted) * Math.log(1 + PUSH - given);
  });
/** Squared error, averaged over the outputs. */
const MSE = (target: ArrayLike<number>, output: ArrayLike<number>): number =>
  sum(output, (index) => (at(target, index) - at(output, index)) ** 2) / output.length;
/** Number of outputs that round to another half than their target. */
const BINARY = (target: ArrayLike<number>, output: ArrayLike<number>): number =>
  sum(output, (index) => Number(Math.round(at(target, index) * 2) !== Math.round(at(output, index) * 2)));

/**
 * The built-in costs, which take typed arrays too. On a softmax output layer the engine reports cross-entropy of the
 * distribution instead of that of independent probabilities.
 */
export const cost = { CROSS_ENTROPY, MSE, BINARY };

/** @internal The engine's name of a built-in cost; undefined for any other function. */
export function costName(given: Cost): (typeof COSTS)[number] | undefined {
  const functions = { crossEntropy: CROSS_ENTROPY, mse: MSE, binary: BINARY };
  return COSTS.find((name) => functions[name] === given);
}
