// The .arff files of Weka, as the archives of UCR and UEA have them: a series per row, or several channels as a relational
// attribute.

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

/** Attributes of a file. */
const MOST_ATTRIBUTES = 2 ** 24;

type Kind = 'number' | 'target' | 'label' | 'relation';

/** Parts of a row: apart by a mark, with quotes around those that have the mark in them. */
function splitQuoted(call: string, where: string, text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    const quote = text[at];
    let part: string;
    if (quote === "'" || quote === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
      if (end >= text.length) throw outOfRange(call, where, `a text that ends with ${quote}`, text.slice(at));
      part = text.slice(at + 1, end);
      at = end + 1;
      while (text[at] === ' ' || text[at] === '\t') at++;
      if (at < text.length && text[at] !== ',') throw outOfRange(call, where, 'a comma after a quote', text.slice(at));
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      part = text.slice(at, end).trim();
      at = end;
    }
    parts.push(part);
    if (at >= text.length) return parts;
    at++;
  }
}

class ArffFormat implements Format {
  readonly header: SeriesHeader = { name: '', labels: null, target: false, channels: null };
  readonly #call: string;
  readonly #kinds: Kind[] = [];
  /** Name of the last attribute. */
  #last = '';
  #labels: ReadonlySet<string> = new Set();
  /** Name of the relational attribute whose attributes are being read. */
  #within: string | undefined;

  constructor(call: string) {
    this.#call = call;
  }

  head({ text, number }: Line): boolean {
    const line = text.replace(/^\uFEFF/, '').trim();
    if (line === '' || line.startsWith('%')) return false;
    const where = `line ${number}`;
    const [, tag = '', rest = ''] = /^(@\S+)\s*(.*)$/s.exec(line) ?? [];
    switch (tag.toLowerCase()) {
      case '@relation':
        this.header.name = unescaped(unquoted(rest));
        return false;
      case '@attribute':
        this.#attribute(where, rest);
        return false;
      case '@end':
        this.#within = undefined;
        return false;
      case '@data':
        this.#finish(where);
        return true;
      default:
        throw outOfRange(this.#call, where, '@relation, @attribute, @end or @data', line);
    }
  }

  #attribute(where: string, rest: string): void {
    const [, quoted, plain = '', type = ''] = /^(?:'([^']*)'|"[^"]*"|([^\s{]+))\s*(.*)$/s.exec(rest) ?? [];
    const kind = type.trim();
    // Those within a relational attribute are its steps; rows say how many there are.
    if (this.#within !== undefined) return;
    this.#last = quoted ?? plain;
    if (this.#kinds.length >= MOST_ATTRIBUTES) throw outOfRange(this.#call, where, 'fewer attributes', MOST_ATTRIBUTES);
    if (/^relational$/i.test(kind)) {
      if (this.#kinds.includes('relation')) throw outOfRange(this.#call, where, 'one relational attribute', rest);
      this.#within = quoted ?? plain;
      this.#kinds.push('relation');
    } else if (/^(?:numeric|real|integer)$/i.test(kind)) this.#kinds.push('number');
    else if (kind.startsWith('{') && kind.endsWith('}')) {
      if (this.header.labels !== null) throw outOfRange(this.#call, where, 'one attribute of labels', rest);
      const labels = splitQuoted(this.#call, where, kind.slice(1, -1)).map(unescaped);
      this.header.labels = labelsOf(this.#call, where, labels);
      this.#labels = new Set(this.header.labels);
      this.#kinds.push('label');
    } else throw outOfRange(this.#call, where, 'an attribute that is numeric, relational or {labels}', rest);
  }

  #finish(where: string): void {
    if (this.#within !== undefined) throw outOfRange(this.#call, where, `@end ${this.#within} before`, '@data');
    const numbers = this.#kinds.filter((kind) => kind === 'number').length;
    const relational = this.#kinds.includes('relation');
    if (relational ? numbers > 1 : numbers === 0) {
      throw outOfRange(this.#call, where, 'numeric attributes, or one that is relational, before @data', numbers);
    }
    // A number is what is to be predicted beside a relational attribute, or where the last attribute's name says so.
    const named = !relational && this.#kinds.at(-1) === 'number' && /^(?:class|target)$/i.test(this.#last);
    this.header.target = named || (relational && numbers === 1);
    if (this.header.target && this.header.labels !== null) {
      throw outOfRange(this.#call, where, 'one attribute that is to be predicted: labels or a number', 'both');
    }
    if (named && numbers === 1) throw outOfRange(this.#call, where, 'steps beside the number to predict', numbers);
    if (named) this.#kinds[this.#kinds.length - 1] = 'target';
    else if (this.header.target) this.#kinds[this.#kinds.indexOf('number')] = 'target';
    if (!relational) this.header.channels = 1;
  }

  caseOf({ text, number }: Line): SeriesCase | undefined {
    const line = text.trim();
    if (line === '' || line.startsWith('%')) return undefined;
    const where = `line ${number}`;
    if (line.startsWith('{'))
      throw outOfRange(this.#call, where, 'a row of all values; sparse rows are not read', line);
    const parts = splitQuoted(this.#call, where, line);
    if (parts.length !== this.#kinds.length) {
      throw outOfRange(this.#call, `${where}, values`, String(this.#kinds.length), parts.length);
    }
    const numbers: number[] = [];
    const found: SeriesCase = { input: numbers };
    parts.forEach((part, index) => {
      const kind = this.#kinds[index];
      if (kind === 'relation') found.input = this.#channels(where, part);
      else if (kind === 'label') found.label = labelOf(this.#call, `${where}, label`, unescaped(part), this.#labels);
      else {
        const value = numberOf(this.#call, `${where}, value ${index + 1}`, part);
        if (kind === 'target') found.output = value;
        else numbers.push(value);
      }
    });
    return found;
  }

  /** Channels that a text has, apart by \n. */
  #channels(where: string, text: string): number[] | number[][] {
    const values = text.split('\\n').map((channel, index) =>
      channel.split(',').map((value, step) => {
        return numberOf(this.#call, `${where}, channel ${index + 1}, value ${step + 1}`, value);
      }),
    );
    const { channels } = this.header;
    if (channels !== null && values.length !== channels) {
      throw outOfRange(this.#call, `${where}, channels`, String(channels), values.length);
    }
    this.header.channels = channelsOf(this.#call, `${where}, channels`, values.length);
    return stepsOf(this.#call, where, values);
  }
}

const unescaped = (text: string): string => text.replace(/\\(.)/gs, '$1');
const unquoted = (text: string): string => text.replace(/^(['"])(.*)\1$/s, '$2');

/**
 * Opens an .arff file: reads its header, and leaves the cases to be read one by one.
 *
 * @throws RangeError for a line that is none of such a file, TypeError for a source of another kind; as rejections, of the
 *   promise or while cases are read. The error names the line.
 */
export function openArff(source: Source): Promise<OpenedSeries> {
  const call = 'openArff';
  return openFile(call, source, new ArffFormat(call));
}

/**
 * Reads an .arff file: numeric attributes as the steps of a series, or a relational attribute as its channels, and an
 * attribute of labels. Sparse rows, dates and texts are refused.
 *
 * @throws as {@link openArff} does.
 *
 * @example
 * const { header, cases } = await readArff(await readFile('GunPoint_TRAIN.arff'));
 */
export async function readArff(source: Source): Promise<SeriesFile> {
  const call = 'readArff';
  return wholeFile(await openFile(call, source, new ArffFormat(call)));
}
