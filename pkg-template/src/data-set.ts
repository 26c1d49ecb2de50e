// From what users write to the flat arrays that the engine reads, checked on the way.

import { copyVector, isVector, wrongType } from './errors.js';
import { DataSet } from './generated/engram.js';
import type { Sample, TrainingSet } from './trainer.js';

/** Marks a step without a target; the engine's `data::NO_TARGET`. */
export const NO_TARGET = 0xffff_ffff;

/** A data set in flat arrays; every step is `inputSize` numbers, every target `outputSize`. */
export interface FlatSet {
  inputSize: number;
  outputSize: number;
  inputs: Float64Array;
  targets: Float64Array;
  /** Index of the target of every step, or NO_TARGET. */
  targetOfStep: Uint32Array;
  /** Number of steps of every sample. */
  lengths: Uint32Array;
  /** Whether any sample is a list of steps. */
  sequences: boolean;
}

/** Gives a flat set to the engine, which must have been started. */
export function toEngine(set: FlatSet): DataSet {
  return new DataSet(set.inputSize, set.outputSize, set.inputs, set.targets, set.targetOfStep, set.lengths);
}

const isSequence = (input: unknown): input is ArrayLike<ArrayLike<number>> =>
  Array.isArray(input) && isVector(input[0]);

interface Shape {
  steps: number;
  /** One entry per step: its target, or null. */
  targets: (unknown | null)[];
}

function shapeOf(call: string, field: string, sample: unknown): Shape {
  if (typeof sample !== 'object' || sample === null)
    throw wrongType(call, field, 'an object { input, output }', sample);
  const { input, output } = sample as Partial<Sample>;
  if (!isVector(input)) throw wrongType(call, `${field}.input`, 'an array of numbers, or of steps', input);
  if (!isVector(output)) throw wrongType(call, `${field}.output`, 'an array of numbers, or of one per step', output);
  if (!isSequence(input)) return { steps: 1, targets: [output] };
  const perStep = Array.isArray(output) && output.some((entry) => entry === null || isVector(entry));
  if (!perStep) return { steps: input.length, targets: [...new Array(input.length - 1).fill(null), output] };
  if (output.length !== input.length) {
    throw new RangeError(`${call}: ${field}.output has ${output.length} steps, its input ${input.length}`);
  }
  return { steps: input.length, targets: Array.from(output as ArrayLike<unknown>) };
}

function checkSet(call: string, field: string, set: unknown): Sample[] {
  if (!Array.isArray(set)) throw wrongType(call, field, 'an array of { input, output }', set);
  if (set.length === 0) throw new RangeError(`${call}: ${field} is empty, expected at least one sample`);
  return set;
}

/**
 * Checks and flattens a training set, and what is held out of it if that is a set of its own, for a
 * network of this many inputs and outputs.
 */
export function flatten(
  call: string,
  set: TrainingSet,
  inputSize: number,
  outputSize: number,
  heldOut?: TrainingSet,
): FlatSet {
  const own = checkSet(call, 'set', set);
  const held = heldOut === undefined ? [] : checkSet(call, 'options.validation', heldOut);
  const all = [...own, ...held];
  const nameOf = (index: number) =>
    index < own.length ? `set[${index}]` : `options.validation[${index - own.length}]`;
  const shapes = all.map((sample, index) => shapeOf(call, nameOf(index), sample));
  const steps = shapes.reduce((sum, shape) => sum + shape.steps, 0);
  const count = shapes.reduce((sum, shape) => sum + shape.targets.filter((target) => target !== null).length, 0);
  const flat: FlatSet = {
    inputSize,
    outputSize,
    inputs: new Float64Array(steps * inputSize),
    targets: new Float64Array(count * outputSize),
    targetOfStep: new Uint32Array(steps).fill(NO_TARGET),
    lengths: Uint32Array.from(shapes, (shape) => shape.steps),
    sequences: false,
  };
  let step = 0;
  let row = 0;
  all.forEach((sample, index) => {
    const { targets } = shapes[index] as Shape;
    const name = nameOf(index);
    const sequence = isSequence(sample.input);
    flat.sequences ||= sequence;
    targets.forEach((target, position) => {
      const place = sequence ? `${name}.input[${position}]` : `${name}.input`;
      const input = sequence ? (sample.input as ArrayLike<number>[])[position] : sample.input;
      copyVector(call, place, input, inputSize, 'the network takes', flat.inputs, step * inputSize);
      if (target !== null) {
        const field = target === sample.output ? `${name}.output` : `${name}.output[${position}]`;
        copyVector(call, field, target, outputSize, 'the network gives', flat.targets, row * outputSize);
        flat.targetOfStep[step] = row++;
      }
      step++;
    });
  });
  if (count === 0) throw new RangeError(`${call}: set has no target, expected at least one`);
  return flat;
}

/** A data set of sequences without targets, to be looked at only. */
export function sequencesOf(
  call: string,
  sequences: { field: string; steps: unknown }[],
  inputSize: number,
  outputSize: number,
): DataSet {
  const checked = sequences.map(({ field, steps }) => {
    if (!Array.isArray(steps)) throw wrongType(call, field, 'an array of input vectors', steps);
    if (steps.length === 0) throw new RangeError(`${call}: ${field} is empty, expected at least one step`);
    return { field, steps: steps as unknown[] };
  });
  const total = checked.reduce((sum, { steps }) => sum + steps.length, 0);
  const inputs = new Float64Array(total * inputSize);
  let at = 0;
  for (const { field, steps } of checked) {
    steps.forEach((step, index) => {
      copyVector(call, `${field}[${index}]`, step, inputSize, 'the network takes', inputs, at * inputSize);
      at++;
    });
  }
  return toEngine({
    inputSize,
    outputSize,
    inputs,
    targets: new Float64Array(),
    targetOfStep: new Uint32Array(total).fill(NO_TARGET),
    lengths: Uint32Array.from(checked, ({ steps }) => steps.length),
    sequences: true,
  });
}

/** Mean of a user's cost over outputs; `steps` names the data set's step of each. */
export function meanCost(
  set: FlatSet,
  outputs: Float64Array,
  steps: Uint32Array,
  cost: (target: ArrayLike<number>, output: ArrayLike<number>) => number,
): number {
  const size = set.outputSize;
  let sum = 0;
  steps.forEach((step, index) => {
    const row = set.targetOfStep[step] ?? 0;
    const target = Array.from(set.targets.subarray(row * size, (row + 1) * size));
    sum += cost(target, Array.from(outputs.subarray(index * size, (index + 1) * size)));
  });
  return sum / steps.length;
}
