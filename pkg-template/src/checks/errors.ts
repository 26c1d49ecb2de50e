// What a refused call says: the call, the field, what was expected and what came.

import { isError } from './realm.js';

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  return typeof value === 'object' ? `an object (${value.constructor?.name ?? 'no prototype'})` : typeof value;
}

/** A TypeError for a value of the wrong kind. */
export function wrongType(call: string, field: string, expected: string, actual: unknown): TypeError {
  return new TypeError(`${call}: ${field} is ${describe(actual)}, expected ${expected}`);
}

/** A RangeError for a value outside what is allowed. */
export function outOfRange(call: string, field: string, expected: string, actual: unknown): RangeError {
  return new RangeError(`${call}: ${field} is ${describe(actual)}, expected ${expected}`);
}

/**
 * Does what the engine may refuse, which does not know the call, or a constructor within the call, which names itself:
 * the error names the call.
 */
export function named<T>(call: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (isError(error)) error.message = `${call}: ${error.message.replace(/^new [\w.]+: /, '')}`;
    throw error;
  }
}

/** Bounds of a number: from `min` to `max`, both allowed, or to `below`, which is not. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly below?: number;
  readonly integer?: boolean;
}

/** Checks a finite number within bounds, and gives it. */
export function checkNumber(call: string, field: string, value: unknown, bounds: Bounds = {}): number {
  const { min = -Infinity, max = Infinity, below = Infinity, integer = false } = bounds;
  const kind = integer ? 'an integer' : 'a finite number';
  const range =
    below < Infinity
      ? ` from ${min} and below ${below}`
      : max < Infinity
        ? ` between ${min} and ${max}`
        : min > -Infinity
          ? ` of at least ${min}`
          : '';
  if (typeof value !== 'number') throw wrongType(call, field, kind + range + digitsHint(value), value);
  if (
    !Number.isFinite(value) ||
    value < min ||
    value > max ||
    value >= below ||
    (integer && !Number.isInteger(value))
  ) {
    throw outOfRange(call, field, kind + range, value);
  }
  return value;
}

/** Checks a finite number above 0, and gives it. */
export function checkPositive(call: string, field: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  const expected = value === Infinity ? 'a finite number' : 'a number above 0';
  throw typeof value === 'number' ? outOfRange(call, field, expected, value) : wrongType(call, field, expected, value);
}

/** Checks true or false, and gives it. */
export function checkBoolean(call: string, field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(call, field, 'true or false', value);
  return value;
}

/** Checks one of a few words, and gives it. */
export function checkChoice<const T extends string>(
  call: string,
  field: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (choices.includes(value as T)) return value as T;
  const expected = choices.map((choice) => `'${choice}'`).join(', ');
  throw typeof value === 'string'
    ? outOfRange(call, field, `one of ${expected}`, value)
    : wrongType(call, field, `one of ${expected}`, value);
}

/** Checks a function, and gives it. */
// biome-ignore lint/complexity/noBannedTypes: any function will do, the caller knows its type.
export function checkFunction<T extends Function>(call: string, field: string, value: unknown): T {
  if (typeof value !== 'function') throw wrongType(call, field, 'a function', value);
  return value as T;
}

/** Checks an object of a file's JSON, and gives it. */
export function checkObject(call: string, field: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrongType(call, field, 'an object', value);
}

/** Checks a list of a file's JSON, of so many entries at most, and gives it. */
export function checkEntries(call: string, field: string, value: unknown, most: number): unknown[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array', value);
  if (value.length > most) {
    throw new RangeError(`${call}: ${field} has ${value.length} entries, at most ${most} are allowed`);
  }
  // Holes become undefined, which is refused; methods of arrays would pass over them.
  return Array.from(value);
}

/** A property of an object, own or of its class, and none that all objects have, such as `constructor`. */
export function propertyOf(object: object, name: string): unknown {
  if (name in Object.prototype && !Object.hasOwn(object, name)) return undefined;
  return (object as Record<string, unknown>)[name];
}

/** True for arrays and typed arrays, without BigInts. */
export function isVector(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value && !('getBigInt64' in value));
}

/** What to give instead of an object of numbers, as the end of a sentence; nothing for other values. */
export function rowHint(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.some(([, entry]) => typeof entry !== 'number')) return '';
  const names = entries.slice(0, 4).map(([name]) => name);
  return `, such as [${names.join(', ')}${entries.length > 4 ? ', ...' : ''}]`;
}

/** Checks a vector of finite numbers of this length and copies it to `into` from `offset`. */
export function copyVector(
  call: string,
  field: string,
  value: unknown,
  length: number,
  who: string,
  into: Float64Array,
  offset = 0,
): void {
  if (!isVector(value)) throw wrongType(call, field, `an array of ${length} numbers${rowHint(value)}`, value);
  if (value.length !== length) {
    throw new RangeError(`${call}: ${field} has ${value.length} values, ${who} ${length}`);
  }
  for (let index = 0; index < length; index++) {
    const entry: unknown = value[index];
    // The difference is not a number for what is not finite; a check of numbers first, since nearly all are.
    if (typeof entry === 'number' && entry - entry === 0) into[offset + index] = entry;
    else into[offset + index] = entryOf(call, field, index, entry);
  }
}

/**
 * The same as Synaptic takes it: what is longer than `length` counts up to there, and strings of digits are numbers
 * ({@link fromDigits}). A loop of its own: every step of a network comes by, and one loop for both is 3 % of a small one.
 */
export function takeVector(
  call: string,
  field: string,
  value: unknown,
  length: number,
  who: string,
  into: Float64Array,
  offset = 0,
): void {
  if (!isVector(value)) throw wrongType(call, field, `an array of ${length} numbers${rowHint(value)}`, value);
  if (value.length < length) {
    throw new RangeError(`${call}: ${field} has ${value.length} values, ${who} ${length}`);
  }
  for (let index = 0; index < length; index++) {
    const entry: unknown = value[index];
    if (typeof entry === 'number' && entry - entry === 0) into[offset + index] = entry;
    else into[offset + index] = entryOf(call, field, index, fromDigits(entry));
  }
}

/** An entry of a vector that is no finite number: what it counts as, or an error. */
function entryOf(call: string, field: string, index: number, entry: unknown): number {
  if (typeof entry === 'boolean') return Number(entry);
  if (typeof entry !== 'number') {
    throw wrongType(call, `${field}[${index}]`, `a finite number${digitsHint(entry)}`, entry);
  }
  if (!Number.isFinite(entry)) throw outOfRange(call, `${field}[${index}]`, 'a finite number', entry);
  return entry;
}

/** The number that a string stands for, as files of CSV and command lines give it; anything else as it is. */
export function fromDigits(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/** What makes a number of a string of digits, as the end of a sentence; nothing for other values. */
function digitsHint(value: unknown): string {
  return typeof fromDigits(value) === typeof value ? '' : `; Number(${JSON.stringify(value)}) is one`;
}

/** {@link checkNumber} for Synaptic's classes, which take strings of digits ({@link fromDigits}). */
export function takeNumber(call: string, field: string, value: unknown, bounds?: Bounds): number {
  return checkNumber(call, field, fromDigits(value), bounds);
}

/** A learning rate of Synaptic's classes: 0.1 if left out; 0 learns nothing, and so does null. */
export function takeRate(call: string, rate: unknown): number {
  if (typeof rate === 'number' && rate - rate === 0) return rate;
  return rate === undefined ? 0.1 : takeNumber(call, 'rate', rate ?? 0);
}

/** Checks that options are an object; nothing gives {}. */
function optionsObject(call: string, options: unknown, field: string): object {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object' || isVector(options)) throw wrongType(call, field, 'an object', options);
  return options;
}

/** What is said of an option that is not known, with what may have been meant. */
function unknownOption(
  call: string,
  field: string,
  name: string,
  known: readonly string[],
): { what: string; hint: string } {
  const near = synonym(name, known) ?? nearest(name, known);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean '${near}'?`;
  return { what: `${call}: ${field}.${name} is not known`, hint };
}

/** Checks that options are an object with known names only, and gives it; nothing gives {}. */
export function checkOptions<T extends object>(
  call: string,
  options: unknown,
  known: readonly (keyof T & string)[],
  field = 'options',
): T {
  const given = optionsObject(call, options, field);
  for (const name of Object.keys(given)) {
    if ((known as readonly string[]).includes(name)) continue;
    const { what, hint } = unknownOption(call, field, name, known);
    throw new TypeError(`${what}; ${hint}`);
  }
  return given as T;
}

const warned = new Set<string>();

/** The same for Synaptic's classes, where names that are not known are left out, with a warning once per name. */
export function takeOptions<T extends object>(call: string, options: unknown, known: readonly (keyof T & string)[]): T {
  const given = optionsObject(call, options, 'options');
  const names = Object.keys(given);
  const foreign = names.filter((name) => !(known as readonly string[]).includes(name));
  if (foreign.length === 0) return given as T;
  for (const name of foreign) {
    const { what, hint } = unknownOption(call, 'options', name, known);
    if (!warned.has(what)) console.warn(`${what} and left out; ${hint}`);
    warned.add(what);
  }
  return Object.fromEntries(Object.entries(given).filter(([name]) => !foreign.includes(name))) as T;
}

/** What other libraries call an option, small and without marks, and what it may be called here. */
const SYNONYMS: readonly (readonly [others: readonly string[], here: readonly string[]])[] = [
  [['lr', 'learningrate', 'learnrate', 'stepsize', 'eta', 'alpha'], ['rate']],
  [
    ['epoch', 'epochs', 'iteration', 'iterations', 'maxepochs', 'maxiterations', 'maxiter', 'nepochs', 'numepochs'],
    ['epochs', 'iterations'],
  ],
  [['batch', 'minibatch', 'minibatchsize'], ['batchSize']],
  [
    ['validationsplit', 'validationdata', 'validationset', 'testsize', 'holdout'],
    ['validation', 'testSize'],
  ],
  [['loss', 'lossfunction', 'costfunction', 'criterion', 'metric'], ['cost']],
  [['errorthresh', 'errorthreshold', 'targeterror', 'tolerance', 'threshold', 'tol'], ['error']],
  [['earlystopping', 'earlystoppingpatience'], ['patience']],
  [['clip', 'clipgradient', 'clipgradients', 'gradientclipping', 'gradclip', 'clipnorm', 'maxnorm'], ['clipNorm']],
  [['solver', 'algorithm'], ['optimizer']],
  [['l2', 'regularization', 'weightdecay'], ['weightDecay']],
  [['warmupsteps', 'warmupepochs', 'warmup'], ['warmUp']],
  [
    ['bptt', 'tbptt', 'truncatedbptt'],
    ['truncate', 'learner'],
  ],
  [['workers', 'numworkers', 'njobs', 'parallel'], ['threads']],
  [['verbose', 'logperiod', 'debug'], ['log']],
  [['callback', 'callbacks', 'onepoch', 'onepochend', 'progress'], ['onProgress']],
  [['randomstate', 'randomseed', 'rng'], ['seed']],
  [['units', 'cells', 'neurons', 'hiddensize', 'hiddenunits', 'hiddenlayers', 'layers', 'sizes'], ['hidden']],
  [['dropoutrate', 'drop', 'keepprob'], ['dropout']],
  [['classes', 'classnames', 'categories', 'tags'], ['labels']],
  [['classweight', 'weights'], ['classWeights']],
  [['activation', 'outputactivation', 'squash'], ['output']],
];

/** The option that a name of another library stands for. */
function synonym(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const here = SYNONYMS.filter(([others]) => others.includes(plain)).flatMap(([, names]) => names);
  return here.find((candidate) => known.includes(candidate));
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({
    candidate,
    distance: distance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
