// Squashing functions, as functions one can call and as codes of the engine.

import { SQUASHES } from '../engine/generated/tables.js';

/** A squashing function: its value at `x`, or its derivative there. */
export type Squash = (x: number, derivate?: boolean) => number;

const LOGISTIC: Squash = (x, derivate) => {
  const y = 1 / (1 + Math.exp(-x));
  return derivate ? y * (1 - y) : y;
};
const TANH: Squash = (x, derivate) => (derivate ? 1 - Math.tanh(x) ** 2 : Math.tanh(x));
const IDENTITY: Squash = (x, derivate) => (derivate ? 1 : x);
const HLIM: Squash = (x, derivate) => (derivate ? 1 : x > 0 ? 1 : 0);
const RELU: Squash = (x, derivate) => (x > 0 ? (derivate ? 1 : x) : 0);
const HARD_SIGMOID: Squash = (x, derivate) => {
  const y = Math.min(Math.max(0.2 * x + 0.5, 0), 1);
  return derivate ? (y > 0 && y < 1 ? 0.2 : 0) : y;
};
// Of a layer with this one neuron; the engine normalises whole output layers.
const SOFTMAX: Squash = (_x, derivate) => (derivate ? 0 : 1);

/** The squashing functions by name; `SOFTMAX` is for whole output layers. */
export const squash = {
  LOGISTIC,
  TANH,
  IDENTITY,
  HLIM,
  RELU,
  SOFTMAX,
  HARD_SIGMOID,
  /** The same as RELU. */ ReLU: RELU,
};

/** @internal What a squashing function is to be. */
export const SQUASH_EXPECTED = 'one of Neuron.squash: the engine, and files, have no others';

/** @internal Code of a squashing function; -1 for any other function. */
export function squashCode(value: unknown): number {
  return SQUASHES.findIndex((name) => squash[name] === value);
}

/** @internal Squashing function of a code. */
export function squashOf(code: number): Squash {
  return squash[SQUASHES[code] ?? 'LOGISTIC'];
}
