// Which of a few models does best on samples, found out by trying.

import { checkFunction, checkNumber, checkOptions, isVector, outOfRange, wrongType } from '../checks/errors.js';
import { isAbortSignal } from '../checks/realm.js';
import { hardwareConcurrency } from '../engine/builtin.js';
import { engineOptions } from '../engine/generated/tables.js';
import { checkModel, measured, partsOf, withSome } from '../sequences/folds.js';
import type { LabelValue } from '../sequences/labels.js';
import { randomFrom } from '../sequences/random.js';
import { still } from '../sequences/still.js';
import { type Candidate, candidatesFor, type LabelledInput } from './candidates.js';

/** A sequence and its label: a text, a list of symbols, or a series of numbers or rows. */
export interface ComparedSample<Input = unknown, Label extends LabelValue = LabelValue> {
  input: Input;
  label: Label;
}

/** Options of {@link compare}. */
export interface CompareOptions<Sample> {
  /**
   * Seconds that it may take, above 0, up to 86,400. Default 30. The last fits are ended then; what a model needs to say
   * how well it does comes on top.
   */
  seconds?: number;
  /** Parts of the samples, of which each is held out once: 2 up to as many as there are samples. Default 5, or that many. */
  folds?: number;
  /** Fixes parts and models: an integer from 0. With it, accuracies are the same to the bit where time cuts nothing. */
  seed?: number;
  /** Ends it: what is known by then is the result. */
  signal?: AbortSignal;
  /** Hears of every part that a candidate is judged by. */
  onProgress?: (progress: CompareProgress) => unknown;
  /** Models to try in place of those that fit the samples. */
  candidates?: readonly Candidate<Sample>[];
  /** Fits at a time, each in a worker, from 1; they change no accuracy. Default: as many as there are processors. */
  parallel?: number;
}

/** How far {@link compare} is. */
export interface CompareProgress {
  /** Parts that candidates were judged by, or will not be. */
  done: number;
  /** Parts of all candidates. */
  of: number;
  /** Milliseconds so far. */
  time: number;
  /** The table so far. */
  table: Compared[];
}

/** A line of the table. */
export interface Compared {
  /** Name of the candidate. */
  name: string;
  /** Mean share of held-out samples whose label is right, 0 to 1; null where there was no time to learn. */
  accuracy: number | null;
  /** Its standard deviation over the parts; null where there are fewer than two. */
  deviation: number | null;
  /** Mean seconds of a fit; null where none was begun. */
  seconds: number | null;
  /** Parts that it was judged by. */
  folds: number;
  /** Whether time ended its only fit, so that it may do better. */
  cut: boolean;
  /** The line that makes this model. */
  code: string;
}

/** A candidate, and what came of it. */
interface Entry<Sample> {
  candidate: Candidate<Sample>;
  /** Its options of `fit`, as they were. */
  fit: Candidate<Sample>['fit'];
  /** Accuracy by part. */
  accuracies: number[];
  /** Milliseconds of fits. */
  times: number[];
  cut: boolean;
}

const call = 'compare';
/** Milliseconds that a fit is given in any case. */
const LEAST = 20;

function checkSamples(samples: unknown): LabelledInput[] {
  if (!Array.isArray(samples)) throw wrongType(call, 'samples', 'an array', samples);
  if (samples.length < 2)
    throw outOfRange(call, 'samples', 'at least two, one to learn from and one held out', samples);
  return Array.from<unknown, LabelledInput>(samples, (sample, index) => {
    const field = `samples[${index}]`;
    if (typeof sample !== 'object' || sample === null) {
      throw wrongType(call, field, 'an object { input, label }', sample);
    }
    const { input, label } = sample as LabelledInput;
    if (!['string', 'number', 'boolean'].includes(typeof label)) {
      throw wrongType(call, `${field}.label`, 'a string, a number, true or false', label);
    }
    if (typeof label === 'number') checkNumber(call, `${field}.label`, label);
    return { input, label };
  });
}

function checkCandidates<Sample>(given: unknown): Candidate<Sample>[] {
  if (!Array.isArray(given)) throw wrongType(call, 'options.candidates', 'an array', given);
  if (given.length === 0) throw outOfRange(call, 'options.candidates', 'at least one', given);
  return Array.from<unknown, Candidate<Sample>>(given, (candidate, index) => {
    const field = `options.candidates[${index}]`;
    if (typeof candidate !== 'object' || candidate === null || isVector(candidate)) {
      throw wrongType(call, field, 'an object { name, make }', candidate);
    }
    const { name, make } = candidate as Candidate<Sample>;
    if (typeof name !== 'string') throw wrongType(call, `${field}.name`, 'a string', name);
    checkFunction(call, `${field}.make`, make);
    return candidate as Candidate<Sample>;
  });
}

/** The table, best first; what has no accuracy comes last. */
function tableOf<Sample>(entries: readonly Entry<Sample>[]): Compared[] {
  const rows = entries.map(({ candidate: { name, code = '' }, accuracies, times, cut }): Compared => {
    const judged = accuracies.filter((accuracy) => accuracy !== undefined).map((accuracy) => ({ accuracy }));
    const { mean, deviation } = judged.length > 0 ? measured(judged) : { mean: null, deviation: null };
    return {
      name,
      accuracy: mean?.accuracy ?? null,
      deviation: judged.length > 1 ? (deviation?.accuracy ?? null) : null,
      seconds: times.length === 0 ? null : times.reduce((sum, time) => sum + time / 1000, 0) / times.length,
      folds: judged.length,
      cut,
      code,
    };
  });
  return rows.sort((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1));
}

/**
 * Tries a few models on samples under cross-validation, side by side in workers, and says which does best: LSTMs one way
 * and both ways, with windows for long series, convolutions, and `RocketClassifier`; for texts by characters and by words. Each candidate
 * is judged by one part of the samples before any is by a second; so time is spent on all, and what it cuts are later parts.
 *
 * @param samples sequences with their labels, of at least two labels.
 * @returns a line per candidate, best first. What is wrong with the arguments, or fails in a fit, rejects the promise.
 *
 * @example
 * const [best] = await compare(samples, { seconds: 10, seed: 1 });
 * console.log(best.name, best.accuracy, best.code); // 'rocket', 0.98, 'new RocketClassifier({ … })'
 */
export async function compare<Sample extends ComparedSample>(
  samples: Sample[],
  options?: CompareOptions<Sample>,
): Promise<Compared[]> {
  const given = checkOptions<CompareOptions<Sample>>(call, options, [
    'seconds',
    'folds',
    'seed',
    'signal',
    'onProgress',
    'candidates',
    'parallel',
  ]);
  const { seconds = 30, seed = Math.floor(Math.random() * 2 ** 32), signal, onProgress } = given;
  const checked = checkSamples(samples);
  const { folds = Math.min(5, checked.length), parallel = hardwareConcurrency() } = given;
  checkNumber(call, 'options.seconds', seconds, { min: 0, max: 86_400 });
  if (seconds === 0) throw outOfRange(call, 'options.seconds', 'a number above 0', seconds);
  checkNumber(call, 'options.folds', folds, { min: 2, max: checked.length, integer: true });
  checkNumber(call, 'options.seed', seed, engineOptions.seed);
  checkNumber(call, 'options.parallel', parallel, { min: 1, integer: true });
  if (signal !== undefined && !isAbortSignal(signal)) throw wrongType(call, 'options.signal', 'an AbortSignal', signal);
  if (onProgress !== undefined) checkFunction(call, 'options.onProgress', onProgress);
  const fewest = checked.length - Math.ceil(checked.length / folds);
  const candidates =
    given.candidates === undefined
      ? candidatesFor(call, checked, seed, fewest)
      : checkCandidates<Sample>(given.candidates);
  const entries = candidates.map(
    (candidate): Entry<Sample> => ({
      candidate,
      fit: still(candidate.fit),
      accuracies: [],
      times: [],
      cut: false,
    }),
  );
  const all = still(Array.from(samples));
  const parts = partsOf(all, folds, randomFrom(seed));
  const start = performance.now();
  const left = () => start + 1000 * seconds - performance.now();
  const jobs = parts.flatMap((_, fold) => entries.map((entry, place) => ({ fold, entry, place })));

  let [next, done] = [0, 0];
  /** What was wrong, the first of it first: what others throw as they are ended is not. */
  const failures: unknown[] = [];
  /** Ends the fits at work. */
  const endings = new Set<() => void>();
  const judge = async ({ fold, entry, place }: (typeof jobs)[number]): Promise<void> => {
    const { candidate, fit, accuracies, times } = entry;
    // So much that those which have to wait for this place at work have as much.
    const share = left() / Math.ceil((entries.length - place) / parallel);
    const field = `options.candidates[${place}]`;
    const model = candidate.make();
    checkModel(call, `${field}.make()`, model, 'fit', 'evaluate');
    const ending = new AbortController();
    const end = () => ending.abort();
    endings.add(end);
    signal?.addEventListener('abort', end, { once: true });
    const timer = setTimeout(end, Math.max(share, LEAST));
    try {
      const begun = performance.now();
      const others = parts.filter((_, part) => part !== fold).flat();
      const options = { ...fit, signal: ending.signal };
      const { stopped } = await withSome(call, all, others, () => model.fit(others, options));
      const whole = stopped !== 'aborted';
      if (!whole && (signal?.aborted || failures.length > 0 || fold > 0)) return;
      times.push(performance.now() - begun);
      entry.cut = !whole;
      try {
        const part = parts[fold] as Sample[];
        const { accuracy } = await withSome(call, all, part, () => model.evaluate(part));
        accuracies[fold] = checkNumber(call, `${field}.make().evaluate().accuracy`, accuracy, { min: 0, max: 1 });
      } catch (error) {
        // What was ended early may have learnt nothing that could be judged.
        if (whole) throw error;
      }
    } finally {
      clearTimeout(timer);
      endings.delete(end);
      signal?.removeEventListener('abort', end);
      model.free?.();
    }
  };

  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined && failures.length === 0; job = jobs[next++]) {
      const { entry, fold } = job;
      const hopeless = fold > 0 && (left() <= 0 || Math.max(...entry.times) > left() || entry.cut);
      try {
        if (!signal?.aborted && !hopeless) await judge(job);
        done++;
        if (failures.length > 0) return;
        await onProgress?.({ done, of: jobs.length, time: performance.now() - start, table: tableOf(entries) });
      } catch (error) {
        failures.push(error);
        for (const end of endings) end();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return tableOf(entries);
}
