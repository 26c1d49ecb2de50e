// The .ts files of the archives of UCR, UEA and TSER (timeseriesclassification.com).

import { outOfRange } from '../checks/errors.js';
import {
  channelsOf,
  type Format,
  labelOf,
  labelsOf,
  numberOf,
  type OpenedSeries,
  openFile,
  type SeriesCase,
  type SeriesFile,
  type SeriesHeader,
  stepsOf,
  wholeFile,
} from './file.js';
import type { Line, Source } from './lines.js';

class TsFormat implements Format {
  readonly header: SeriesHeader = { name: '', labels: null, target: false, channels: null };
  readonly #call: string;
  #labels: ReadonlySet<string> = new Set();
  /** Steps of every series, where the file says that they have equally many, and one is known. */
  #length: number | undefined;
  #equal = false;

  constructor(call: string) {
    this.#call = call;
  }

  head({ text, number }: Line): boolean {
    // A file may begin with a mark of its byte order.
    const line = text.replace(/^\uFEFF/, '').trim();
    if (line === '' || line.startsWith('#')) return false;
    const [tag = '', ...words] = line.split(/\s+/);
    const where = `line ${number}`;
    switch (tag.toLowerCase()) {
      case '@problemname':
        this.header.name = words.join(' ');
        return false;
      case '@timestamps':
        if (!this.#says(where, tag, words)) return false;
        throw new RangeError(`${this.#call}: ${where} says that values have time stamps, which are not read`);
      case '@univariate':
        if (this.#says(where, tag, words)) this.#setChannels(where, 1);
        return false;
      case '@dimension':
      case '@dimensions':
        this.#setChannels(where, channelsOf(this.#call, where, numberOf(this.#call, where, words[0] ?? '')));
        return false;
      case '@equallength':
        this.#equal = this.#says(where, tag, words);
        return false;
      case '@serieslength':
        // Of series of unequal length files say 0, or nothing.
        this.#length = Number(words[0]) || undefined;
        return false;
      case '@classlabel':
        if (!this.#says(where, tag, words)) return false;
        this.header.labels = labelsOf(this.#call, where, words.slice(1));
        this.#labels = new Set(this.header.labels);
        return false;
      case '@targetlabel':
        this.header.target = this.#says(where, tag, words);
        return false;
      case '@missing':
        this.#says(where, tag, words);
        return false;
      case '@data':
        if (!this.header.target || this.header.labels === null) return true;
        throw outOfRange(this.#call, where, '@classLabel or @targetLabel before it, as cases have one answer', 'both');
      default:
        throw outOfRange(this.#call, where, 'a tag of a .ts file, such as @classLabel or @data', line);
    }
  }

  /** Whether the first word behind a tag is true. */
  #says(where: string, tag: string, [word = '']: string[]): boolean {
    const says = word.toLowerCase();
    if (says !== 'true' && says !== 'false') throw outOfRange(this.#call, `${where}, ${tag}`, 'true or false', word);
    return says === 'true';
  }

  #setChannels(where: string, channels: number): void {
    const before = this.header.channels ?? channels;
    if (before !== channels) throw outOfRange(this.#call, `${where}, channels`, `${before}, as said before`, channels);
    this.header.channels = channels;
  }

  caseOf({ text, number }: Line): SeriesCase | undefined {
    const line = text.trim();
    if (line === '' || line.startsWith('#')) return undefined;
    const where = `line ${number}`;
    const parts = line.split(':');
    const last = this.header.labels !== null || this.header.target ? parts.pop() : undefined;
    const { channels } = this.header;
    if (parts.length === 0) throw outOfRange(this.#call, `${where}, label`, 'one, behind values and a colon', line);
    if (channels !== null && parts.length !== channels) {
      throw outOfRange(this.#call, `${where}, channels`, String(channels), parts.length);
    }
    this.header.channels = parts.length;
    const values = parts.map((part, channel) =>
      part.split(',').map((value, step) => {
        return numberOf(this.#call, `${where}, channel ${channel + 1}, value ${step + 1}`, value);
      }),
    );
    const input = stepsOf(this.#call, where, values);
    if (this.#equal) {
      this.#length ??= input.length;
      if (input.length !== this.#length) {
        throw outOfRange(
          this.#call,
          `${where}, values`,
          `${this.#length}, as series are of equal length`,
          input.length,
        );
      }
    }
    if (last === undefined) return { input };
    if (this.header.target) return { input, output: numberOf(this.#call, `${where}, target`, last) };
    return { input, label: labelOf(this.#call, `${where}, label`, last.trim(), this.#labels) };
  }
}

/**
 * Opens a .ts file: reads its header, and leaves the cases to be read one by one.
 *
 * @throws RangeError for a line that is none of a .ts file, TypeError for a source of another kind; as rejections, of the
 *   promise or while cases are read. The error names the line.
 */
export function openTs(source: Source): Promise<OpenedSeries> {
  const call = 'openTs';
  return openFile(call, source, new TsFormat(call));
}

/**
 * Reads a .ts file: the series of the archives of UCR and UEA, of one or several channels, of equal or unequal lengths,
 * with labels or numbers to predict. Files with time stamps are refused.
 *
 * @throws as {@link openTs} does.
 *
 * @example
 * const { header, cases } = await readTs(response.body);
 * const classifier = new RocketClassifier({ labels: header.labels, channels: header.channels });
 * await classifier.fit(cases);
 */
export async function readTs(source: Source): Promise<SeriesFile> {
  const call = 'readTs';
  return wholeFile(await openFile(call, source, new TsFormat(call)));
}
