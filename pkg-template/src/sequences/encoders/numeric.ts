// Series of numbers: one step per row of channels, normalised by the training set.

import {
  checkBoolean,
  checkChoice,
  checkNumber,
  checkOptions,
  isVector,
  outOfRange,
  propertyOf,
  wrongType,
} from '../../checks/errors.js';
import { kindOf } from '../../checks/realm.js';
import { Changes, changed, checkDifferences, type Difference, type Differences } from './changes.js';
import { type Coding, counted, type ExplainedPart, type NamedInput, notFitted } from './coding.js';
import { type RowCoding, RowReader } from './row-reader.js';
import { restore, type Scale, scaleOf, scalesOf, standardise } from './scale.js';

/** A numeric series: one row of channels per step, or plain numbers where there is one channel. */
export type Series = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** What stands for a value of a channel: a number, or also a gap, where gaps are taken. */
export type ChannelValue<Missing> = Missing extends 'mask' ? number | null | undefined : number;

/** The series that an encoder of {@link NumericOptions} takes: with named channels, rows may be objects. */
export type SeriesOf<Channels extends number | readonly string[], Missing> =
  | ArrayLike<ChannelValue<Missing>>
  | ArrayLike<ArrayLike<ChannelValue<Missing>> | (Missing extends 'mask' ? null | undefined : never)>
  | (Channels extends readonly (infer Name extends string)[]
      ? ArrayLike<
          Missing extends 'mask'
            ? { readonly [name in Name]?: number | null } | null | undefined
            : { readonly [name in Name]: number }
        >
      : never);

/** Options of {@link Encoder.numeric}. */
export interface NumericOptions<
  Channels extends number | readonly string[] = number | readonly string[],
  Missing extends 'refuse' | 'mask' = 'refuse' | 'mask',
> {
  /**
   * Values per step, 1 to 65,536; or the names of the channels, for rows that are objects such as `{ x, y, z }`
   * (what else these hold is passed over; rows may also be arrays in the order of the names). Default 1.
   */
  channels?: Channels;
  /**
   * Shifts and scales every channel to mean 0 and deviation 1 over the training set. A channel that stands
   * still there (its deviation is at most a trillionth of its mean) is 0 always; a value is at most 1e30
   * deviations away. Default true.
   */
  normalize?: boolean;
  /**
   * What becomes of null, undefined and NaN. `'refuse'` (default): they are errors. `'mask'`: they are 0 (the
   * mean, in a series that is normalised), and every step has as many values more, after those of all channels
   * and in their order, that say with 1 or 0 whether the value is there; so {@link Encoder.size} doubles. Mean
   * and deviation are those of the values that are there.
   */
  missing?: Missing;
  /**
   * Rows of the series that make one step: all values of the first row, then of the next, to the last of the window.
   * A network reads a long series in a tenth of the steps with a window of 10. Every row stands in a step: where rows
   * are left after the last whole window, the last step is the window that ends with the series. A series that is
   * shorter than a window is one step, which starts with as many copies of its first row as are missing. Default 1.
   */
  window?: number;
  /**
   * Rows from the start of a window to that of the next, at most the window, so that no row is left out. Default: the
   * window.
   */
  stride?: number;
  /**
   * What a step says of a channel. `false` (default): its value. `true`: the difference from the value before, for
   * series that rise or fall without end, as a network can't tell levels that it has never seen. `'relative'`: that
   * difference as a share of the value before, for prices and counts; all values must be above 0. The value before is
   * the last one that is not missing; a first one has not changed, and is 0. Mean and deviation are those of the
   * changes. An object gives each channel its own, by its name, or its place where channels have none.
   */
  difference?: Differences;
}

/** A stored encoder of {@link Encoder.numeric}. */
export interface NumericJSON {
  type: 'numeric';
  /** How many channels there are, or their names. */
  channels: number | string[];
  normalize: boolean;
  /** Left out for `'refuse'`. */
  missing?: 'mask';
  /** Left out for 1. */
  window?: number;
  /** Left out for the window. */
  stride?: number;
  /** Left out for false. */
  difference?: Differences;
  /** Of each channel, or of its changes; null before the first `fit`, and where nothing is normalised. */
  mean: number[] | null;
  /** 0 for channels that stand still. */
  deviation: number[] | null;
}

function checkNames(call: string, field: string, names: readonly unknown[]): string[] {
  if (names.length === 0 || names.length > counted.max) {
    throw outOfRange(call, field, `1 to ${counted.max} names`, names);
  }
  const seen = new Set<string>();
  return Array.from(names, (name, index) => {
    if (typeof name !== 'string') throw wrongType(call, `${field}[${index}]`, 'a string', name);
    if (seen.has(name)) throw outOfRange(call, `${field}[${index}]`, 'a name that has not come before', name);
    seen.add(name);
    return name;
  });
}

/** The sum of some numbers. */
export const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !isVector(value);

export class Numeric implements Coding<NumericJSON>, RowCoding {
  readonly embedding = 0;
  /** Number of channels. */
  readonly channels: number;
  readonly #names: readonly string[] | null;
  readonly #normalize: boolean;
  readonly #masked: boolean;
  /** Rows of a step. */
  readonly window: number;
  /** Rows from step to step. */
  readonly stride: number;
  /** What steps say of each channel. */
  readonly differences: readonly Difference[];
  #scales: readonly Scale[] | null = null;

  private constructor(call: string, field: string, options: NumericOptions) {
    const { channels = 1, normalize = true, missing = 'refuse', window = 1, stride = window } = options;
    const { difference = false } = options;
    this.#names = Array.isArray(channels) ? checkNames(call, `${field}.channels`, channels) : null;
    this.channels = this.#names?.length ?? checkNumber(call, `${field}.channels`, channels, counted);
    this.#normalize = checkBoolean(call, `${field}.normalize`, normalize);
    this.#masked = checkChoice(call, `${field}.missing`, missing, ['refuse', 'mask']) === 'mask';
    const most = Math.floor(counted.max / this.channels);
    this.window = checkNumber(call, `${field}.window`, window, { min: 1, max: most, integer: true });
    this.stride = checkNumber(call, `${field}.stride`, stride, { min: 1, max: this.window, integer: true });
    this.differences = checkDifferences(call, `${field}.difference`, difference, this.#channelNames);
  }

  static from(call: string, options: unknown): Numeric {
    return new Numeric(
      call,
      'options',
      checkOptions(call, options, ['channels', 'normalize', 'missing', 'window', 'stride', 'difference']),
    );
  }

  static fromJSON(call: string, json: NumericJSON): Numeric {
    const { mean, deviation } = json;
    const numeric = new Numeric(call, 'json', json);
    if (mean === null || deviation === null) return numeric;
    numeric.learnt = scalesOf(call, 'json', json, numeric.channels, 'the encoder');
    return numeric;
  }

  /** What the channels are called: their names, or their places. */
  get #channelNames(): string[] {
    return Array.from({ length: this.channels }, (_, channel) => this.#names?.[channel] ?? String(channel));
  }

  /** Whether a step also says which values are there. */
  get masked(): boolean {
    return this.#masked;
  }

  /** The channel of a name, or a place. */
  channelOf(call: string, field: string, value: unknown): number {
    if (this.#names !== null && typeof value === 'string') {
      const channel = this.#names.indexOf(value);
      if (channel >= 0) return channel;
      throw outOfRange(call, field, `one of the channels ${this.#names.join(', ')}`, value);
    }
    return checkNumber(call, field, value, { min: 0, max: this.channels - 1, integer: true });
  }

  /** What a channel is called by users: its name, or its place. */
  nameOf(channel: number): string | number {
    return this.#names?.[channel] ?? channel;
  }

  get size(): number {
    return this.channels * this.window * (this.#masked ? 2 : 1);
  }
  get learnt(): unknown {
    return this.#scales;
  }
  set learnt(scales: readonly Scale[] | null) {
    this.#scales = scales;
  }

  /** A value of a step, NaN for a gap. */
  value(call: string, fieldOf: () => string, value: unknown): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'boolean') return Number(value);
    const gap = value === null || value === undefined || Number.isNaN(value);
    if (gap && this.#masked) return Number.NaN;
    const expected = `a finite number${gap ? " (numeric({ missing: 'mask' }) takes gaps)" : ''}`;
    throw typeof value === 'number'
      ? outOfRange(call, fieldOf(), expected, value)
      : wrongType(call, fieldOf(), expected, value);
  }

  /** Writes the values of a row, in the order of the channels, NaN for gaps. */
  writeRow(call: string, fieldOf: () => string, step: unknown, row: Float64Array | number[]): void {
    const { channels } = this;
    const names = this.#names;
    if (isObject(step)) {
      // Of a Map, a Date and the like nothing would be there.
      if (names !== null && (kindOf(step) === 'Object' || names.some((name) => Object.hasOwn(step, name)))) {
        names.forEach((name, channel) => {
          row[channel] = this.value(call, () => `${fieldOf()}.${name}`, propertyOf(step, name));
        });
        return;
      }
      if (names !== null) throw wrongType(call, fieldOf(), `an object of ${names.join(', ')}`, step);
      const found = Object.keys(step).slice(0, Math.max(channels, 3));
      const hint = `numeric({ channels: [${found.map((name) => `'${name}'`).join(', ')}] }) takes objects`;
      const expected = `${channels === 1 ? 'a number' : `an array of ${channels} numbers`} (${hint})`;
      throw wrongType(call, fieldOf(), expected, step);
    }
    if (isVector(step)) {
      if (step.length !== channels) {
        throw new RangeError(`${call}: ${fieldOf()} has ${step.length} values, the encoder takes ${channels}`);
      }
      for (let channel = 0; channel < channels; channel++) {
        row[channel] = this.value(call, () => `${fieldOf()}[${channel}]`, step[channel]);
      }
    } else if (channels === 1) row[0] = this.value(call, fieldOf, step);
    else if (this.#masked && (step === null || step === undefined)) {
      for (let channel = 0; channel < channels; channel++) row[channel] = Number.NaN;
    } else {
      const expected = `an array of ${channels} numbers${names === null ? '' : `, or an object of ${names.join(', ')}`}`;
      throw wrongType(call, fieldOf(), expected, step);
    }
  }

  /** The rows of a series as numbers, NaN for gaps: (rows, channels). */
  rows(call: string, field: string, input: unknown): number[][] {
    if (!isVector(input)) throw wrongType(call, field, 'an array of steps', input);
    return Array.from<unknown, number[]>(input, (step, index) => {
      const row = new Array<number>(this.channels);
      this.writeRow(call, () => `${field}[${index}]`, step, row);
      return row;
    });
  }

  study(call: string, inputs: readonly NamedInput[]): void {
    const scales = this.#measure(call, inputs);
    if (this.#normalize) this.#scales = scales;
  }

  extended(call: string, inputs: readonly NamedInput[], renew: boolean): () => () => void {
    const before = this.#scales;
    const scales = renew && this.#normalize ? this.#measure(call, inputs) : before;
    return () => {
      this.#scales = scales;
      return () => {
        this.#scales = before;
      };
    };
  }

  /** Mean and deviation of the channels of a set. */
  #measure(call: string, inputs: readonly NamedInput[]): Scale[] {
    const columns = Array.from({ length: this.channels }, (): number[] => []);
    for (const { field, input } of inputs) {
      // A first value has no change that could count.
      const changes = new Changes(this.differences, Number.NaN);
      this.rows(call, field, input).forEach((values, index) => {
        const row = Float64Array.from(values);
        changes.take(call, () => `${field}[${index}]`, row);
        row.forEach((value, channel) => {
          if (!Number.isNaN(value)) columns[channel]?.push(value);
        });
      });
    }
    const empty = columns.findIndex((column) => column.length === 0);
    if (empty >= 0) {
      const what = this.differences[empty] === false ? 'value' : 'change from one value to another';
      throw new RangeError(`${call}: channel ${this.nameOf(empty)} has no ${what} in any step, expected at least one`);
    }
    return columns.map(scaleOf);
  }

  /** Index of the first row of every window of a series of `count` rows; below 0 where rows are missing. */
  #windows(count: number): number[] {
    if (count === 0) return [];
    const last = count - this.window;
    const windows = [];
    for (let first = 0; first < last; first += this.stride) windows.push(first);
    return [...windows, last];
  }

  parts(call: string, field: string, input: unknown): string[] {
    const rows = this.rows(call, field, input);
    if (this.window === 1) return rows.map((_, step) => String(step + 1));
    return this.#windows(rows.length).map((first) => `${Math.max(first, 0) + 1} to ${first + this.window}`);
  }
  steps(call: string, field: string, input: unknown): number[][] {
    return this.stepsOf(call, (row) => `${field}[${row}]`, this.rows(call, field, input));
  }

  /** The steps of rows that {@link Numeric.rows} has read; `fieldOf` names a row. */
  stepsOf(call: string, fieldOf: (row: number) => string, given: readonly number[][]): number[][] {
    const reader = this.reader(call);
    const steps: number[][] = [];
    given.forEach((row, index) => {
      reader.take(call, () => fieldOf(index), row);
      if (!reader.stays && index < given.length - 1) return;
      const step = new Array<number>(this.size);
      reader.write(step);
      steps.push(step);
    });
    return steps;
  }

  /** Reads a series row by row. */
  reader(call: string): RowReader {
    if (this.#normalize && this.#scales === null) throw notFitted(call, 'not seen a training set');
    return new RowReader(this, new Changes(this.differences, 0));
  }

  scaled(channel: number, value: number): number {
    const scale = this.#scales?.[channel];
    return scale === undefined ? value : standardise(value, scale);
  }

  /** The rows of a series, by what each number of its steps did, (steps, size): of a window it counts for the row. */
  explained(count: number, steps: readonly ArrayLike<number>[]): ExplainedPart[] {
    const { channels, window } = this;
    const rows = Array.from({ length: count }, () => new Array<number>(channels).fill(0));
    this.#windows(count).forEach((first, step) => {
      const did = steps[step] as ArrayLike<number>;
      for (let place = 0; place < did.length; place++) {
        // After the values of all rows come what says that they are there.
        const row = rows[Math.max(first + (Math.floor(place / channels) % window), 0)] as number[];
        row[place % channels] = (row[place % channels] as number) + (did[place] as number);
      }
    });
    return rows.map((row, index) => ({ part: String(index + 1), attribution: sumOf(row), channels: row }));
  }

  /** What a channel's values, or changes, are measured by; undefined before a training set, and where nothing is. */
  scaleOf(channel: number): Scale | undefined {
    return this.#scales?.[channel];
  }

  /** The value of a channel that a number of a step stands for, after the last value that was there. */
  decode(channel: number, number: number, before: number): number {
    const scale = this.scaleOf(channel);
    const change = scale === undefined ? number : restore(number, scale);
    return changed(this.differences[channel] ?? false, before, change);
  }

  /** What is stored of the differences. */
  get #difference(): { difference?: Differences } {
    const [first = false] = this.differences;
    if (this.differences.every((kind) => kind === first)) return first === false ? {} : { difference: first };
    const named = this.#channelNames.map((name, channel) => [name, this.differences[channel] ?? false] as const);
    return { difference: Object.fromEntries(named.filter(([, kind]) => kind !== false)) };
  }

  toJSON(): NumericJSON {
    const scales = this.#scales;
    return {
      type: 'numeric',
      channels: this.#names === null ? this.channels : [...this.#names],
      normalize: this.#normalize,
      ...(this.#masked ? { missing: 'mask' } : {}),
      ...(this.window === 1 ? {} : { window: this.window }),
      ...(this.stride === this.window ? {} : { stride: this.stride }),
      ...this.#difference,
      mean: scales?.map(({ mean }) => mean) ?? null,
      deviation: scales?.map(({ deviation }) => deviation) ?? null,
    };
  }
}
