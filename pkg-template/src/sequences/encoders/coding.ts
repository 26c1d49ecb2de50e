// What an encoder does, whatever its kind: how inputs become steps, and what that takes from a training set.

/** Bounds of counts of values or symbols. */
export const counted = { min: 1, max: 65_536, integer: true } as const;

/** An input, and the field of a call that it stands in. */
export interface NamedInput {
  field: string;
  input: unknown;
}

/** One kind of encoder. Inputs come from users, so every method checks them. */
export interface Coding<JSON> {
  /** Values per step. 0 while that depends on a training set that was not seen yet. */
  readonly size: number;
  /** Length of the vector that a model learns for every symbol; 0 where steps go in as they are. */
  readonly embedding: number;
  /**
   * What was taken from a training set, never changed in place; null before, and where there is nothing to
   * take. Setting it takes back, or forgets, what was learnt.
   */
  learnt: unknown;
  /** Takes from the training set what has to be known of it. What is refused changes nothing. */
  study(call: string, inputs: readonly NamedInput[]): void;
  /** Steps of an input: (steps, size). None for an empty input. */
  steps(call: string, field: string, input: unknown): number[][];
  /** What each step of an input stands for, in the input's own words: as many texts as steps. */
  parts(call: string, field: string, input: unknown): string[];
  toJSON(): JSON;
}

/** An encoding that is the same whatever the training set. */
export abstract class FixedCoding<JSON> implements Coding<JSON> {
  abstract readonly size: number;
  readonly embedding = 0;
  get learnt(): unknown {
    return null;
  }
  set learnt(_: unknown) {}
  study(call: string, inputs: readonly NamedInput[]): void {
    for (const { field, input } of inputs) this.check(call, field, input);
  }
  /** Refuses inputs of another kind. */
  protected abstract check(call: string, field: string, input: unknown): void;
  abstract steps(call: string, field: string, input: unknown): number[][];
  abstract parts(call: string, field: string, input: unknown): string[];
  abstract toJSON(): JSON;
}

/** An encoding that has not learnt yet what it needs. */
export const notFitted = (call: string, what: string): TypeError =>
  new TypeError(`${call}: the encoder has ${what} yet; fit it first`);
