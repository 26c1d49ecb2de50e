// What a file of series says, and how it is read: its header first, then case by case.

import { describe, outOfRange } from '../checks/errors.js';
import { type Line, linesOf, type Source } from './lines.js';

/** What a file says of its cases. */
export interface SeriesHeader {
  /** The problem's name; empty where the file has none. */
  name: string;
  /** Labels that cases may have; null where cases have none, or a number to predict. */
  labels: string[] | null;
  /** Whether a case has a number to predict. */
  target: boolean;
  /** Values per step; null where the header does not say, and the first case does. */
  channels: number | null;
}

/** A series of a file. */
export interface SeriesCase {
  /** One number per step, or one row of channels where the file has several. NaN stands for a missing value. */
  input: number[] | number[][];
  /** Its label, where cases have one. */
  label?: string;
  /** The number to predict, where cases have one, as `SequenceRegressor` learns it; NaN for a missing one. */
  output?: number;
}

/** A file that is being read. */
export interface OpenedSeries {
  header: SeriesHeader;
  /** The cases, read as they are asked for; once. */
  cases: AsyncIterable<SeriesCase>;
}

/** A file that was read. */
export interface SeriesFile {
  header: SeriesHeader;
  cases: SeriesCase[];
}

/** Labels of a file. */
const MOST_LABELS = 65_536;
/** Values per step. */
const MOST_CHANNELS = 65_536;
/** A number as files have it: what JavaScript takes beside, such as 0x10, is none. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const MISSING = /^(?:\?|nan)$/i;

/** Reads the lines of a header, and then those of cases. */
export interface Format {
  header: SeriesHeader;
  /** Takes a line of the header; true where the cases follow. */
  head(line: Line): boolean;
  /** A case of a line; undefined where it has none. */
  caseOf(line: Line): SeriesCase | undefined;
}

/** Reads a source up to its cases. */
export async function openFile(call: string, source: Source, format: Format): Promise<OpenedSeries> {
  const lines = linesOf(call, source);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new RangeError(`${call}: the source ends before a line @data`);
    try {
      if (format.head(value)) return { header: format.header, cases: casesOf(lines, format) };
    } catch (error) {
      await lines.return(undefined);
      throw error;
    }
  }
}

async function* casesOf(lines: AsyncGenerator<Line>, format: Format): AsyncGenerator<SeriesCase> {
  for await (const line of lines) {
    const found = format.caseOf(line);
    if (found !== undefined) yield found;
  }
}

/** All cases of a file. */
export async function wholeFile({ header, cases }: OpenedSeries): Promise<SeriesFile> {
  const all: SeriesCase[] = [];
  for await (const each of cases) all.push(each);
  return { header, cases: all };
}

/** A number of a file; NaN for a missing one. */
export function numberOf(call: string, where: string, text: string): number {
  const trimmed = text.trim();
  if (MISSING.test(trimmed)) return Number.NaN;
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (!Number.isFinite(value)) throw outOfRange(call, where, 'a finite number, or ? for a missing one', trimmed);
  return value;
}

/** Checks the labels of a header. */
export function labelsOf(call: string, where: string, labels: string[]): string[] {
  if (labels.length === 0) throw outOfRange(call, where, 'at least one label', labels);
  if (labels.length > MOST_LABELS) throw outOfRange(call, where, `at most ${MOST_LABELS} labels`, labels);
  if (new Set(labels).size !== labels.length) throw outOfRange(call, where, 'labels that differ', labels);
  return labels;
}

/** Checks a number of channels. */
export function channelsOf(call: string, where: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MOST_CHANNELS) return value;
  throw outOfRange(call, where, `an integer from 1 to ${MOST_CHANNELS}`, value);
}

/** Checks the label of a case. */
export function labelOf(call: string, where: string, label: string, labels: ReadonlySet<string>): string {
  if (labels.has(label)) return label;
  const some = [...labels].slice(0, 10).map(describe).join(', ');
  throw outOfRange(call, where, `one of the header's labels, ${some}${labels.size > 10 ? ', ...' : ''}`, label);
}

/** The steps of channels, which are of one length: numbers of one channel, rows of several. */
export function stepsOf(call: string, where: string, channels: number[][]): number[] | number[][] {
  const [first = []] = channels;
  const other = channels.findIndex((channel) => channel.length !== first.length);
  if (other > 0) {
    const counts = `${first.length} in channel 1 and ${channels[other]?.length} in channel ${other + 1}`;
    throw new RangeError(`${call}: ${where} has ${counts} values, expected as many in all channels`);
  }
  return channels.length === 1 ? first : first.map((_, step) => channels.map((channel) => channel[step] as number));
}
