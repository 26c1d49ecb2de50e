// From CSV or JSON to samples; a wrong line or entry is told with its number, the right ones are given.

import Papa from 'papaparse';

import { shorten } from './wording.js';

const MOST_CHARACTERS = 20_000_000;
const MOST_LABELS = 50;
/** Characters of a wrong value that a problem quotes. */
const MOST_QUOTED = 30;

/** A text of numbers (with spaces between them) as a list; null if a part of the text is no number. */
function numbers(text) {
  const values = text.trim().split(/\s+/).map(Number);
  return text.trim() !== '' && values.every(Number.isFinite) ? values : null;
}

const quoted = (value) =>
  shorten(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)), MOST_QUOTED);

function textRow(cells) {
  if (cells.length !== 2) return `${cells.length} columns, expected 2 (text,label)`;
  const [input, label] = cells.map((cell) => cell.trim());
  if (input === '') return 'the text is empty';
  return label === '' ? 'the label is missing' : { input, label };
}

function seriesRow(cells) {
  const label = cells[0].trim();
  if (label === '') return 'the label is missing';
  const steps = cells.slice(1).map(numbers);
  if (steps.length === 0) return 'no steps follow the label';
  const wrong = steps.indexOf(null);
  if (wrong >= 0) return `column ${wrong + 2} is “${quoted(cells[wrong + 1])}”, expected a number`;
  return { input: steps, label };
}

function parseCsv(source) {
  const rows = [];
  let [line, cursor] = [1, 0];
  Papa.parse(source, {
    delimiter: ',',
    step: ({ data, errors, meta }) => {
      rows.push({ where: `line ${line}`, cells: data, error: errors[0]?.message });
      line += source.slice(cursor, meta.cursor).split('\n').length - 1;
      cursor = meta.cursor;
    },
  });
  const filled = rows.filter(({ cells, error }) => error !== undefined || cells.some((cell) => cell.trim() !== ''));
  const header = filled[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const named = header.join() === 'text,label' || header[0] === 'label';
  const body = named ? filled.slice(1) : filled;
  const texts = named ? header[0] === 'text' : body[0]?.cells.length === 2;
  const read = texts ? textRow : seriesRow;
  const entries = body.map(({ where, cells, error }) => ({ where, result: error ?? read(cells) }));
  return { kind: texts ? 'text' : 'series', entries };
}

function entryOf(entry) {
  if (typeof entry !== 'object' || entry === null) return `${quoted(entry)}, expected an object`;
  const { text, series, label } = entry;
  if (typeof label !== 'string' || label === '') return `label is ${quoted(label)}, expected a text`;
  if (typeof text === 'string') return text === '' ? 'the text is empty' : { input: text, label };
  if (!Array.isArray(series)) return 'neither text nor series is there';
  if (series.length === 0) return 'the series is empty';
  const steps = series.map((step) => (Array.isArray(step) ? step : [step]));
  const wrong = steps.findIndex((step) => step.length === 0 || !step.every(Number.isFinite));
  return wrong >= 0 ? `step ${wrong + 1} is ${quoted(series[wrong])}, expected numbers` : { input: steps, label };
}

/** The line where a text stops being JSON, as the browser's error tells it, or else the last line. */
function lineOfJsonError(source, error) {
  const [, line] = /line (\d+)/.exec(error.message) ?? [];
  if (line !== undefined) return Number(line);
  const [, position] = /position (\d+)/.exec(error.message) ?? [];
  return source.slice(0, Number(position ?? source.length)).split('\n').length;
}

function parseJson(source) {
  let list;
  try {
    list = JSON.parse(source);
  } catch (error) {
    const where = `line ${lineOfJsonError(source, error)}`;
    return { kind: 'text', entries: [{ where, result: `this is not JSON: ${error.message}` }] };
  }
  if (!Array.isArray(list))
    return { kind: 'text', entries: [{ where: 'line 1', result: 'expected a list of samples' }] };
  const entries = list.map((entry, index) => ({ where: `entry ${index + 1}`, result: entryOf(entry) }));
  return { kind: typeof list[0]?.text === 'string' ? 'text' : 'series', entries };
}

/** Refuses also the samples that do not fit the first one: those of another kind, or with other numbers of channels. */
function fitted(kind, entries) {
  const width =
    kind === 'series' ? entries.find(({ result }) => typeof result !== 'string')?.result.input[0].length : 0;
  return entries.map(({ where, result }) => {
    if (typeof result === 'string') return { where, result };
    const { input } = result;
    if ((kind === 'text') !== (typeof input === 'string')) {
      return { where, result: `this is ${typeof input === 'string' ? 'a text' : 'a series'}, those before are not` };
    }
    const odd = kind === 'series' ? input.findIndex((step) => step.length !== width) : -1;
    if (odd < 0) return { where, result };
    return { where, result: `step ${odd + 1} has ${input[odd].length} values, the first step of all has ${width}` };
  });
}

/**
 * Samples from CSV or JSON: { kind, samples, problems }, a problem being a sentence that begins with
 * its line. No sample can be used if `fatal` says why.
 */
export function parse(source) {
  if (source.length > MOST_CHARACTERS) {
    return { kind: 'text', samples: [], problems: [], fatal: `more than ${MOST_CHARACTERS / 1e6} million characters` };
  }
  const clean = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const parsed = /^\s*[[{]/.test(clean) ? parseJson(clean) : parseCsv(clean);
  const entries = fitted(parsed.kind, parsed.entries);
  const samples = entries.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]));
  const problems = entries.flatMap(({ where, result }) => (typeof result === 'string' ? [`${where}: ${result}`] : []));
  const labels = new Set(samples.map(({ label }) => label)).size;
  const fatal =
    labels < 2
      ? `${samples.length} usable samples with ${labels} labels, expected at least 2 labels`
      : labels > MOST_LABELS
        ? `${labels} labels, expected at most ${MOST_LABELS}: is the label in the right column?`
        : undefined;
  return { kind: parsed.kind, samples, problems, fatal };
}
