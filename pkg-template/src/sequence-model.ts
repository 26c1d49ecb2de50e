// What the sequence classes have in common: an encoder, a network of standard LSTM layers, training.

import { LSTM, type OutputKind } from './architect.js';
import { Encoder, type EncoderJSON } from './encoder.js';
import { checkNumber, checkOptions, isVector, outOfRange, wrongType } from './errors.js';
import { Network } from './network.js';
import type { NetworkJSON } from './network-json.js';
import { type Sample, Trainer, type TrainingOptions } from './trainer.js';
import { TrainingRun } from './training-run.js';

/** Options that every sequence class has. */
export interface SequenceModelOptions<Input> {
  /** Turns inputs into steps. */
  encoder: Encoder<Input>;
  /** Cells of each LSTM layer, from the input to the output. Default `[32]`. */
  hidden?: number[];
  /** Fixes first weights, splits and shuffles: an integer from 0. Default: random. */
  seed?: number;
}

/** Options of `fit`: those of {@link TrainingOptions} that fit sequences, and `epochs`. */
export interface FitOptions
  extends Pick<
    TrainingOptions,
    | 'rate'
    | 'optimizer'
    | 'weightDecay'
    | 'decay'
    | 'warmUp'
    | 'truncate'
    | 'batchSize'
    | 'clipNorm'
    | 'precision'
    | 'patience'
    | 'threads'
    | 'error'
    | 'shuffle'
    | 'log'
    | 'signal'
    | 'onProgress'
    | 'checkpointEvery'
    | 'onCheckpoint'
  > {
  /** Most times the training samples are gone through. Default 100. */
  epochs?: number;
  /**
   * What is held out of training to judge by: a share of the samples, from 0 and below 1, drawn at
   * random (by class, for a classifier). Default 0.
   */
  validation?: number;
  /**
   * A checkpoint of an earlier `fit` to go on from, to the same bits: with a new model of the same
   * options and seed, the same samples, and the same options of `fit`.
   */
  resume?: Uint8Array;
}

/** Names of {@link FitOptions}. */
export const fitOptions = [
  'rate',
  'optimizer',
  'weightDecay',
  'decay',
  'warmUp',
  'truncate',
  'batchSize',
  'clipNorm',
  'precision',
  'patience',
  'threads',
  'error',
  'shuffle',
  'log',
  'signal',
  'onProgress',
  'checkpointEvery',
  'onCheckpoint',
  'epochs',
  'resume',
  'validation',
] as const;

/** Most sequences per update unless asked for. */
const BATCH = 32;
/** Fewest updates of an epoch unless asked for: small sets get small batches. */
const UPDATES = 8;

/** A model as it is stored. */
export interface SequenceModelJSON {
  /** Format of the file; 1. */
  engram: 1;
  /** Name of the class. */
  type: string;
  encoder: EncoderJSON;
  hidden: number[];
  seed: number;
  /** Null before the first `fit`. */
  network: NetworkJSON | null;
}

/** Checks one of the lists that `fit` and others take. */
export function checkList(call: string, field: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array', value);
  if (value.length === 0) throw outOfRange(call, field, 'at least one entry', value);
  return value;
}

/** Base of the sequence classes. */
export abstract class SequenceModel<Input> {
  /** Turns inputs into steps. */
  readonly encoder: Encoder<Input>;
  /** Cells of each layer. */
  readonly hidden: readonly number[];
  /** What fixes all that is random. */
  readonly seed: number;
  #network: Network | null = null;

  protected constructor(call: string, options: SequenceModelOptions<Input>) {
    const { encoder, hidden = [32], seed = Math.floor(Math.random() * 2 ** 32) } = options;
    if (!(encoder instanceof Encoder)) throw wrongType(call, 'options.encoder', 'an Encoder', encoder);
    const sizes = checkList(call, 'options.hidden', hidden).map((size, index) =>
      checkNumber(call, `options.hidden[${index}]`, size, { min: 1, max: 65_536, integer: true }),
    );
    this.encoder = encoder;
    this.hidden = sizes;
    this.seed = checkNumber(call, 'options.seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  }

  /** The network; null before the first `fit`. */
  get network(): Network | null {
    return this.#network;
  }

  /** Number of outputs, and what they are. */
  protected abstract outputs(): { count: number; kind: OutputKind };

  /** The network, which must have been fitted. */
  protected fitted(call: string): Network {
    if (this.#network === null) throw new TypeError(`${call}: the model has not been fitted yet; call fit first`);
    return this.#network;
  }

  /**
   * A model from what {@link SequenceModel.stored} gave; `make` makes it from the options that all
   * have, and from the rest.
   */
  protected static load<Input, Model extends SequenceModel<Input>>(
    call: string,
    json: unknown,
    type: string,
    make: (options: SequenceModelOptions<Input>, stored: Record<string, unknown>) => Model,
  ): Model {
    if (typeof json !== 'object' || json === null || isVector(json)) throw wrongType(call, 'json', 'an object', json);
    const stored = json as Record<string, unknown>;
    const { engram, network = null, hidden, seed } = stored;
    if (engram !== 1) throw outOfRange(call, 'json.engram', '1 (the format that this version reads)', engram);
    if (stored.type !== type) throw outOfRange(call, 'json.type', `'${type}'`, stored.type);
    const encoder = Encoder.fromJSON(stored.encoder as EncoderJSON) as unknown as Encoder<Input>;
    const model = make({ encoder, hidden: hidden as number[], seed: seed as number }, stored);
    if (network === null) return model;
    const restored = Network.fromJSON(network as NetworkJSON);
    const { count } = model.outputs();
    if (restored.inputs() !== encoder.size || restored.outputs() !== count) {
      throw new RangeError(
        `${call}: json.network has ${restored.inputs()} inputs and ${restored.outputs()} outputs, ` +
          `encoder and labels ask for ${encoder.size} and ${count}`,
      );
    }
    model.#network = restored;
    return model;
  }

  /**
   * Trains in a worker on samples of which the last `held` are held out. The encoder learns from
   * `inputs`, those of the samples trained on, at the first call.
   */
  protected train(
    call: string,
    inputs: readonly Input[],
    encoded: () => Sample[],
    held: number,
    options: FitOptions,
  ): TrainingRun {
    if (this.#network !== null) return this.#start(call, this.#network, encoded(), held, options);
    let network: Network | undefined;
    try {
      this.encoder.fit(inputs);
      const set = encoded();
      const { count, kind } = this.outputs();
      const sizes = [this.encoder.size, ...this.hidden, count];
      network = new LSTM(...sizes, { variant: 'standard', output: kind, seed: this.seed });
      const run = this.#start(call, network, set, held, options);
      if (network.busy) this.#network = network;
      return run;
    } finally {
      // What was refused has changed nothing.
      if (this.#network === null) {
        this.encoder.forget();
        network?.free();
      }
    }
  }

  #start(call: string, network: Network, set: Sample[], held: number, options: FitOptions): TrainingRun {
    const { epochs = 100, batchSize, validation: _, resume, ...rest } = options;
    const updates = Math.ceil((set.length - held) / UPDATES);
    const trainer = new Trainer(network);
    const settings = {
      error: 0,
      ...rest,
      iterations: checkNumber(call, 'options.epochs', epochs, { min: 1, max: 2 ** 32 - 1, integer: true }),
      batchSize: batchSize ?? Math.max(1, Math.min(BATCH, updates)),
      validation: held / set.length,
      seed: this.seed,
    };
    return resume === undefined ? trainer.trainAsync(set, settings) : trainer.resume(set, resume, settings);
  }

  /** Checks options of `fit`; a subclass names what it adds. */
  protected static checkFit<T extends FitOptions>(
    call: string,
    options: unknown,
    known: readonly (keyof T & string)[],
  ): T {
    return checkOptions<T>(call, options, known);
  }

  /** How many of `count` samples are held out. */
  protected static heldOut(call: string, count: number, validation: unknown): number {
    const share = checkNumber(call, 'options.validation', validation ?? 0, { min: 0, max: 1 });
    const held = Math.round(share * count);
    if (share > 0 && (held < 1 || held >= count)) {
      throw outOfRange(
        call,
        'options.validation',
        `a share that holds out some and not all of ${count} samples`,
        share,
      );
    }
    return held;
  }

  /** A run that was refused. */
  protected static refused(error: unknown): TrainingRun {
    return TrainingRun.refused(error);
  }

  /** What all models store. */
  protected stored(type: string): SequenceModelJSON {
    const { encoder, hidden, seed } = this;
    const network = this.#network?.toJSON() ?? null;
    return { engram: 1, type, encoder: encoder.toJSON(), hidden: [...hidden], seed, network };
  }

  /** Gives the engine's memory back at once. The model can be fitted anew, nothing else. */
  free(): void {
    this.#network?.free();
    this.#network = null;
  }
}
