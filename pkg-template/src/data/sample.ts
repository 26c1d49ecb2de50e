// Samples as users write them.

/**
 * One sample. A plain pair has one input vector; a sequence has a list of them, one per step.
 * The output of a sequence is one vector, judged at its last step, or one per step, null where a
 * step has no target.
 */
export interface Sample {
  input: ArrayLike<number> | ArrayLike<number>[];
  output: ArrayLike<number> | (ArrayLike<number> | null)[];
}
