// From samples to the flat arrays that the engine reads, checked on the way.

import { checkPositive, copyVector, isVector, rowHint, wrongType } from '../checks/errors.js';
import { NO_TARGET } from '../engine/generated/tables.js';
import { DataSet as Core, Sets } from '../engine/runs.js';
import type { Sample } from './sample.js';

/**
 * The inputs of all steps: as rows of numbers, as the place of the only 1 of each step, or as bytes whose lowest bits
 * are the values of a step, the highest first, as -1 and 1.
 */
export type Inputs =
  | { form: 'rows'; inputs: Float64Array }
  | { form: 'symbols'; inputs: Uint32Array }
  | { form: 'bits'; inputs: Uint8Array };

/** A data set in flat arrays; every step stands for `inputSize` numbers, every target for `outputSize`. */
export type FlatSet = Inputs & {
  inputSize: number;
  outputSize: number;
  /**
   * `'rows'`: `targets` has `outputSize` numbers for each. `'classes'`: it has two for each class, that of its own output
   * and that of all others. `'lists'`: it has none, as the target of a sample is a list of symbols.
   */
  targetsAre: 'rows' | 'classes' | 'lists';
  targets: Float64Array;
  /**
   * Index of the target of every step, which may be its class, or NO_TARGET. Of a sample with a list: the symbols of the
   * list, one by one, and NO_TARGET at the steps that are left.
   */
  targetOfStep: Uint32Array;
  /** Number of steps of every sample. */
  lengths: Uint32Array;
  /** How much every sample counts; left out where each counts 1. */
  weights?: Float64Array;
  /** Whether any sample is a list of steps. */
  sequences: boolean;
  /** Where the engine stores the set: its arrays are views of the engine's memory then. */
  stored?: Stored;
};

/** A set in the engine's memory, and how many calls and runs use it now. */
export interface Stored {
  core: Core;
  users: number;
}

/** What a run learns from, and a set of its own to be judged by, if there is one. */
export interface RunSets {
  set: FlatSet;
  heldOut?: FlatSet;
}

/** Gives a flat set to the engine, which must have been started; unless its numbers are known to be finite, it looks. */
export function toEngine(set: FlatSet, numbers: 'finite' | 'unknown' = 'finite'): Core {
  const { inputSize, outputSize, targets, targetsAre, targetOfStep, lengths, weights } = set;
  const rows = set.form === 'rows' ? set.inputs : undefined;
  const symbols = set.form === 'symbols' ? set.inputs : undefined;
  const bits = set.form === 'bits' ? set.inputs : undefined;
  const areFinite = numbers === 'finite';
  return new Core(
    inputSize,
    outputSize,
    rows,
    symbols,
    bits,
    targetsAre === 'lists' ? undefined : targets,
    targetsAre === 'classes',
    targetOfStep,
    lengths,
    weights,
    areFinite,
  );
}

/** The `size` values that a code stands for, see {@link Inputs}. */
export function rowOf(form: 'symbols' | 'bits', code: number, size: number): Float64Array {
  const row = new Float64Array(size);
  if (form === 'symbols') row[code] = 1;
  else for (let place = 0; place < size; place++) row[place] = ((code >> (size - 1 - place)) & 1) * 2 - 1;
  return row;
}

/** The values of a step. */
export function inputAt(set: FlatSet, step: number): Float64Array {
  const { inputSize } = set;
  if (set.form === 'rows') return set.inputs.subarray(step * inputSize, (step + 1) * inputSize);
  return rowOf(set.form, set.inputs[step] as number, inputSize);
}

/** The values of a target. */
export function targetAt({ outputSize, targetsAre, targets }: FlatSet, target: number): number[] {
  if (targetsAre === 'rows') return Array.from(targets.subarray(target * outputSize, (target + 1) * outputSize));
  const row = new Array<number>(outputSize).fill(targets[target * 2 + 1] as number);
  row[target] = targets[target * 2] as number;
  return row;
}

/** Weights of samples, unless all count 1. */
export const weightsOf = (weights: Float64Array): { weights?: Float64Array } =>
  weights.every((weight) => weight === 1) ? {} : { weights };

/** Keeps a stored set from being freed, until what this gives is called. */
export function hold({ stored }: FlatSet): () => void {
  if (stored === undefined) return () => {};
  stored.users++;
  return () => {
    stored.users--;
  };
}

/** Lets `use` have a set in the engine: where it is stored, or a copy that ends with the call. */
export function inEngine<T>(set: FlatSet, use: (data: Core) => T): T {
  const data = set.stored?.core ?? toEngine(set);
  const letGo = hold(set);
  try {
    return use(data);
  } finally {
    letGo();
    if (set.stored === undefined) data.free();
  }
}

/** Lets `use` have the sets of a run in the engine. */
export function setsInEngine<T>({ set, heldOut }: RunSets, use: (sets: Sets) => T): T {
  return inEngine(set, (data) => {
    const sets = new Sets(data);
    try {
      if (heldOut === undefined) return use(sets);
      return inEngine(heldOut, (other) => {
        sets.holdOut(other);
        return use(sets);
      });
    } finally {
      sets.free();
    }
  });
}

/** A set that can be posted: with arrays of its own, instead of views of the engine's memory. */
export function posted({ stored, ...set }: FlatSet): FlatSet {
  if (stored === undefined) return set;
  const { inputs, targets, targetOfStep } = set;
  const own = { inputs: inputs.slice(), targets: targets.slice(), targetOfStep: targetOfStep.slice() };
  return { ...set, ...own } as FlatSet;
}

/** Also of steps that are objects, which are refused by their place. */
const isSequence = (input: unknown): input is ArrayLike<ArrayLike<number>> =>
  Array.isArray(input) && typeof input[0] === 'object' && input[0] !== null;

interface Shape {
  steps: number;
  /** One entry per step: its target, or null. */
  targets: (unknown | null)[];
}

function shapeOf(call: string, field: string, sample: unknown): Shape {
  if (typeof sample !== 'object' || sample === null)
    throw wrongType(call, field, 'an object { input, output }', sample);
  const { input, output } = sample as Partial<Sample>;
  if (!isVector(input)) {
    throw wrongType(call, `${field}.input`, `an array of numbers, or of steps${rowHint(input)}`, input);
  }
  if (!isVector(output)) {
    throw wrongType(call, `${field}.output`, `an array of numbers, or of one per step${rowHint(output)}`, output);
  }
  if (!isSequence(input)) return { steps: 1, targets: [output] };
  const perStep = Array.isArray(output) && output.some((entry) => entry === null || isVector(entry));
  if (!perStep) return { steps: input.length, targets: [...new Array(input.length - 1).fill(null), output] };
  if (output.length !== input.length) {
    throw new RangeError(`${call}: ${field}.output has ${output.length} steps, its input ${input.length}`);
  }
  return { steps: input.length, targets: Array.from(output as ArrayLike<unknown>) };
}

/** Who wants samples of what sizes. */
export interface Wanted {
  inputSize: number;
  outputSize: number;
  /** As a sentence goes on after how many values there are. */
  takes: string;
  gives: string;
  /** How a step or target is read: strictly, or as Synaptic takes it. */
  vector: typeof copyVector;
}

/** Refuses a row of a sequence that has more than it should: Synaptic, which looks at the rest of none, has no sequences. */
function refuseLonger(call: string, field: string, row: unknown, size: number, who: string): void {
  if (isVector(row) && row.length > size) {
    throw new RangeError(`${call}: ${field} has ${row.length} values, ${who} ${size}`);
  }
}

/** Checks and flattens samples. */
export function flatten(call: string, field: string, set: unknown, wanted: Wanted): FlatSet {
  if (!Array.isArray(set)) throw wrongType(call, field, 'an array of { input, output }, or a DataSet', set);
  if (set.length === 0) throw new RangeError(`${call}: ${field} is empty, expected at least one sample`);
  const samples = Array.from<Sample>(set);
  const { inputSize, outputSize } = wanted;
  const shapes = samples.map((sample, index) => shapeOf(call, `${field}[${index}]`, sample));
  const steps = shapes.reduce((sum, shape) => sum + shape.steps, 0);
  const count = shapes.reduce((sum, shape) => sum + shape.targets.filter((target) => target !== null).length, 0);
  const flat: FlatSet = {
    inputSize,
    outputSize,
    form: 'rows',
    targetsAre: 'rows',
    inputs: new Float64Array(steps * inputSize),
    targets: new Float64Array(count * outputSize),
    targetOfStep: new Uint32Array(steps).fill(NO_TARGET),
    lengths: Uint32Array.from(shapes, (shape) => shape.steps),
    ...weightsOf(
      Float64Array.from(samples, ({ weight = 1 }, index) => checkPositive(call, `${field}[${index}].weight`, weight)),
    ),
    sequences: false,
  };
  let step = 0;
  let row = 0;
  samples.forEach((sample, index) => {
    const { targets } = shapes[index] as Shape;
    const name = `${field}[${index}]`;
    const sequence = isSequence(sample.input);
    flat.sequences ||= sequence;
    targets.forEach((target, position) => {
      const place = sequence ? `${name}.input[${position}]` : `${name}.input`;
      const input = sequence ? (sample.input as ArrayLike<number>[])[position] : sample.input;
      if (sequence) refuseLonger(call, place, input, inputSize, wanted.takes);
      wanted.vector(call, place, input, inputSize, wanted.takes, flat.inputs, step * inputSize);
      if (target !== null) {
        const goal = target === sample.output ? `${name}.output` : `${name}.output[${position}]`;
        if (sequence) refuseLonger(call, goal, target, outputSize, wanted.gives);
        wanted.vector(call, goal, target, outputSize, wanted.gives, flat.targets, row * outputSize);
        flat.targetOfStep[step] = row++;
      }
      step++;
    });
  });
  if (count === 0) throw new RangeError(`${call}: ${field} has no target, expected at least one`);
  return flat;
}

/** A data set of sequences without targets, to be looked at only. */
export function sequencesOf(
  call: string,
  sequences: { field: string; steps: unknown }[],
  inputSize: number,
  outputSize: number,
): Core {
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
    form: 'rows',
    targetsAre: 'rows',
    inputs,
    targets: new Float64Array(),
    targetOfStep: new Uint32Array(total).fill(NO_TARGET),
    lengths: Uint32Array.from(checked, ({ steps }) => steps.length),
    sequences: true,
  });
}

/** What the sample of each step counts. */
export function stepWeights({ lengths, weights, targetOfStep }: FlatSet): Float64Array {
  const all = new Float64Array(targetOfStep.length).fill(1);
  let end = 0;
  weights?.forEach((weight, sample) => {
    const start = end;
    end += lengths[sample] as number;
    all.fill(weight, start, end);
  });
  return all;
}

/** Mean of a user's cost over outputs, weighted as the samples are; `steps` names the data set's step of each. */
export function meanCost(
  set: FlatSet,
  outputs: Float64Array,
  steps: Uint32Array,
  cost: (target: number[], output: number[]) => number,
): number {
  const size = set.outputSize;
  const weights = stepWeights(set);
  let [sum, total] = [0, 0];
  steps.forEach((step, index) => {
    const weight = weights[step] as number;
    const output = Array.from(outputs.subarray(index * size, (index + 1) * size));
    sum += weight * cost(targetAt(set, set.targetOfStep[step] ?? 0), output);
    total += weight;
  });
  return sum / total;
}
