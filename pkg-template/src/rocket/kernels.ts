// The kernels of a rocket as the page keeps and stores them.

import { checkEntries, checkNumber, checkObject, outOfRange, wrongType } from '../checks/errors.js';
import type { Classifier } from '../engine/generated/engram_rocket.js';
import { lengthOfText, numbersOfText, textOfNumbers } from '../graph/base64.js';
import { rocketCore } from './module.js';
import type { PartAnswer } from './protocol.js';

/** Kernels of one length and dilation. */
export const KERNELS = 84;
/** Most dilations that kernels are used with (Dempster, Schmidt & Webb 2021). */
export const MOST_DILATIONS = 32;
/** Most features, and most classes. */
export const MOST_FEATURES = 84 * 1200;

/** Kernels that were fitted. */
export interface Kernels {
  channels: number;
  /** Pairs of dilation and features of each kernel. */
  dilations: Uint32Array;
  /** Channels of each kernel. (dilations, kernels) */
  counts: Uint32Array;
  /** Those channels, kernel after kernel. */
  list: Uint32Array;
  /** Thresholds. (features) */
  biases: Float32Array;
}

/** Weights of a classifier's head. */
export interface Head {
  /** (classes, features) */
  weights: Float64Array;
  /** (classes) */
  intercepts: Float64Array;
  /** What outputs are multiplied by before the softmax. */
  factor: number;
}

/** Kernels as they are stored: numbers as base64 of doubles, little-endian. */
export interface KernelsJSON {
  /** Pairs of dilation and features of each kernel. */
  dilations: number[];
  /** Channels of each kernel, and those channels. */
  counts: string;
  list: string;
  /** Thresholds. */
  biases: string;
}

/** Kernels of all dilations, from what the tasks gave. */
export function joinKernels(channels: number, dilations: Uint32Array, parts: readonly PartAnswer[]): Kernels {
  const join = <T extends Uint32Array | Float32Array>(all: T, lists: readonly T[]): T => {
    let start = 0;
    for (const list of lists) {
      all.set(list, start);
      start += list.length;
    }
    return all;
  };
  const size = (lists: readonly { length: number }[]) => lists.reduce((sum, { length }) => sum + length, 0);
  const lists = parts.map((part) => part.channels);
  const biases = parts.map((part) => part.biases);
  return {
    channels,
    dilations,
    counts: join(
      new Uint32Array(KERNELS * parts.length),
      parts.map((part) => part.counts),
    ),
    list: join(new Uint32Array(size(lists)), lists),
    biases: join(new Float32Array(size(biases)), biases),
  };
}

/** @internal The engine's object of kernels and, where there is one, a head. */
export function inEngine({ channels, dilations, counts, list, biases }: Kernels, head?: Head): Classifier {
  const { Classifier } = rocketCore();
  const { weights = new Float64Array(), intercepts = new Float64Array(), factor = 1 } = head ?? {};
  return new Classifier(channels, dilations, counts, list, biases, weights, intercepts, factor);
}

/** Kernels as they are stored. */
export function kernelsToJSON({ dilations, counts, list, biases }: Kernels): KernelsJSON {
  const text = (numbers: ArrayLike<number>) => textOfNumbers(Float64Array.from(numbers));
  return { dilations: [...dilations], counts: text(counts), list: text(list), biases: text(biases) };
}

/** Kernels from a file; what does not belong together is refused when the engine gets them. */
export function kernelsFromJSON(
  call: string,
  field: string,
  value: unknown,
  { channels, features }: { channels: number; features: number },
): Kernels {
  const stored = checkObject(call, field, value);
  const pairs = checkEntries(call, `${field}.dilations`, stored.dilations, 2 * MOST_DILATIONS).map((entry, index) =>
    checkNumber(call, `${field}.dilations[${index}]`, entry, { min: 1, max: MOST_FEATURES, integer: true }),
  );
  const total = pairs.filter((_, index) => index % 2 === 1).reduce((sum, each) => sum + KERNELS * each, 0);
  if (pairs.length % 2 !== 0 || total !== features) {
    throw outOfRange(call, `${field}.dilations`, `pairs of dilation and features, ${features} in all`, pairs);
  }
  const integers = (name: 'counts' | 'list', count: number | undefined, max: number) => {
    const numbers = storedNumbers(call, `${field}.${name}`, stored[name], count);
    const wrong = numbers.find((number) => !Number.isInteger(number) || number < 0 || number > max);
    if (wrong !== undefined) throw outOfRange(call, `${field}.${name}`, `integers from 0 to ${max}`, wrong);
    return Uint32Array.from(numbers);
  };
  const counts = integers('counts', (KERNELS * pairs.length) / 2, channels);
  return {
    channels,
    dilations: Uint32Array.from(pairs),
    counts,
    list: integers(
      'list',
      counts.reduce((sum, count) => sum + count, 0),
      channels - 1,
    ),
    biases: Float32Array.from(storedNumbers(call, `${field}.biases`, stored.biases, features)),
  };
}

/** Numbers of a file, so many of them. */
export function storedNumbers(call: string, field: string, value: unknown, count = 0): Float64Array {
  if (typeof value !== 'string') throw wrongType(call, field, `a text of ${count} numbers in base64`, value);
  const numbers = value.length === lengthOfText(count) ? numbersOfText(value, count) : undefined;
  if (numbers === undefined) throw outOfRange(call, field, `a text of ${count} numbers in base64`, value);
  return numbers;
}
