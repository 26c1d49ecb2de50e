// Samples as users write them.

/**
 * One sample. A plain pair has one input vector; a sequence has a list of them, one per step.
 * The output of a sequence is one vector, judged at its last step, or one per step, null where a
 * step has no target.
 */
export interface Sample {
  input: ArrayLike<number> | ArrayLike<number>[];
  output: ArrayLike<number> | (ArrayLike<number> | null)[];
  /**
   * How much the sample counts beside others: a finite number above 0. Default 1. Loss and gradient are multiplied by it;
   * weights are divided by their mean over the set's targets before, so that rates mean what they mean without. A
   * reported error is the weighted mean, an accuracy counts every sample once.
   */
  weight?: number;
}
