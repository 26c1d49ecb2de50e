// A set that is checked once and stored once, in the engine's memory, where all threads read it.

import {
  checkChoice,
  checkNumber,
  checkOptions,
  checkPositive,
  copyVector,
  isVector,
  outOfRange,
  takeVector,
  wrongType,
} from '../checks/errors.js';
import { engine, float64, uint8, uint32 } from '../engine/engine.js';
import { NO_TARGET } from '../engine/generated/tables.js';
import { makingRoom } from '../graph/residents.js';
import { type FlatSet, flatten, type Inputs, toEngine, type Wanted, weightsOf } from './flat-set.js';
import type { Sample } from './sample.js';

/** Samples in flat arrays, typed ones or plain, for {@link DataSet}. */
export interface FlatSamples {
  /** Values of a step, at least 1. */
  inputSize: number;
  /** Values of a target, at least 1. */
  outputSize: number;
  /** All steps of all samples, one after the other, as `inputsAre` says. */
  inputs: ArrayLike<number>;
  /**
   * What the inputs are:
   *
   * - `'rows'` (default): (steps, inputSize), finite numbers.
   * - `'symbols'`: (steps): a step is 1 at this place, an integer from 0 and below `inputSize`, and 0 elsewhere.
   * - `'bits'`: (steps): the values of a step are the `inputSize` lowest bits (1 to 8) of an integer, the highest
   *   first, as -1 and 1.
   *
   * Symbols and bits give the same bits as the rows that they stand for, in a fraction of memory and time.
   */
  inputsAre?: 'rows' | 'symbols' | 'bits';
  /** One target per sample, or per step, one after the other, as `targetsAre` says. */
  targets: ArrayLike<number>;
  /**
   * What the targets are: `'rows'` (default): (targets, outputSize), finite numbers; `'classes'`: (targets), each 1
   * at this output, an integer from 0 and below `outputSize`, and 0 at the others; of at most 2^24 classes.
   * `'lists'`: each sample has a list of symbols, integers from 0 and below `outputSize - 1`, that its steps say in this
   * order, nobody knows when; all lists one after the other. They are learnt by connectionist temporal classification
   * (Graves et al. 2006) with softmax outputs, of which the last says nothing. A list has a step for every symbol, and one
   * between two that are the same.
   */
  targetsAre?: 'rows' | 'classes' | 'lists';
  /** Symbols of the list of every sample, from 0; for `targetsAre: 'lists'`, which need it. */
  targetLengths?: ArrayLike<number>;
  /** Steps of every sequence, each at least 1. Without it every step is a plain pair with its target. */
  lengths?: ArrayLike<number>;
  /** Whether the last step of a sequence has a target (default), or each. */
  targetsAt?: 'last' | 'each';
  /** How much every sample counts, see {@link Sample.weight}. Default: each counts 1. */
  weights?: ArrayLike<number>;
}

const KNOWN = [
  'inputSize',
  'outputSize',
  'inputs',
  'inputsAre',
  'targets',
  'targetsAre',
  'targetLengths',
  'lengths',
  'targetsAt',
  'weights',
] as const;
const forms = ['rows', 'symbols', 'bits'] as const;
const MOST = 2 ** 31 - 1;
/** More classes than a network in 4 GB can have outputs, and few enough that two numbers for each are no burden. */
const MOST_CLASSES = 2 ** 24;

function numbers(call: string, field: string, value: unknown): ArrayLike<number> {
  if (!isVector(value)) throw wrongType(call, field, 'an array of numbers', value);
  return value;
}

/** Checks and copies whole numbers below a bound. */
function codes<Codes extends Uint32Array | Uint8Array>(
  call: string,
  field: string,
  given: ArrayLike<number>,
  end: number,
  into: Codes,
): Codes {
  for (let index = 0; index < given.length; index++) {
    const code = given[index];
    if (!Number.isInteger(code) || (code as number) < 0 || (code as number) >= end) {
      checkNumber(call, `${field}[${index}]`, code, { min: 0, max: end - 1, integer: true });
    }
    into[index] = code as number;
  }
  return into;
}

/** Checks and copies inputs that are codes, or makes room for rows. */
function inputsOf(call: string, form: Inputs['form'], given: ArrayLike<number>, size: number): Inputs {
  const field = 'set.inputs';
  if (form === 'symbols') return { form, inputs: codes(call, field, given, size, new Uint32Array(given.length)) };
  if (form === 'bits') return { form, inputs: codes(call, field, given, 2 ** size, new Uint8Array(given.length)) };
  const inputs = new Float64Array(given.length);
  copyVector(call, field, given, inputs.length, '', inputs);
  return { form, inputs };
}

/** Two numbers for each of some classes: that of its own output, and that of all others. */
export function valuesOfClasses(count: number, own = 1, other = 0): Float64Array {
  const values = new Float64Array(count * 2).fill(other);
  for (let index = 0; index < values.length; index += 2) values[index] = own;
  return values;
}

/** Checks and copies the weights of so many samples. */
function checkWeights(call: string, given: unknown, count: number): ReturnType<typeof weightsOf> {
  const field = 'set.weights';
  const weights = numbers(call, field, given);
  if (weights.length !== count) {
    throw new RangeError(`${call}: ${field} has ${weights.length} values, expected one for each of ${count} samples`);
  }
  return weightsOf(Float64Array.from(weights, (weight, index) => checkPositive(call, `${field}[${index}]`, weight)));
}

/** Steps that a sample needs to say a list: one for every symbol, and one between two that are the same. */
export const stepsToSay = (list: ArrayLike<number>): number =>
  Array.from(list).reduce((sum, symbol, at) => sum + (at > 0 && symbol === list[at - 1] ? 2 : 1), 0);

/** Checks lists of symbols, and writes each to the first steps of its sample. */
function writeLists(
  call: string,
  given: FlatSamples,
  symbols: ArrayLike<number>,
  lengths: Uint32Array,
  outputSize: number,
  targetOfStep: Uint32Array,
): void {
  checkNumber(call, 'set.outputSize', outputSize, { min: 2, max: MOST, integer: true });
  if (given.targetsAt !== undefined) {
    throw outOfRange(call, 'set.targetsAt', "left out where targetsAre is 'lists'", given.targetsAt);
  }
  const list = codes(call, 'set.targets', symbols, outputSize - 1, new Uint32Array(symbols.length));
  const counts = numbers(call, 'set.targetLengths', given.targetLengths);
  if (counts.length !== lengths.length) {
    const expected = `one for each of ${lengths.length} samples`;
    throw new RangeError(`${call}: set.targetLengths has ${counts.length} values, expected ${expected}`);
  }
  let [step, end] = [0, 0];
  lengths.forEach((steps, sample) => {
    const field = `set.targetLengths[${sample}]`;
    const start = end;
    end += checkNumber(call, field, counts[sample], { min: 0, max: MOST, integer: true });
    const own = list.subarray(start, end);
    const needed = stepsToSay(own);
    if (needed > steps) {
      throw new RangeError(
        `${call}: ${field} is ${own.length}, which takes ${needed} steps to say, of which the sample has ${steps}`,
      );
    }
    targetOfStep.set(own, step);
    step += steps;
  });
  if (end !== list.length) {
    throw new RangeError(
      `${call}: set.targetLengths sum to ${end}, expected the ${list.length} symbols of set.targets`,
    );
  }
}

/** Checks and copies flat samples. */
function flatSamples(call: string, samples: unknown): FlatSet {
  if (typeof samples !== 'object' || samples === null) {
    throw wrongType(call, 'set', 'an array of { input, output }, or flat arrays', samples);
  }
  const given = checkOptions<FlatSamples>(call, samples, KNOWN, 'set');
  const counted = { min: 1, max: MOST, integer: true };
  const inputSize = checkNumber(call, 'set.inputSize', given.inputSize, counted);
  const inputs = numbers(call, 'set.inputs', given.inputs);
  const form = checkChoice(call, 'set.inputsAre', given.inputsAre ?? 'rows', forms);
  const targetsAre = checkChoice(call, 'set.targetsAre', given.targetsAre ?? 'rows', ['rows', 'classes', 'lists']);
  const classes = targetsAre === 'classes';
  const most = classes ? MOST_CLASSES : MOST;
  const outputSize = checkNumber(call, 'set.outputSize', given.outputSize, { ...counted, max: most });
  if (form === 'bits') checkNumber(call, 'set.inputSize', inputSize, { min: 1, max: 8 });
  const steps = form === 'rows' ? inputs.length / inputSize : inputs.length;
  if (steps === 0 || !Number.isInteger(steps)) {
    throw new RangeError(`${call}: set.inputs has ${inputs.length} values, expected steps of ${inputSize}`);
  }
  const sequences = given.lengths !== undefined;
  const lengths = sequences
    ? Uint32Array.from(numbers(call, 'set.lengths', given.lengths), (length, index) =>
        checkNumber(call, `set.lengths[${index}]`, length, counted),
      )
    : new Uint32Array(steps).fill(1);
  const sum = lengths.reduce((total, length) => total + length, 0);
  if (sum !== steps) {
    throw new RangeError(`${call}: set.lengths sum to ${sum}, expected the ${steps} steps of set.inputs`);
  }
  const goals = numbers(call, 'set.targets', given.targets);
  const weights = given.weights === undefined ? {} : checkWeights(call, given.weights, lengths.length);
  const whole = { inputSize, outputSize, ...inputsOf(call, form, inputs, inputSize), lengths, ...weights, sequences };
  const targetOfStep = new Uint32Array(steps).fill(NO_TARGET);
  if (targetsAre === 'lists') {
    writeLists(call, given, goals, lengths, outputSize, targetOfStep);
    // Of one step, too: what is said in time is no plain pair.
    return { ...whole, targetsAre, targets: new Float64Array(), targetOfStep, sequences: true };
  }
  if (given.targetLengths !== undefined) {
    throw outOfRange(call, 'set.targetLengths', "left out where targetsAre is not 'lists'", given.targetLengths);
  }
  const each = checkChoice(call, 'set.targetsAt', given.targetsAt ?? 'last', ['last', 'each']) === 'each';
  const count = each ? steps : lengths.length;
  const row = classes ? 1 : outputSize;
  if (goals.length !== count * row) {
    const of = classes ? '' : ` of ${outputSize}`;
    throw new RangeError(`${call}: set.targets has ${goals.length} values, ${count} targets${of} make ${count * row}`);
  }
  const flat: FlatSet = {
    ...whole,
    targetsAre,
    targets: classes ? valuesOfClasses(outputSize) : new Float64Array(count * outputSize),
    targetOfStep,
  };
  if (!classes) copyVector(call, 'set.targets', goals, count * outputSize, '', flat.targets);
  const targets = classes && codes(call, 'set.targets', goals, outputSize, new Uint32Array(count));
  let [step, target] = [0, 0];
  for (const length of lengths) {
    for (const end = step + length; step < end; step++) {
      if (each || step === end - 1) {
        targetOfStep[step] = targets ? (targets[target] as number) : target;
        target++;
      }
    }
  }
  return flat;
}

/** Flat sets of this library's own making, which are known by their identity: no user's object can be one. */
const made = new WeakSet<object>();
const isFlat = (set: unknown): set is FlatSet => typeof set === 'object' && set !== null && made.has(set);

/** @internal A set of what a model has encoded, for a run. */
export function dataSetOf(flat: FlatSet): DataSet {
  made.add(flat);
  return new DataSet(flat as never);
}

const lengthOf = (value: unknown): number => (isVector(value) ? value.length : 0);

/** The sizes that a first sample sets for the others. */
function sizesOf(call: string, set: unknown[]): Wanted {
  const { input, output } = Object(set[0]) as Partial<Sample>;
  const nested = (value: unknown) => (Array.isArray(value) ? value.find(isVector) : undefined);
  const inputSize = lengthOf(nested(input) ?? input);
  const outputSize = lengthOf(nested(output) ?? output);
  const who = 'the first sample has';
  if (set.length > 0 && isVector(input) && isVector(output) && inputSize * outputSize === 0) {
    throw new RangeError(`${call}: set[0] has ${inputSize} inputs and ${outputSize} outputs, expected at least one`);
  }
  return { inputSize, outputSize, takes: who, gives: who, vector: copyVector };
}

/**
 * Samples that are checked once and stored once, in the memory that all threads share. A
 * {@link Trainer} takes it wherever it takes an array of samples; what is used more than once, or is
 * large, is better off here: calls and runs then neither check nor copy it.
 *
 * @example
 * const set = new DataSet({
 *   inputSize: 1,
 *   outputSize: 2,
 *   inputs: Float32Array.of(0.1, 0.2, 0.3, 0.9, 0.8), // three steps, then two
 *   lengths: [3, 2],
 *   targets: [1, 0, 0, 1],
 * });
 * const network = new Architect.LSTM(1, 4, 2, { variant: 'standard', output: 'softmax' });
 * new Trainer(network).train(set, { iterations: 10 });
 * set.free();
 */
export class DataSet {
  /** Samples. */
  readonly length: number;
  /** Steps of all samples. */
  readonly steps: number;
  /** Values of a step. */
  readonly inputSize: number;
  /** Values of a target. */
  readonly outputSize: number;
  #flat: FlatSet | undefined;

  /**
   * @param set samples as a {@link Trainer} takes them, or flat arrays. They are copied: changes that
   *   come later are not seen.
   * @throws TypeError or RangeError that names what is wrong, and what was expected; RangeError if the
   *   engine's memory does not suffice.
   */
  constructor(set: Sample[] | FlatSamples) {
    const call = 'new DataSet';
    if (isFlat(set)) {
      // A model's own: checked when it was encoded, and given to the engine by the run that uses it.
      this.length = set.lengths.length;
      this.steps = set.targetOfStep.length;
      this.inputSize = set.inputSize;
      this.outputSize = set.outputSize;
      this.#flat = set;
      return;
    }
    const flat = Array.isArray(set) ? flatten(call, 'set', set, sizesOf(call, set)) : flatSamples(call, set);
    const { inputs, targets, targetOfStep, lengths } = flat;
    this.length = lengths.length;
    this.steps = targetOfStep.length;
    this.inputSize = flat.inputSize;
    this.outputSize = flat.outputSize;
    engine();
    const core = makingRoom(() => toEngine(flat));
    const address = core.inputsAddress();
    const view = { rows: float64, symbols: uint32, bits: uint8 }[flat.form];
    this.#flat = {
      ...flat,
      inputs: view(address, inputs.length),
      targets: float64(core.targetsAddress(), targets.length),
      targetOfStep: uint32(core.targetOfStepAddress(), targetOfStep.length),
      stored: { core, users: 0 },
    } as FlatSet;
  }

  /**
   * Gives the memory back at once, instead of whenever the set is collected.
   *
   * @throws TypeError while a run uses the set.
   */
  free(): void {
    const stored = this.#flat?.stored;
    if (stored === undefined) return;
    if (stored.users > 0) {
      throw new TypeError('DataSet.free: a run uses the set; wait for the run to end, or abort it');
    }
    stored.core.free();
    this.#flat = undefined;
  }

  /** @internal The set for who wants these sizes. */
  flat(call: string, field: string, { inputSize, outputSize, takes, gives }: Wanted): FlatSet {
    if (this.#flat === undefined) throw new TypeError(`${call}: ${field} has been freed`);
    if (this.inputSize !== inputSize) {
      throw new RangeError(`${call}: ${field} has inputs of ${this.inputSize} values, ${takes} ${inputSize}`);
    }
    if (this.outputSize !== outputSize) {
      throw new RangeError(`${call}: ${field} has outputs of ${this.outputSize} values, ${gives} ${outputSize}`);
    }
    return this.#flat;
  }
}

/** Samples to learn from: an array of them, or a {@link DataSet} that was made of them before. */
export type TrainingSet = Sample[] | DataSet;

/** @internal A set in flat arrays, for a network of these sizes; samples are read as Synaptic takes them. */
export function flatSet(call: string, field: string, set: TrainingSet, inputSize: number, outputSize: number): FlatSet {
  const wanted = { inputSize, outputSize, takes: 'the network takes', gives: 'the network gives', vector: takeVector };
  return set instanceof DataSet ? set.flat(call, field, wanted) : flatten(call, field, set, wanted);
}
