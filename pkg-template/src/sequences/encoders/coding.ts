// What an encoder does, whatever its kind: how inputs become steps, and what that takes from a training set.

import type { Sliced } from '../../checks/slices.js';

/** Bounds of counts of values, and of the length of what is learnt for a symbol. */
export const counted = { min: 1, max: 65_536, integer: true } as const;
/** Bounds of counts of symbols. */
export const countedSymbols = { min: 1, max: 1_000_000, integer: true } as const;

/** An input, and the field of a call that it stands in. */
export interface NamedInput {
  field: string;
  input: unknown;
  /** How much it counts in training; 1 if left out. */
  weight?: number;
}

/**
 * Inputs step by step, as one number each: `symbols` are the place of the only 1 of a step, `bits` the values of a step
 * as those of a byte, see `data/flat-set`.
 */
export interface Codes {
  form: 'symbols' | 'bits';
  steps: Uint32Array | Uint8Array;
}

/** A piece of an input (a character, a word, a symbol, a row), and what it did to an answer. */
export interface ExplainedPart {
  /** The piece in the input's own words; of a series the number of the row, from 1. */
  part: string;
  /** How much it moved the answer, in the units of that. */
  attribution: number;
  /** Of a series: the same by channel; of channels with gaps, that a value is there counts for it. */
  channels?: number[];
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
  /** Takes from the training set what has to be known of it, in slices where it can. What is refused changes nothing. */
  study(call: string, inputs: readonly NamedInput[]): Sliced<void> | void;
  /**
   * Makes ready to know what inputs have that is not known yet, behind what is; `renew` measures series anew. What this
   * gives does so, and gives what takes it back; what is refused changes nothing.
   */
  extended?(call: string, inputs: readonly NamedInput[], renew: boolean): () => () => void;
  /** Steps of an input: (steps, size). None for an empty input. Given by those that have no codes. */
  steps?(call: string, field: string, input: unknown): number[][];
  /** Steps of an input, as one number each, by those that can say them so. */
  codes?(call: string, field: string, input: unknown): Codes;
  /** By those whose steps are symbols: the known ones, each at its slot; null before a training set was seen. */
  readonly known?: readonly (string | number)[] | null;
  /** An input of these symbols, by those that have some. */
  join?(symbols: readonly (string | number)[]): unknown;
  /** The input that is one step alone, by those whose inputs are lists. */
  alone?(step: unknown): unknown;
  /** What each step of an input stands for, in the input's own words: as many texts as steps. */
  parts(call: string, field: string, input: unknown): string[];
  /** By those that have several steps for a character: how many. */
  stepsOfCharacter?(character: string): number;
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
  *study(call: string, inputs: readonly NamedInput[]): Sliced<void> {
    for (const { field, input } of inputs) {
      this.check(call, field, input);
      yield 1;
    }
  }
  /** Refuses inputs of another kind. */
  protected abstract check(call: string, field: string, input: unknown): void;
  abstract codes(call: string, field: string, input: unknown): Codes;
  abstract parts(call: string, field: string, input: unknown): string[];
  abstract toJSON(): JSON;
}

/** An encoding that has not learnt yet what it needs. */
export const notFitted = (call: string, what: string): TypeError =>
  new TypeError(`${call}: the encoder has ${what} yet; fit it first`);
