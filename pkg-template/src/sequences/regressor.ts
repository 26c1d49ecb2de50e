// Which numbers go with a sequence, or with each of its steps.

import {
  checkChoice,
  checkNumber,
  checkOptions,
  copyVector,
  isVector,
  outOfRange,
  wrongType,
} from '../checks/errors.js';
import type { SetBuilder, Steps } from '../data/set-builder.js';
import type { OutputKind } from '../network/architect.js';
import type { SequenceReadout } from '../network/convolution.js';
import type { Network } from '../network/network.js';
import type { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import { Encoder, type Series } from './encoders/index.js';
import { restore, type Scale, scaleOf, scalesOf, standardise } from './encoders/scale.js';
import {
  type ExplainOptions,
  type ExplainStepOptions,
  type Explanation,
  explainOptions,
  inUnits,
  placeOf,
} from './explanation.js';
import { checkExtendable, type ExtendOptions, extendOptions } from './extend-options.js';
import { type FitOptions, fitOptions } from './fit-options.js';
import { SequenceModel } from './model.js';
import {
  checkReadout,
  modelOptions,
  type NetworkOptions,
  type ReadoutOptions,
  type SequenceModelJSON,
  type SequenceModelOptions,
} from './model-options.js';
import { checkSamples, type Ready, type Weighted } from './ready.js';
import { errorsOf, errorsOfMean, explained, type RegressionScores } from './regression-scores.js';
import type { SequenceStream, StreamStep } from './stream.js';

/** Where a regressor answers: once for a sequence, or at each of its steps. */
export type RegressionTargetsAt = 'last' | 'each';

/** An answer of a regressor with so many outputs: a number where there is one, else a list of them. */
export type RegressionValue<Outputs extends number> = 1 extends Outputs
  ? Outputs extends 1
    ? number
    : number | number[]
  : number[];

/** What a regressor gives for a sequence: an answer, or one per step. */
export type RegressionOutput<Outputs extends number, At extends RegressionTargetsAt> = At extends 'each'
  ? RegressionValue<Outputs>[]
  : RegressionValue<Outputs>;

/** What a regressor learns for a sequence: an answer, or one per step, null for a step that has none. */
export type RegressionTarget<Outputs extends number, At extends RegressionTargetsAt> = At extends 'each'
  ? readonly (number | ArrayLike<number> | null)[]
  : Outputs extends 1
    ? number | ArrayLike<number>
    : ArrayLike<number>;

/** Options of {@link SequenceRegressor}. */
export interface SequenceRegressorOptions<Input, Outputs extends number, At extends RegressionTargetsAt>
  extends Omit<SequenceModelOptions<Input>, 'encoder'>,
    ReadoutOptions {
  /** Turns inputs into steps. Default: `Encoder.numeric()`, series of one channel. */
  encoder?: Encoder<Input>;
  /** Numbers of an answer, 1 to 65,536. Default 1. */
  outputs?: Outputs;
  /**
   * `'last'` (default): a sequence has one answer. `'each'`: each step has one, or null; then there is no
   * `readout`.
   */
  targetsAt?: At;
}

/** A sequence and the numbers that go with it. */
export interface RegressionSample<Input = Series, Outputs extends number = 1, At extends RegressionTargetsAt = 'last'>
  extends Weighted {
  input: Input;
  /**
   * A finite number, or a list of as many as the model has outputs, in any units; with `targetsAt: 'each'` a list of
   * such, one per step, null where there is none to learn.
   */
  output: RegressionTarget<Outputs, At>;
}

/** How well a regressor does on a set; of several outputs, `mae`, `rmse`, `r2` are the means over these. */
export interface RegressionEvaluation extends RegressionScores {
  /**
   * Share of the targets' variance that the answers explain: 1 where all are right, 0 for answers as good as the mean
   * of these targets, below 0 for worse. Of targets that are all the same: 1 if every answer is right, else 0.
   */
  r2: number;
  /** What always answering with the mean of these targets would get. */
  mean: RegressionScores;
  /** The same of each output. */
  outputs: (RegressionScores & { r2: number; mean: RegressionScores })[];
  /** Says so where the answers are no better than the mean. */
  advice?: string;
}

/** Options of {@link SequenceRegressor.explain}. */
export type ExplainNumberOptions<Input, At extends RegressionTargetsAt = 'last'> = ExplainOptions<Input> & {
  /** Index of the number that is explained, where an answer has several. Default 0. */
  output?: number;
} & (At extends 'each' ? ExplainStepOptions : unknown);

/** A stored regressor. */
export interface SequenceRegressorJSON extends SequenceModelJSON {
  type: 'SequenceRegressor';
  /** Mean and standard deviation of each output's targets; null where outputs are in units of their own. */
  targets: { mean: number[]; deviation: number[] } | null;
  /** Numbers of an answer. */
  outputs: number;
  targetsAt: RegressionTargetsAt;
}

interface CheckedSample extends NamedInput {
  /** Targets, one or one per step: (targets, outputs). */
  rows: (number[] | null)[];
}

/**
 * Learns numbers from examples: how long a machine will last by its sensors, a rating by its text; or a number at
 * every step. Targets may be in any units: they are normalised by the samples trained on, and answers are given back
 * in their units.
 *
 * @typeParam Outputs numbers of an answer.
 * @typeParam At `'last'` for an answer per sequence, `'each'` for one per step.
 *
 * @example
 * const regressor = new SequenceRegressor({ seed: 1 });
 * await regressor.fit([
 *   { input: [1, 2, 1], output: 40 },
 *   { input: [7, 9, 8, 9], output: 330 },
 * ]);
 * regressor.predict([8, 8]); // a number
 */
export class SequenceRegressor<
  Input = Series,
  Outputs extends number = 1,
  At extends RegressionTargetsAt = 'last',
> extends SequenceModel<Input> {
  /** Numbers of an answer. */
  readonly outputCount: number;
  /** Whether a sequence has one answer (`'last'`), or each of its steps (`'each'`). */
  readonly targetsAt: RegressionTargetsAt;
  readonly #readout: SequenceReadout | undefined;
  /** Of each output's targets; null before the first `fit`, and where outputs are in units of their own. */
  #scales: readonly Scale[] | null = null;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options?: SequenceRegressorOptions<Input, Outputs, At>) {
    const call = 'new SequenceRegressor';
    const given = checkOptions<SequenceRegressorOptions<Input, Outputs, At>>(call, options, [
      ...modelOptions,
      'readout',
      'outputs',
      'targetsAt',
    ]);
    super(call, { encoder: Encoder.numeric() as Encoder<Input>, ...given });
    const { outputs = 1, targetsAt = 'last', readout } = given;
    this.outputCount = checkNumber(call, 'options.outputs', outputs, { min: 1, max: 65_536, integer: true });
    this.targetsAt = checkChoice(call, 'options.targetsAt', targetsAt, ['last', 'each']);
    if (this.targetsAt === 'last') this.#readout = checkReadout(call, readout, this);
    else if (readout !== undefined) {
      throw outOfRange(call, 'options.readout', "left out with targetsAt 'each': every step has its answer", readout);
    }
  }

  override get readout(): SequenceReadout | undefined {
    return this.#readout;
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.outputCount, kind: 'linear' };
  }

  protected override forgetTargets(): void {
    this.#scales = null;
  }

  /**
   * Learns from samples, in a worker; a later call goes on from where the last one ended, with the scale of the
   * targets that the first has found. The regressor can be used meanwhile. What is wrong with the arguments rejects the
   * promise. The errors of the run are mean squares of targets that are normalised, so 1 is what the mean of the
   * targets gets; {@link SequenceRegressor.evaluate} gives errors in their units.
   *
   * @param samples sequences with their numbers.
   */
  fit(
    samples: RegressionSample<Input, Outputs, At>[],
    options?: FitOptions<RegressionSample<Input, Outputs, At>>,
  ): TrainingRun {
    const call = 'SequenceRegressor.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, samples, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(
    samples: RegressionSample<Input, Outputs, At>[],
    options?: FitOptions<RegressionSample<Input, Outputs, At>>,
  ): Promise<Uint8Array> {
    const call = 'SequenceRegressor.pack';
    const copy = SequenceRegressor.fromJSON<Input, Outputs, At>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, samples, options));
  }

  #ready(call: string, samples: unknown, options: unknown): Ready<CheckedSample> {
    const given = checkOptions<FitOptions<RegressionSample<Input, Outputs, At>>>(call, options, fitOptions);
    const check = (field: string, list: unknown) => this.#check(call, field, list);
    const parts = this.split(call, 'samples', samples, given.validation, check);
    const study = (trained: readonly CheckedSample[]) => this.#study(trained);
    const encode = (sample: CheckedSample, set: SetBuilder) => {
      const steps = this.#steps(call, sample);
      const first = steps.steps.length - sample.rows.length;
      set.add(steps, (step) => this.#scaled(sample.rows[step - first] ?? null));
    };
    return { parts, study, encode, options: given };
  }

  /** Takes the scale of the targets from samples. */
  #study(samples: readonly CheckedSample[]): void {
    const rows = samples.flatMap((sample) => sample.rows).filter((row) => row !== null);
    this.#scales = Array.from({ length: this.outputCount }, (_, output) =>
      scaleOf(rows.map((row) => row[output] as number)),
    );
  }

  #scaled(row: number[] | null): number[] | null {
    const scales = this.#scales;
    if (row === null || scales === null) return row;
    return row.map((value, output) => standardise(value, scales[output] as Scale));
  }

  /** An answer in its units, written to `into`. */
  #restored(row: ArrayLike<number>, into: number[] = []): number[] {
    const scales = this.#scales;
    for (let output = 0; output < row.length; output++) {
      const value = row[output] as number;
      into[output] = scales === null ? value : restore(value, scales[output] as Scale);
    }
    return into;
  }

  #row(call: string, field: string, value: unknown, also = ''): number[] {
    const { outputCount } = this;
    if (outputCount === 1 && typeof value === 'number') return [checkNumber(call, field, value)];
    if (!isVector(value)) {
      const expected = outputCount === 1 ? 'a finite number' : `an array of ${outputCount} numbers`;
      throw wrongType(call, field, `${also}${expected}`, value);
    }
    const row = new Float64Array(outputCount);
    copyVector(call, field, value, outputCount, 'the model has', row);
    return Array.from(row);
  }

  #check(call: string, list: string, samples: unknown): CheckedSample[] {
    type Sample = { input: unknown; output: unknown };
    return checkSamples(call, list, samples, '{ input, output }', ({ output }: Sample, field) => {
      if (this.targetsAt === 'last') return { rows: [this.#row(call, `${field}.output`, output)] };
      if (!isVector(output)) throw wrongType(call, `${field}.output`, 'an array, an answer per step', output);
      const rows = Array.from<unknown, number[] | null>(output, (value, step) =>
        value === null ? null : this.#row(call, `${field}.output[${step}]`, value, 'null or '),
      );
      if (rows.every((row) => row === null)) {
        throw outOfRange(call, `${field}.output`, 'at least one entry that is not null', output);
      }
      return { rows };
    });
  }

  /** The steps of a sample, whose answers have been counted against them. */
  #steps(call: string, { input, field, rows }: CheckedSample): Steps {
    const encoded = this.steps(call, field, input);
    const { length } = encoded.steps;
    if (this.targetsAt === 'last' || length === rows.length) return encoded;
    throw new RangeError(
      `${call}: ${field} has ${length} steps for ${rows.length} outputs, expected as many outputs as steps`,
    );
  }

  /** Answers in their units: (inputs, answers, outputs). */
  #answers(call: string, inputs: readonly Steps[]): number[][][] {
    const outputs = this.answers(call, inputs, this.targetsAt);
    return outputs.map((rows) => rows.map((row) => this.#restored(row)));
  }

  #output(rows: number[][]): RegressionOutput<Outputs, At> {
    const values = this.outputCount === 1 ? rows.map(([value]) => value) : rows;
    return (this.targetsAt === 'each' ? values : values[0]) as RegressionOutput<Outputs, At>;
  }

  /** The numbers that go with a sequence, or with each of its steps. Works while `fit` runs, too. */
  predict(input: Input): RegressionOutput<Outputs, At> {
    const call = 'SequenceRegressor.predict';
    this.fitted(call);
    const [rows = []] = this.#answers(call, [this.steps(call, 'input', input)]);
    return this.#output(rows);
  }

  /** {@link SequenceRegressor.predict} of several sequences at once. */
  predictAll(inputs: readonly Input[]): RegressionOutput<Outputs, At>[] {
    const call = 'SequenceRegressor.predictAll';
    if (!Array.isArray(inputs)) throw wrongType(call, 'inputs', 'an array', inputs);
    this.fitted(call);
    if (inputs.length === 0) return [];
    const encoded = Array.from(inputs, (input, index) => this.steps(call, `inputs[${index}]`, input));
    return this.#answers(call, encoded).map((rows) => this.#output(rows));
  }

  /**
   * Why a sequence gets a number: how much each of its pieces (rows and their channels, characters, words, symbols) moved
   * it, in the units of the targets, by the exact gradient. In windows, a row gets what all windows with it did; of
   * channels with `difference`, the row to which the change leads. Works while `fit` runs, too.
   *
   * @throws TypeError or RangeError for wrong arguments, and for a network whose gradient is not finite.
   * @example
   * const { answer, baseline, parts } = regressor.explain([1, 7, 2]);
   * console.log(`${baseline} at the mean, ${answer} here:`, parts.map(({ attribution }) => attribution));
   */
  explain(input: Input, options?: ExplainNumberOptions<Input, At>): Explanation {
    const call = 'SequenceRegressor.explain';
    const own = this.targetsAt === 'each' ? (['output', 'at'] as const) : (['output'] as const);
    type Given = ExplainNumberOptions<Input, 'each'>;
    const given = checkOptions<Given>(call, options, [...explainOptions, ...own]);
    const bounds = { min: 0, max: this.outputCount - 1, integer: true };
    const output = checkNumber(call, 'options.output', given.output ?? 0, bounds);
    this.fitted(call);
    const steps = this.steps(call, 'input', input);
    const at = placeOf(call, given.at, steps.steps.length);
    const attribution = this.attribution(call, steps, { output, at }, given);
    return this.explanation(call, input, inUnits(attribution, this.#scales?.[output]));
  }

  /**
   * A sequence that comes step by step: after each step, what {@link SequenceRegressor.predict} gives for the sequence
   * so far (with `targetsAt: 'each'` the last of it), to the bit.
   *
   * @throws TypeError for a bidirectional regressor, and before `fit`.
   */
  stream(): SequenceStream<StreamStep<Input>, RegressionValue<Outputs>> {
    const written = new Array<number>(this.outputCount);
    const answer = (outputs: Float64Array) => {
      const row = this.#restored(outputs, written);
      return (this.outputCount === 1 ? row[0] : row) as RegressionValue<Outputs>;
    };
    return this.streaming('SequenceRegressor.stream', { answer });
  }

  /** How well the regressor does on samples, in the units of the targets, beside always answering with their mean. */
  evaluate(samples: RegressionSample<Input, Outputs, At>[]): RegressionEvaluation {
    const call = 'SequenceRegressor.evaluate';
    this.fitted(call);
    const checked = this.#check(call, 'samples', samples);
    const answers = this.#answers(
      call,
      checked.map((sample) => this.#steps(call, sample)),
    );
    const outputs = Array.from({ length: this.outputCount }, (_, output) => {
      const targets: number[] = [];
      const given: number[] = [];
      checked.forEach(({ rows }, sample) => {
        rows.forEach((row, step) => {
          if (row === null) return;
          targets.push(row[output] as number);
          given.push(answers[sample]?.[step]?.[output] as number);
        });
      });
      const errors = errorsOf(targets, given);
      const mean = errorsOfMean(targets);
      return { ...errors, r2: explained(errors.rmse, mean.rmse), mean };
    });
    const over = (value: (scores: (typeof outputs)[number]) => number) =>
      outputs.reduce((sum, scores) => sum + value(scores) / outputs.length, 0);
    const evaluation = {
      mae: over(({ mae }) => mae),
      rmse: over(({ rmse }) => rmse),
      r2: over(({ r2 }) => r2),
      mean: { mae: over(({ mean }) => mean.mae), rmse: over(({ mean }) => mean.rmse) },
      outputs,
    };
    if (evaluation.r2 > 0) return evaluation;
    const advice =
      'the answers are no better than the mean of these targets. Train for more epochs, or on more samples';
    return { ...evaluation, advice };
  }

  /**
   * The regressor keeps what it has learnt, and knows more: words and symbols of inputs. Weights stay as
   * they are, to the bit. With `normalization: 'renewed'` inputs and targets are measured by the
   * samples. What the encoder did not know was read as unknown, and
   * goes on to be, until `fit` has learnt it: `fit` itself adds nothing to what the first one found. {@link SequenceRegressor.network}
   * is a new one; the old one, and its streams, end.
   *
   * @returns itself.
   * @throws TypeError before `fit`, while one runs, and for a network that the model has not made (`fromNetwork`) where
   *   that would have to grow; RangeError for samples that it does not read.
   * @example
   * regressor.extend({ samples }); // knows their words
   * await regressor.fit([...samples, ...someOfTheOld]);
   */
  extend(options: ExtendOptions<RegressionSample<Input, Outputs, At>>): this {
    const call = 'SequenceRegressor.extend';
    const given = checkOptions<ExtendOptions<RegressionSample<Input, Outputs, At>>>(call, options, extendOptions);
    const extendable = checkExtendable(call, given, (inputs) => this.checkInputs(call, inputs));
    const before = this.#scales;
    const checked = given.samples === undefined ? [] : this.#check(call, 'options.samples', given.samples);
    const measure = () => {
      if (extendable.renew && before !== null) this.#study(checked);
      return () => {
        this.#scales = before;
      };
    };
    this.grow(call, extendable, [measure]);
    return this;
  }

  /** The regressor as plain data: encoder, scale of the targets and network. */
  toJSON(): SequenceRegressorJSON {
    const scales = this.#scales;
    const targets = scales && {
      mean: scales.map(({ mean }) => mean),
      deviation: scales.map(({ deviation }) => deviation),
    };
    return { ...this.stored('SequenceRegressor'), outputs: this.outputCount, targetsAt: this.targetsAt, targets };
  }

  /**
   * A regressor around a network, such as one of `engram/exchange`, which becomes the regressor's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names. Its outputs are the answers, in the units of the targets.
   *
   * @param network linear outputs, and an input per number of the encoder's steps.
   * @param options the encoder, as it was when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Input = Series, Outputs extends number = 1, At extends RegressionTargetsAt = 'last'>(
    network: Network,
    options: Partial<NetworkOptions<Input>> & Pick<SequenceRegressorOptions<Input, Outputs, At>, 'targetsAt'> = {},
  ): SequenceRegressor<Input, Outputs, At> {
    const call = 'SequenceRegressor.fromNetwork';
    const complete = { encoder: Encoder.numeric() as Encoder<Input>, ...options };
    return SequenceModel.around(call, network, complete, 'SequenceRegressor', (all) => {
      // A network that pools nothing answers at its last step.
      const readout = all.targetsAt === 'each' ? {} : { readout: 'last' as const };
      return new SequenceRegressor<Input, Outputs, At>({ ...readout, ...all, outputs: network.outputs() as Outputs });
    });
  }

  /** A regressor from {@link SequenceRegressor.toJSON}. */
  static fromJSON<Input = Series, Outputs extends number = 1, At extends RegressionTargetsAt = 'last'>(
    json: SequenceRegressorJSON,
  ): SequenceRegressor<Input, Outputs, At> {
    const call = 'SequenceRegressor.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequenceRegressor',
      (options: SequenceModelOptions<Input>, { outputs, targetsAt, readout, targets, network = null }) => {
        for (const [name, value] of Object.entries({ outputs, targetsAt, targets })) {
          if (value === undefined) throw wrongType(call, `json.${name}`, 'what every regressor stores', value);
        }
        const model = new SequenceRegressor<Input, Outputs, At>({
          ...options,
          ...(readout === undefined ? {} : { readout: readout as SequenceReadout }),
          outputs: outputs as Outputs,
          targetsAt: targetsAt as At,
        });
        const scales =
          targets === null ? null : scalesOf(call, 'json.targets', targets, model.outputCount, 'the model');
        if (network !== null) model.#scales = scales;
        return model;
      },
    );
  }
}
