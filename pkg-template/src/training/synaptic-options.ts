// Options of training as Synaptic takes them, made into those that are checked: strings of digits are numbers, what is
// empty is as if it were left out, and names that are not known are left out with a warning.

import { fromDigits, takeOptions } from '../checks/errors.js';
import { engineOptions } from '../engine/generated/tables.js';
import { MAX_ITERATIONS } from './options.js';

type Given = Record<string, unknown>;

/** Of a list of rates one that is 0 stands for the rate before it, as Synaptic's `rates[share] || rate` does. */
function takeRates(rates: readonly unknown[]): unknown[] {
  let last: unknown = 0;
  return rates.map((rate) => {
    const given = fromDigits(rate);
    last = given === 0 ? last : given;
    return last;
  });
}

/** A schedule, unless its function is never called: Synaptic looks at `every` first. */
function takeSchedule(given: unknown): unknown {
  if (!given) return undefined;
  if (typeof given !== 'object') return given;
  const { every } = given as Given;
  if (!every) return undefined;
  // The function may say `this`.
  return typeof every === 'number' ? given : Object.create(given, { every: { value: fromDigits(every) } });
}

function takeCrossValidation(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fromDigits(value)]));
}

/** A learning rate, list or function of them. */
export const takeTrainingRate = (rate: unknown): unknown => (Array.isArray(rate) ? takeRates(rate) : fromDigits(rate));

/** A number of iterations, `Infinity` for as many as there can be. */
export const takeIterations = (iterations: unknown): unknown =>
  iterations === Infinity ? MAX_ITERATIONS : fromDigits(iterations);

/** How options are read that are no plain numbers. */
const READERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  rate: (value) => takeTrainingRate(value) || undefined,
  iterations: (value) => takeIterations(value) || undefined,
  cost: (value) => value || undefined,
  crossValidate: (value) => takeCrossValidation(value || undefined),
  log: fromDigits,
  schedule: takeSchedule,
  customLog: takeSchedule,
  shuffle: (value) => (value === null ? undefined : Boolean(value)),
  validation: fromDigits,
};

/** Options for the checks of {@link checkTrainingOptions}; of names that are known, those that were given. */
export function takeTrainingOptions(call: string, options: unknown, names: readonly string[]): Given | undefined {
  if (options === undefined || options === null) return undefined;
  const kinds: Readonly<Record<string, { kind: string }>> = engineOptions;
  const taken = Object.entries(takeOptions<Given>(call, options, names)).map(([name, value]) => {
    const read = READERS[name] ?? (kinds[name]?.kind === 'number' ? fromDigits : undefined);
    return [name, read === undefined ? value : read(value)];
  });
  return Object.fromEntries(taken);
}
