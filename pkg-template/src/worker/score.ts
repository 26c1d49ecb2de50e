// How well a network does on some samples.

/** Mean cost per target, and the share of answers that are right. */
export interface Score {
  /** Mean cost per target. */
  error: number;
  /**
   * Share of answers that are right, 0 to 1. Softmax outputs give one answer to a target, the class with the largest
   * output; logistic ones (`HARD_SIGMOID` and `HLIM`, too) one each, right on the target's side of 0.5. Outputs that are values, such as
   * linear ones, are neither right nor wrong: then it is left out.
   */
  accuracy?: number;
}

/** @internal A score of the engine, which gives NaN for no accuracy. */
export function scoreOf(error: number, accuracy: number): Score {
  return Number.isNaN(accuracy) ? { error } : { error, accuracy };
}
