// How well a network does on some samples.

/** Mean cost per target, and share of right classes (0 to 1). */
export interface Score {
  error: number;
  accuracy: number;
}
