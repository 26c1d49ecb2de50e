// Models that may fit some samples, each with the line that makes it.

import { describe, isVector, outOfRange, wrongType } from '../checks/errors.js';
import type { LabelValue } from '../sequences/labels.js';
import { libraries } from './realm.js';

/** What a candidate makes: a model that learns labels. */
export interface ComparedModel<Sample> {
  /** Learns from samples; ends soon once the signal says so. */
  fit(samples: Sample[], options: { signal: AbortSignal }): PromiseLike<{ stopped: string }>;
  /** Says how well it does on samples. */
  evaluate(samples: Sample[]): { accuracy: number };
  /** Gives memory back. */
  free?(): void;
}

/** A model to compare with others. */
export interface Candidate<Sample = unknown> {
  /** What the table calls it. */
  name: string;
  /** The line that makes the model, for the table. Default: none. */
  code?: string;
  /** Makes a new model, for each part of the samples. */
  make(): ComparedModel<Sample>;
  /** Options of every `fit`, besides `signal`. */
  fit?: object;
}

/** A sample, checked. */
export interface LabelledInput {
  input: unknown;
  label: LabelValue;
}

/** Steps of a series that a recurrent network is given, about: longer series come in windows. */
const STEPS = 50;
/** Most characters of an alphabet; of texts with more, characters are symbols of a vocabulary. */
const MOST_CHARACTERS = 200;
/** Most steps of a series that convolutions are given, about. */
const STEPS_CONVOLVED = 500;
/** Convolutions that see 55 steps, for series as long at least. */
const LONG = [
  { filters: 32, width: 7 },
  { filters: 32, width: 5, dilation: 4 },
  { filters: 32, width: 3, dilation: 16 },
];
/** Convolutions that see seven steps. */
const SHORT = [
  { filters: 32, width: 3 },
  { filters: 32, width: 3, dilation: 2 },
];
/** Fewest and most samples that the ridge regression of `RocketClassifier` takes. */
const [LEAST_OF_ROCKET, MOST_OF_ROCKET] = [2, 4096];

/** A value as source text. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, entry]) => `${name}: ${literal(entry)}`);
  return `{ ${entries.join(', ')} }`;
}

/** An encoder, and the text that makes it. */
interface Encoding {
  code: string;
  encoder: unknown;
}

function encoding(kind: 'numeric' | 'oneHot' | 'symbols' | 'tokens', options: unknown): Encoding {
  const make = libraries().Encoder[kind] as (options: unknown) => unknown;
  const empty = typeof options === 'object' && options !== null && Object.keys(options).length === 0;
  return { code: `Encoder.${kind}(${empty ? '' : literal(options)})`, encoder: make(options) };
}

/** What all candidates have: labels and seed. */
interface Common {
  labels: readonly LabelValue[];
  seed: number;
}

function recurrent(name: string, { labels, seed }: Common, { code, encoder }: Encoding, options = {}): Candidate {
  const { SequenceClassifier } = libraries();
  const rest = Object.entries({ ...options, seed }).map(([option, value]) => `${option}: ${literal(value)}`);
  return {
    name,
    code: `new SequenceClassifier({ labels: ${literal(labels)}, encoder: ${code}, ${rest.join(', ')} })`,
    make: () => new SequenceClassifier({ labels, encoder, seed, ...options } as never) as never,
    fit: { threads: 1 },
  };
}

/** One way, and both. */
function bothWays(name: string, common: Common, encoder: Encoding): Candidate[] {
  return [recurrent(name, common, encoder), recurrent(`${name}, both ways`, common, encoder, { bidirectional: true })];
}

function forTexts(common: Common, texts: readonly string[]): Candidate[] {
  const alphabet = [...new Set(texts.flatMap((text) => Array.from(text)))].sort().join('');
  const few = alphabet !== '' && Array.from(alphabet).length <= MOST_CHARACTERS;
  const characters = few ? encoding('oneHot', alphabet) : encoding('tokens', { split: 'characters' });
  return [
    ...bothWays('LSTM on characters', common, characters),
    ...bothWays('LSTM on words', common, encoding('tokens', {})),
  ];
}

function forSymbols(common: Common): Candidate[] {
  return [
    ...bothWays('LSTM on symbols', common, encoding('symbols', {})),
    ...bothWays('LSTM on vectors of symbols', common, encoding('symbols', { embedding: 16 })),
  ];
}

const isGap = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);

function forSeries(common: Common, inputs: readonly ArrayLike<unknown>[], fewest: number): Candidate[] {
  const rows = inputs.flatMap((input) => Array.from(input));
  const first = rows.find((row) => !isGap(row));
  const named = typeof first === 'object' && !isVector(first);
  const channels = named ? Object.keys(first as object) : isVector(first) ? first.length : 1;
  const valuesOf = (row: unknown): unknown[] =>
    isGap(row) || typeof row !== 'object' ? [row] : isVector(row) ? Array.from(row) : Object.values(row as object);
  const gaps = rows.some((row) => valuesOf(row).some(isGap));
  const lengths = inputs.map(({ length }) => length).sort((a, b) => a - b);
  const length = lengths[lengths.length >> 1] as number;
  const inWindows = (steps: number): Encoding => {
    const window = Math.max(1, Math.round(length / steps));
    return encoding('numeric', {
      ...(channels === 1 ? {} : { channels }),
      ...(window === 1 ? {} : { window }),
      ...(gaps ? { missing: 'mask' } : {}),
    });
  };
  const convolution = length < 55 ? SHORT : LONG;
  const candidates = [
    ...bothWays('LSTM', common, inWindows(STEPS)),
    recurrent('convolution', common, inWindows(STEPS_CONVOLVED), { hidden: [], convolution }),
  ];
  if (named || gaps || fewest < LEAST_OF_ROCKET || inputs.length > MOST_OF_ROCKET) return candidates;
  const { RocketClassifier } = libraries();
  const rocket = {
    labels: common.labels,
    ...(channels === 1 ? {} : { channels: channels as number }),
    seed: common.seed,
  };
  // First, as it is soon done, and has learnt nothing before that.
  return [
    {
      name: 'rocket',
      code: `new RocketClassifier(${literal(rocket)})`,
      make: () => new RocketClassifier(rocket) as never,
      fit: { threads: 1 },
    },
    ...candidates,
  ];
}

/** The candidates that fit samples: texts, lists of symbols, or series; each learns from `fewest` of them at least. */
export function candidatesFor(
  call: string,
  samples: readonly LabelledInput[],
  seed: number,
  fewest: number,
): Candidate[] {
  const labels = [...new Set(samples.map(({ label }) => label))];
  const texts = new Map<string, LabelValue>();
  samples.forEach(({ label }, index) => {
    const other = texts.get(String(label));
    if (other !== undefined && other !== label) {
      throw outOfRange(
        call,
        `samples[${index}].label`,
        `another text than that of the label ${describe(other)}`,
        label,
      );
    }
    texts.set(String(label), label);
  });
  if (labels.length < 2) throw outOfRange(call, 'samples', 'samples of at least two labels', samples);
  const common = { labels, seed };
  const inputs = samples.map(({ input }) => input);
  if (inputs.every((input) => typeof input === 'string')) return forTexts(common, inputs);
  const strange = inputs.findIndex((input) => !isVector(input) || input.length === 0);
  if (strange >= 0) {
    const expected = 'a series or a list of symbols of at least one step, or a text as all are';
    throw wrongType(call, `samples[${strange}].input`, expected, inputs[strange]);
  }
  const lists = inputs as ArrayLike<unknown>[];
  const hasTexts = lists.some((input) => Array.from(input).some((step) => typeof step === 'string'));
  return hasTexts ? forSymbols(common) : forSeries(common, lists, fewest);
}
