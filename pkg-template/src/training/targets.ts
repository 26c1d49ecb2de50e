// Which targets outputs can reach. Others are refused before training: the error would never fall, or fall without end.

import { isVector } from '../checks/errors.js';
import { DataSet, type TrainingSet } from '../data/data-set.js';
import type { FlatSet } from '../data/flat-set.js';
import { NO_TARGET, type SQUASHES } from '../engine/generated/tables.js';

type SquashName = (typeof SQUASHES)[number];

/** What an output can be, and how a message says so. */
interface Reach {
  min: number;
  max: number;
  expected: string;
  kind: string;
  remedy: string;
}

const LINEAR = "other values need output: 'linear'";
const CLASSES = `a class is 1 on an output of its own, and 0 on the others; ${LINEAR}`;

const REACH: Record<SquashName, Reach> = {
  LOGISTIC: { min: 0, max: 1, expected: 'a number from 0 to 1', kind: 'logistic', remedy: CLASSES },
  TANH: { min: -1, max: 1, expected: 'a number from -1 to 1', kind: 'hyperbolic tangents', remedy: LINEAR },
  IDENTITY: { min: -Infinity, max: Infinity, expected: 'a number', kind: 'linear', remedy: '' },
  HLIM: { min: 0, max: 1, expected: '0 or 1', kind: 'hard limits', remedy: CLASSES },
  RELU: { min: 0, max: Infinity, expected: 'a number of at least 0', kind: 'rectified', remedy: LINEAR },
  HARD_SIGMOID: { min: 0, max: 1, expected: 'a number from 0 to 1', kind: 'hard sigmoids', remedy: CLASSES },
  SOFTMAX: { min: 0, max: 1, expected: 'a number from 0 to 1', kind: 'softmax', remedy: CLASSES },
};
/** What rounding, and single precision, may add. */
const SLACK = 1e-6;

/** What targets are for. */
export interface Outputs {
  /** Names of the outputs' squashing functions. */
  squashes: readonly SquashName[];
  /** Targets of softmax outputs are distributions times a weight of their own. */
  weighted?: boolean;
  /** A sequence has one output, at its end. */
  once?: boolean;
}

/** What each set has passed: a {@link DataSet} is looked at once for outputs of a kind. */
const passed = new WeakMap<FlatSet, Set<string>>();

/** The first target, or value of it, that is out of reach. */
function outOfReach(flat: FlatSet, { squashes, weighted }: Outputs): { row: number; column?: number } | undefined {
  const { targets, outputSize } = flat;
  const softmax = squashes[0] === 'SOFTMAX';
  const least = Float64Array.from(squashes, (name) => REACH[name].min - SLACK);
  const most = Float64Array.from(squashes, (name) => (softmax && weighted ? Infinity : REACH[name].max + SLACK));
  const hard = squashes.map((name) => name === 'HLIM');
  for (let row = 0; row < targets.length / outputSize; row++) {
    let sum = 0;
    for (let column = 0; column < outputSize; column++) {
      const value = targets[row * outputSize + column] as number;
      sum += value;
      const within = value >= (least[column] as number) && value <= (most[column] as number);
      if (!within || (hard[column] && Math.abs(value - Math.round(value)) > SLACK)) return { row, column };
    }
    if (softmax && (weighted ? sum <= 0 : Math.abs(sum - 1) > SLACK)) return { row };
  }
  return undefined;
}

/** A target by the name that users know: `set[3].output`, or its place in a {@link DataSet}. */
function nameOf(field: string, set: TrainingSet, flat: FlatSet, row: number, column: number | undefined): string {
  const step = flat.targetOfStep.indexOf(row);
  let [sample, first] = [0, 0];
  for (; first + (flat.lengths[sample] as number) <= step; sample++) first += flat.lengths[sample] as number;
  if (set instanceof DataSet) {
    const place = `the target of ${field}'s sample ${sample}${flat.sequences ? `, step ${step - first}` : ''}`;
    return column === undefined ? place : `${place}, output ${column}`;
  }
  const output: unknown = set[sample]?.output;
  const perStep = Array.isArray(output) && output.some((entry) => entry === null || isVector(entry));
  const place = `${field}[${sample}].output${perStep ? `[${step - first}]` : ''}`;
  return column === undefined ? place : `${place}[${column}]`;
}

/** Refuses targets before the ends of sequences, where a network with a read-out gives no output. */
function checkEnds(call: string, field: string, set: TrainingSet, flat: FlatSet): void {
  let step = 0;
  for (const length of flat.lengths) {
    for (const end = step + length - 1; step < end; step++) {
      const row = flat.targetOfStep[step];
      if (row === undefined || row === NO_TARGET) continue;
      const name = nameOf(field, set, flat, row, undefined);
      throw new RangeError(
        `${call}: ${name} stands before the sequence's last step, expected none there: the network's read-out gives one answer for a sequence`,
      );
    }
    step++;
  }
}

/**
 * Refuses targets that the outputs cannot reach.
 *
 * @param flat the flat form of `set`, which is named by `field`.
 */
export function checkTargets(call: string, field: string, set: TrainingSet, flat: FlatSet, outputs: Outputs): void {
  const { squashes, weighted = false, once = false } = outputs;
  if (flat.targetsAre === 'lists') {
    if (!once && squashes.length > 1 && squashes[0] === 'SOFTMAX') return;
    throw new RangeError(
      `${call}: ${field} has lists of symbols as targets, expected a network with softmax outputs at every step, the last of which says nothing`,
    );
  }
  if (once) checkEnds(call, field, set, flat);
  if (squashes.every((name) => name === 'IDENTITY')) return;
  if (squashes.length === 1 && squashes[0] === 'SOFTMAX') {
    throw new RangeError(
      `${call}: the network has one softmax output, which is always 1; expected one output per class, or output: 'logistic'`,
    );
  }
  // A class is 1 on its own output and 0 on the others, but for what a model makes of it on purpose.
  if (flat.targetsAre === 'classes') return;
  const key = `${squashes} ${weighted}`;
  if (passed.get(flat)?.has(key)) return;
  const found = outOfReach(flat, outputs);
  if (found !== undefined) {
    const { row, column } = found;
    const values = flat.targets.subarray(row * flat.outputSize, (row + 1) * flat.outputSize);
    const { kind, expected, remedy } = REACH[squashes[column ?? 0] ?? 'LOGISTIC'];
    const what =
      column === undefined
        ? `sums to ${values.reduce((sum, value) => sum + value)}, expected 1`
        : `is ${values[column]}, expected ${expected}`;
    const name = nameOf(field, set, flat, row, column);
    throw new RangeError(`${call}: ${name} ${what}, as the outputs are ${kind}: ${remedy}`);
  }
  passed.set(flat, (passed.get(flat) ?? new Set()).add(key));
}
