// MiniRocket's features as an encoder of series, for a head of one's own.

import { checkNumber, checkOptions, outOfRange, wrongType } from '../checks/errors.js';
import type { Classifier as Core } from '../engine/generated/engram_rocket.js';
import { fit } from './fit.js';
import {
  inEngine,
  KERNELS,
  type Kernels,
  type KernelsJSON,
  kernelsFromJSON,
  kernelsToJSON,
  MOST_FEATURES,
} from './kernels.js';
import {
  type Control,
  checkFitOptions,
  type Outcome,
  type RocketFitOptions,
  type RocketResult,
  RocketRun,
} from './run.js';
import { flatSeries, type RocketSeries } from './series.js';
import { checkStored } from './stored.js';

/** Options of {@link RocketFeatures}. */
export interface RocketOptions {
  /** Values per step, 1 to 65,536. Default 1. */
  channels?: number;
  /** About how many features a series has, 84 to 100,800: the next multiple of 84 that is not above. Default 10,000. */
  features?: number;
  /** Fixes which series thresholds come from, and which channels kernels read: an integer from 0. Default: random. */
  seed?: number;
}

/** A stored {@link RocketFeatures}. */
export interface RocketFeaturesJSON {
  /** Format of the file. */
  engram: 2;
  type: 'RocketFeatures';
  channels: number;
  features: number;
  seed: number;
  /** Null before the first `fit`. */
  kernels: KernelsJSON | null;
}

/** @internal Names of {@link RocketOptions}. */
export const rocketOptions = ['channels', 'features', 'seed'] as const;

/** @internal Options of a rocket, checked. */
export function checkRocketOptions(call: string, options: RocketOptions): Required<RocketOptions> {
  const { channels = 1, features = 10_000, seed = Math.floor(Math.random() * 2 ** 32) } = options;
  checkNumber(call, 'options.channels', channels, { min: 1, max: 65_536, integer: true });
  checkNumber(call, 'options.features', features, { min: KERNELS, max: MOST_FEATURES, integer: true });
  checkNumber(call, 'options.seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  return { channels, features: features - (features % KERNELS), seed };
}

/** @internal Checks a list of series, at least `least` of them. */
export function checkInputs(call: string, field: string, inputs: unknown, least: number): unknown[] {
  if (!Array.isArray(inputs)) throw wrongType(call, field, 'an array', inputs);
  if (inputs.length < least)
    throw outOfRange(call, field, `at least ${least === 1 ? 'one entry' : `${least} entries`}`, inputs);
  // Holes become undefined, which is refused; methods of arrays would pass over them.
  return Array.from(inputs);
}

/** @internal The error of a call before the first `fit`. */
export function unfitted(call: string): TypeError {
  return new TypeError(`${call}: nothing has been fitted yet; call fit first`);
}

/**
 * Turns series into features: shares of convolutions with fixed kernels that are above thresholds (MiniRocket, Dempster,
 * Schmidt & Webb 2021). They go into a head of one's own, such as a softmax layer of `engram`, or a search for
 * neighbours; {@link RocketClassifier} has a head already.
 *
 * @example
 * const rocket = new RocketFeatures({ features: 1000, seed: 1 });
 * await rocket.fit(series);
 * const [row] = rocket.transform([series[0]]); // a Float32Array of 924 shares from 0 to 1
 */
export class RocketFeatures {
  /** Values per step. */
  readonly channels: number;
  /** Features of a series. */
  readonly features: number;
  /** What fixes all that is random. */
  readonly seed: number;
  #kernels: Kernels | undefined;
  #core: Core | undefined;

  /** @throws TypeError or RangeError that names the option that is wrong. */
  constructor(options: RocketOptions = {}) {
    const call = 'new RocketFeatures';
    const given = checkOptions<RocketOptions>(call, options, rocketOptions);
    ({ channels: this.channels, features: this.features, seed: this.seed } = checkRocketOptions(call, given));
  }

  /**
   * Chooses dilations by the longest of some series and thresholds by all, in workers; a call after the end begins anew. Series
   * may be of unequal lengths. What is wrong with the arguments rejects the promise.
   *
   * @param inputs series, at least one.
   */
  fit(inputs: readonly RocketSeries[], options?: RocketFitOptions): RocketRun {
    const call = 'RocketFeatures.fit';
    return RocketRun.start(call, this, () => {
      const checked = checkFitOptions(call, options);
      const list = checkInputs(call, 'inputs', inputs, 1);
      const series = this.#flat(call, list);
      const order = { series, features: this.features, seed: this.seed, options: checked };
      const work = async (control: Control): Promise<Outcome> => {
        const { kernels, threads } = await fit(control, order);
        const result: RocketResult = { stopped: 'finished', time: control.time(), threads, features: this.features };
        return { result, keep: () => this.#adopt(kernels) };
      };
      return { options: checked, work };
    });
  }

  #flat(call: string, inputs: readonly unknown[]) {
    return flatSeries(
      call,
      inputs.map((input, index) => ({ field: `inputs[${index}]`, input })),
      this.channels,
    );
  }

  #adopt(kernels: Kernels): void {
    const core = inEngine(kernels);
    this.#core?.free();
    this.#core = core;
    this.#kernels = kernels;
  }

  /** Features of series, each a row of shares from 0 to 1, in the order of dilations, kernels and thresholds. */
  transform(inputs: readonly RocketSeries[]): Float32Array[] {
    const call = 'RocketFeatures.transform';
    if (this.#core === undefined) throw unfitted(call);
    const list = checkInputs(call, 'inputs', inputs, 0);
    const { lengths, values } = this.#flat(call, list);
    const all = this.#core.features(lengths, values);
    return list.map((_, index) => all.slice(index * this.features, (index + 1) * this.features));
  }

  /** The encoder as plain data. */
  toJSON(): RocketFeaturesJSON {
    const { channels, features, seed } = this;
    const kernels = this.#kernels === undefined ? null : kernelsToJSON(this.#kernels);
    return { engram: 2, type: 'RocketFeatures', channels, features, seed, kernels };
  }

  /** An encoder from {@link RocketFeatures.toJSON}. */
  static fromJSON(json: RocketFeaturesJSON): RocketFeatures {
    const call = 'RocketFeatures.fromJSON';
    const { channels, features, seed, kernels } = checkStored(call, json, 'RocketFeatures');
    const made = new RocketFeatures({ channels, features, seed } as RocketOptions);
    if (kernels !== null && kernels !== undefined) made.#adopt(kernelsFromJSON(call, 'json.kernels', kernels, made));
    return made;
  }
}
