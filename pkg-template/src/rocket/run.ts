// A fit in workers, as a promise that can be ended and watched.

import { checkFunction, checkNumber, checkOptions, wrongType } from '../checks/errors.js';
import { isAbortSignal } from '../checks/realm.js';

/** Options of the `fit` of {@link RocketFeatures} and {@link RocketClassifier}. */
export interface RocketFitOptions {
  /**
   * Workers that share the work, 1 to 64, each with a copy of the samples; `'auto'` for as many as the machine runs at
   * once, at most 8. The result is the same to the bit. Where there are no workers, or a policy forbids
   * `worker-src blob:`, the calling thread does the work between what else it has to do. Default `'auto'`.
   */
  threads?: number | 'auto';
  /** Ends the fit when it says so; the model stays as it was. */
  signal?: AbortSignal;
  /** Hears after every part of the work. If it throws, or a promise that it gives rejects, so does the fit. */
  onProgress?: (progress: RocketProgress) => unknown;
}

/** How a fit goes. */
export interface RocketProgress {
  /** Parts of the work that are done, from 1. */
  done: number;
  /** Parts of the work. */
  of: number;
  /** Milliseconds so far. */
  time: number;
}

/** How a fit ended. */
export interface RocketResult {
  /** Why it ended: with a model, or by `abort`, which leaves the model as it was. */
  stopped: 'finished' | 'aborted';
  /** Milliseconds. */
  time: number;
  /** Threads that worked. */
  threads: number;
  /** Features of a series. */
  features: number;
  /**
   * Of a classifier: share of the samples that a model of all others gives their label, 0 to 1. It is what to expect of
   * series that were not seen.
   */
  accuracy?: number;
  /** Of a classifier: the ridge regression's penalty that leaving one sample out chose, from 0.001 to 1,000. */
  penalty?: number;
  /** What may help: labels that no sample has. */
  advice?: string;
}

/** @internal Names of {@link RocketFitOptions}. */
const fitOptions = ['threads', 'signal', 'onProgress'] as const;

/** @internal Checks the options of a fit. */
export function checkFitOptions(call: string, options: unknown): RocketFitOptions {
  const given = checkOptions<RocketFitOptions>(call, options, fitOptions);
  const { threads, signal, onProgress } = given;
  if (threads !== undefined && threads !== 'auto')
    checkNumber(call, 'options.threads', threads, { min: 1, max: 64, integer: true });
  if (signal !== undefined && !isAbortSignal(signal)) throw wrongType(call, 'options.signal', 'an AbortSignal', signal);
  if (onProgress !== undefined) checkFunction(call, 'options.onProgress', onProgress);
  return given;
}

/** @internal What the work of a run gives: the result, and how the model takes what was learnt. */
export interface Outcome {
  result: RocketResult;
  keep(): void;
}

/** @internal What the work of a run tells it, and hears from it. */
export interface Control {
  /** Milliseconds since the run began. */
  time(): number;
  /** One more part of so many is done. */
  step(of: number): void;
  /** What ends the threads, called when the run is over however that came. */
  onEnd(end: () => void): void;
}

/** The run of each model that is at work. */
const working = new WeakMap<object, RocketRun>();

/**
 * The promise that `fit` gives: of the result, and with a way to end it.
 *
 * @example
 * const run = classifier.fit(samples, { onProgress: ({ done, of }) => console.log(`${done} of ${of}`) });
 * stopButton.onclick = () => run.abort();
 * const { stopped, accuracy } = await run;
 */
export class RocketRun extends Promise<RocketResult> {
  #abort: () => void = () => {};

  /** Promises made from this one, by `then` and others, are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Ends the fit at once: the promise gives a result whose `stopped` is 'aborted'. Nothing happens after the end. */
  abort(): void {
    this.#abort();
  }

  /** @internal A run that some work of a model is, of which there is one at a time; what throws before it begins rejects it. */
  static start(
    call: string,
    model: object,
    make: () => { options: RocketFitOptions; work: (control: Control) => Promise<Outcome> },
  ): RocketRun {
    const start = performance.now();
    const time = () => performance.now() - start;
    let settle: { resolve(result: RocketResult): void; reject(error: unknown): void } | undefined;
    const run = new RocketRun((resolve, reject) => {
      settle = { resolve, reject };
    });
    let [over, steps] = [false, 0];
    const ends: (() => void)[] = [];
    let forget = () => {};
    const finish = (last: () => void): void => {
      if (over) return;
      over = true;
      if (working.get(model) === run) working.delete(model);
      forget();
      for (const end of ends) end();
      try {
        last();
      } catch (error) {
        settle?.reject(error);
      }
    };
    const fail = (error: unknown) => finish(() => settle?.reject(error));
    run.#abort = () => finish(() => settle?.resolve({ stopped: 'aborted', time: time(), threads: 0, features: 0 }));
    try {
      const { options, work } = make();
      if (working.has(model)) {
        throw new TypeError(`${call}: a fit is at work; wait for it to end, or abort it`);
      }
      working.set(model, run);
      const { signal, onProgress } = options;
      if (signal?.aborted) {
        run.abort();
        return run;
      }
      if (signal !== undefined) {
        const abort = () => run.abort();
        signal.addEventListener('abort', abort, { once: true });
        forget = () => signal.removeEventListener('abort', abort);
      }
      // The fit ends after what `onProgress` promises.
      let waiting: Promise<unknown> = Promise.resolve();
      const control: Control = {
        time,
        step(of) {
          steps++;
          if (over) return;
          waiting = Promise.all([waiting, onProgress?.({ done: steps, of, time: time() })]);
          waiting.catch(fail);
        },
        onEnd(end) {
          if (over) end();
          else ends.push(end);
        },
      };
      const end = ({ result, keep }: Outcome) =>
        finish(() => {
          keep();
          settle?.resolve(result);
        });
      work(control)
        .then((outcome) => waiting.then(() => end(outcome)))
        .catch(fail);
    } catch (error) {
      fail(error);
    }
    return run;
  }
}
