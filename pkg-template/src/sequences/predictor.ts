// What comes next in a series.

import { checkNumber, checkOptions, describe, outOfRange } from '../checks/errors.js';
import type { SetBuilder, Steps } from '../data/set-builder.js';
import type { OutputKind } from '../network/architect.js';
import type { Network } from '../network/network.js';
import { Stepper } from '../network/stepper.js';
import type { TrainingRun } from '../training/training-run.js';
import { Encoder, type Series } from './encoders/index.js';
import { type Explanation, inUnits } from './explanation.js';
import { checkExtendable, type ExtendOptions, extendOptions, sampleAsInput } from './extend-options.js';
import { fitOptions } from './fit-options.js';
import { Forecast, type Rows } from './forecast.js';
import { type ForecastEvaluation, ForecastJudge } from './forecast-scores.js';
import { SequenceModel } from './model.js';
import type { NetworkOptions, SequenceModelOptions } from './model-options.js';
import { inWords, type PartedSeries, splitEnds } from './parts.js';
import {
  type Channels,
  type ContinueOptions,
  type ExplainForecastOptions,
  explainForecastOptions,
  type ForecastEvaluationOptions,
  type ForecastOptions,
  forecastOptions,
  MOST_AHEAD,
  type PredictorFitOptions,
  type SequencePredictorJSON,
  type SequencePredictorOptions,
} from './predictor-options.js';
import { checkList, type Ready, weigh } from './ready.js';
import type { SequenceStream, StreamStep } from './stream.js';

const MOST_STEPS = 1_000_000;

/**
 * Learns to continue numeric series: at every step, the values of the next one. What it predicts are rows of
 * numbers in the order of the channels. With an encoder that takes gaps, a step is learnt from where no value of the
 * next one is missing.
 *
 * Of series that rise or fall without end let it learn the changes: `Encoder.numeric({ difference: true })`.
 *
 * @example
 * const predictor = new SequencePredictor();
 * const wave = Array.from({ length: 100 }, (_, step) => Math.sin(step / 4));
 * await predictor.fit([wave]);
 * predictor.predict(wave); // [about sin(25)]
 * predictor.generate(wave, 20); // the next twenty steps
 */
export class SequencePredictor<Input = Series> extends SequenceModel<Input> {
  readonly #forecast: Forecast;

  /**
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(options?: SequencePredictorOptions<Input>) {
    const call = 'new SequencePredictor';
    const given = checkOptions<SequencePredictorOptions<Input>>(call, options, [
      'encoder',
      'hidden',
      'convolution',
      'dropout',
      'variant',
      'initializer',
      'seed',
      ...forecastOptions,
    ]);
    super(call, { encoder: Encoder.numeric() as Encoder<Input>, ...given });
    const coding = this.encoder.numericCoding;
    if (coding === null) throw outOfRange(call, 'options.encoder', 'an encoder of numeric series', this.encoder);
    if (coding.window > 1) {
      const expected = 'one without a window: a predictor continues a series row by row';
      throw outOfRange(call, 'options.encoder', expected, this.encoder);
    }
    const { outputs, covariates, horizon = 1 } = given;
    const bounds = { min: 1, max: MOST_AHEAD, integer: true };
    checkNumber(call, 'options.horizon', horizon, bounds);
    this.#forecast = new Forecast(call, coding, outputs, covariates, horizon);
  }

  /** Rows that are predicted at once. */
  get horizon(): number {
    return this.#forecast.horizon;
  }

  /** Channels that are predicted, in the order of the numbers that come out. */
  get outputChannels(): Channels {
    return this.#forecast.outputs.map((channel) => this.#forecast.coding.nameOf(channel));
  }

  /** Channels that are known ahead. */
  get covariates(): Channels {
    return this.#forecast.covariates.map((channel) => this.#forecast.coding.nameOf(channel));
  }

  protected override inputSize(): number {
    return this.#forecast.inputSize;
  }

  protected override outputs(): { count: number; kind: OutputKind } {
    return { count: this.#forecast.outputSize, kind: 'linear' };
  }

  /**
   * Learns from series of at least two steps (`horizon` and one), in a worker; a later call goes on from where the last
   * one ended. What is wrong with the arguments rejects the promise. The result has an error, squared, averaged over the
   * outputs and in deviations of what the encoder makes of them, but no accuracy.
   */
  fit(series: Input[], options?: PredictorFitOptions<Input>): TrainingRun {
    const call = 'SequencePredictor.fit';
    return SequenceModel.launching(() => this.train(call, this.#ready(call, series, options)));
  }

  /**
   * The run that `fit` would begin, as a file: model, encoder, options and data, as safetensors. `unpack` opens it in
   * another page, in Node or in Python, and trains there to the same bits. The model itself is not changed. Options of
   * `fit` that say what the page does meanwhile (`log`, `threads`, `signal`, `onProgress`, `onCheckpoint`) stay behind.
   *
   * @throws as `fit` does, as a rejection; also TypeError for a rate that is a function, which a file cannot hold.
   */
  pack(series: Input[], options?: PredictorFitOptions<Input>): Promise<Uint8Array> {
    const call = 'SequencePredictor.pack';
    const copy = SequencePredictor.fromJSON<Input>(this.toJSON());
    return copy.packed(call, () => copy.#ready(call, series, options));
  }

  #ready(call: string, series: unknown, options: unknown): Ready<PartedSeries> {
    const given = checkOptions<PredictorFitOptions<Input>>(call, options, [...fitOptions, 'holdOut', 'weights']);
    const { holdOut, weights, ...rest } = given;
    const check = (list: string, all: unknown) => {
      const field = (index: number) => `${list}[${index}]`;
      const checked = checkList(call, list, all).map((input, index) => ({ input, field: field(index), from: 1 }));
      return list === 'series' ? weigh(call, checked, weights) : checked;
    };
    const ends = splitEnds(call, check('series', series), given.validation, holdOut, this.#forecast.horizon);
    const parts = ends ?? this.split(call, 'series', series, given.validation, check);
    const { horizon } = this.#forecast;
    const encode = ({ input, field, from }: PartedSeries, set: SetBuilder) => {
      const steps = this.encoder.steps(call, field, input).steps as number[][];
      const count = steps.length - horizon;
      if (count < 1) throw outOfRange(call, field, `at least ${inWords(1 + horizon)} steps`, input);
      const inputs = Array.from({ length: count }, (_, step) => this.#forecast.input(steps, step));
      const targets = inputs.map((_, step) => (step + 1 < from ? null : this.#forecast.target(steps, step)));
      if (targets.every((target) => target === null)) {
        const after = from === 1 ? 'the first' : `the first ${from}`;
        const rows = horizon === 1 ? 'at least one step' : `at least ${horizon} steps in a row`;
        throw outOfRange(call, field, `${rows}, after ${after}, of which no value is missing`, input);
      }
      set.add({ form: 'rows', steps: inputs }, (step) => targets[step] ?? null);
    };
    return { parts, encode, options: rest };
  }

  /** The values that follow a series, in the order of the outputs: the first row of {@link SequencePredictor.forecast}. */
  predict(series: Input, options?: ContinueOptions): number[] {
    return this.#direct('SequencePredictor.predict', series, options)[0] as number[];
  }

  /**
   * The `horizon` rows that follow a series, predicted at once: (horizon, outputs). They are not made one from another,
   * so errors don't add up as in {@link SequencePredictor.generate}.
   */
  forecast(series: Input, options?: ContinueOptions): number[][] {
    return this.#direct('SequencePredictor.forecast', series, options);
  }

  #direct(call: string, series: Input, options: unknown): number[][] {
    const { horizon } = this.#forecast;
    const stepper = this.#stepper(call);
    try {
      const rows = this.#rows(call, series, options, horizon);
      const values = this.#lastValues(call, rows);
      return this.#forecast.decode(this.#read(call, stepper, rows), values);
    } finally {
      stepper.free();
    }
  }

  /**
   * The `count` rows that follow a series, each made from those before it: (count, outputs).
   *
   * @throws RangeError also where the model reads channels that it does not predict, and that are no covariates.
   */
  generate(series: Input, count: number, options?: ContinueOptions): number[][] {
    const call = 'SequencePredictor.generate';
    checkNumber(call, 'count', count, { min: 1, max: MOST_STEPS, integer: true });
    const { horizon } = this.#forecast;
    const stepper = this.#stepper(call);
    try {
      if (count > 1) this.#checkKnown(call, 'count', 1, count);
      const rows = this.#rows(call, series, options, count - 1 + horizon);
      const values = this.#lastValues(call, rows);
      this.#read(call, stepper, rows);
      return this.#continue(call, stepper, rows.steps.slice(rows.last), values, count);
    } finally {
      stepper.free();
    }
  }

  /**
   * Why a value is predicted: how much each row of the series, and each of its channels, moved it, in its units, by the
   * exact gradient. Of a channel with `difference` the change from the row before is explained (with `'relative'` as a
   * share of the value there), and a change in the series counts for the row to which it leads; with covariates, the
   * parts go on with the rows to come. Works while `fit` runs, too.
   *
   * @throws TypeError or RangeError for wrong arguments, and for a network whose gradient is not finite.
   * @example
   * const { answer, parts } = predictor.explain([20, 21, 19, 22]);
   * console.log(answer, parts.map(({ part, attribution }) => `row ${part}: ${attribution}`));
   */
  explain(series: Input, options?: ExplainForecastOptions<Input>): Explanation {
    const call = 'SequencePredictor.explain';
    type Given = ExplainForecastOptions<Input>;
    const { covariates, channel, ahead, ...given } = checkOptions<Given>(call, options, explainForecastOptions);
    const forecast = this.#forecast;
    const { output, scale } = forecast.outputOf(call, channel, ahead);
    this.fitted(call);
    const read = (field: string, from: unknown): Steps & { steps: number[][] } => {
      const { steps, last } = this.#rows(call, from, { covariates }, forecast.horizon, field);
      return { form: 'rows', steps: steps.slice(0, last + 1).map((_, step) => forecast.input(steps, step)) };
    };
    const steps = read('series', series);
    const attribution = this.attribution(call, steps, { output, at: steps.steps.length - 1 }, given, read);
    return forecast.explanation(inUnits(attribution, scale));
  }

  /** Refuses to go on from predicted rows where these say too little. */
  #checkKnown(call: string, field: string, most: number, actual: number): void {
    const { unknown, coding } = this.#forecast;
    if (unknown.length === 0) return;
    const names = unknown.map((channel) => describe(coding.nameOf(channel))).join(', ');
    const because = `the next rows' ${names} would not be known, being neither outputs nor covariates`;
    throw outOfRange(call, field, `at most ${most} (${because}; take a longer horizon)`, actual);
  }

  /** The rows of a series, and after them `count` of which the covariates are known, where there are some. */
  #rows(call: string, series: unknown, options: unknown, count: number, field = 'series'): Rows {
    const { coding } = this.#forecast;
    const { covariates } = checkOptions<ContinueOptions>(call, options, ['covariates']);
    const values = coding.rows(call, field, series);
    this.refuseEmpty(call, field, series, values.length);
    const all = [...values, ...this.#forecast.future(call, 'options.covariates', values, covariates, count)];
    const fieldOf = (row: number) =>
      row < values.length ? `${field}[${row}]` : `options.covariates[${row - values.length}]`;
    return { values: all, steps: coding.stepsOf(call, fieldOf, all), last: values.length - 1 };
  }

  /** The last values of the channels; those of outputs that are changes must be there. */
  #lastValues(call: string, { values, last: row }: Rows): number[] {
    const last = this.#forecast.lastValues(values, row);
    this.#forecast.checkStart(call, 'series', last);
    return last;
  }

  /** A series that has not begun. */
  #stepper(call: string): Stepper {
    return new Stepper(call, this.fitted(call), 'rows');
  }

  /** Reads a step; gives what the network answers. */
  #step(call: string, stepper: Stepper, input: readonly number[]): Float64Array {
    stepper.row.set(input);
    return stepper.push(call);
  }

  /** What the network answers at the last step of a series. */
  #read(call: string, stepper: Stepper, { steps, last }: Rows): Float64Array {
    for (let step = 0; step <= last; step++) this.#step(call, stepper, this.#forecast.input(steps, step));
    return stepper.outputs;
  }

  /** Rows that follow the answer of a stepper, each made from those before; `steps` are those from the answer's on. */
  #continue(
    call: string,
    stepper: Stepper,
    steps: readonly number[][],
    lastValues: readonly number[],
    count: number,
  ): number[][] {
    const forecast = this.#forecast;
    const known = [...steps];
    const values = [...lastValues];
    const made: number[][] = [];
    for (;;) {
      const [row = []] = forecast.decode(stepper.outputs, values);
      made.push(row);
      if (made.length === count) return made;
      forecast.outputs.forEach((channel, place) => {
        values[channel] = row[place] as number;
      });
      const covariates = forecast.covariates.length > 0 ? known[made.length] : undefined;
      known[made.length] = forecast.next(stepper.outputs, covariates);
      this.#step(call, stepper, forecast.input(known, made.length));
    }
  }

  /**
   * A series that comes row by row: after each row, what {@link SequencePredictor.forecast} gives for the series so far,
   * to the bit: (horizon, outputs). With covariates, `push` takes those of the rows to come, as `forecast` does; they are
   * read as they were known then, so where they turn out otherwise a stream says what it would have said. Where
   * outputs are changes, the first row must have values that these can start from.
   *
   * @throws TypeError before `fit`.
   * @example
   * const stream = predictor.stream();
   * const [[next]] = stream.push(21.5); // what is expected to follow 21.5
   */
  stream(): SequenceStream<StreamStep<Input>, number[][], ContinueOptions> {
    const forecast = this.#forecast;
    const written = Array.from({ length: forecast.horizon }, () => new Array<number>(forecast.outputs.length));
    const none: number[] = [];
    const lastValues = new Float64Array(forecast.coding.channels);
    return this.streaming<number[][], ContinueOptions>('SequencePredictor.stream', {
      ahead: (call, rows, values, options) => {
        for (let channel = 0; channel < lastValues.length; channel++) {
          const value = values[channel] as number;
          lastValues[channel] = Number.isNaN(value) ? (rows.lastValues[channel] as number) : value;
        }
        forecast.checkStart(call, 'step', lastValues);
        const { covariates } = checkOptions<ContinueOptions>(call, options, ['covariates']);
        const last = [Array.from(lastValues)];
        const future = forecast.future(call, 'options.covariates', last, covariates, forecast.horizon);
        if (future.length === 0) return none;
        const reader = rows.copy();
        reader.take(call, () => 'step', values);
        return forecast.ahead(
          future.map((row, index) => {
            const step = new Array<number>(forecast.coding.size);
            reader.take(call, () => `options.covariates[${index}]`, row);
            reader.write(step);
            return step;
          }),
        );
      },
      answer: (outputs) => forecast.decode(outputs, lastValues, written),
    });
  }

  /**
   * How well series are predicted, in their units, from every step and for each number of steps ahead, beside
   * repeating the last value, and the last season.
   *
   * @throws RangeError where no series is long enough, or no value to compare with is there.
   */
  evaluate(series: Input[], options?: ForecastEvaluationOptions): ForecastEvaluation {
    const call = 'SequencePredictor.evaluate';
    const forecast = this.#forecast;
    const { horizon, outputs, coding } = forecast;
    const given = checkOptions<ForecastEvaluationOptions>(call, options, ['steps', 'season', 'from']);
    const bounds = { min: 1, max: MOST_STEPS, integer: true };
    const steps = checkNumber(call, 'options.steps', given.steps ?? horizon, { ...bounds, max: MOST_AHEAD });
    const season = given.season === undefined ? 0 : checkNumber(call, 'options.season', given.season, bounds);
    const from = checkNumber(call, 'options.from', given.from ?? 1, bounds);
    const stepper = this.#stepper(call);
    try {
      if (steps > horizon) this.#checkKnown(call, 'options.steps', horizon, steps);
      const judge = new ForecastJudge(steps, outputs.length, season > 0);
      checkList(call, 'series', series).forEach((input, index) => {
        const field = `series[${index}]`;
        const values = coding.rows(call, field, input);
        this.refuseEmpty(call, field, input, values.length);
        const rows = coding.stepsOf(call, (row) => `${field}[${row}]`, values);
        // Where there are covariates, those of the rows to come are read too.
        const end = values.length - (forecast.covariates.length > 0 ? horizon : 1);
        stepper.reset(call);
        for (let step = 0; step < end; step++) {
          this.#step(call, stepper, forecast.input(rows, step));
          if (step + 1 < Math.max(from, season)) continue;
          const last = forecast.lastValues(values, step);
          const count = Math.min(steps, steps > horizon ? end - step : values.length - 1 - step);
          const made =
            steps > horizon
              ? this.#aside(call, stepper, rows.slice(step), last, count)
              : forecast.decode(stepper.outputs, last);
          for (let ahead = 0; ahead < count; ahead++) {
            const row = step + 1 + ahead;
            const before = season > 0 ? values[row - season * Math.ceil((ahead + 1) / season)] : undefined;
            outputs.forEach((channel, place) => {
              const target = values[row]?.[channel] as number;
              const answered = made[ahead]?.[place] as number;
              judge.take(ahead, place, target, answered, last[channel] as number, before?.[channel] ?? Number.NaN);
            });
          }
        }
      });
      const changes = outputs.every((channel) => coding.differences[channel] !== false);
      const remedy = 'Train for more epochs, or on more series';
      const evaluation = judge.finish(
        changes ? remedy : `${remedy}; of series that rise or fall, learn the changes: numeric({ difference: true })`,
      );
      if (evaluation !== undefined) return evaluation;
      throw outOfRange(call, 'series', `one with values from row ${Math.max(from, season)} on, and before`, series);
    } finally {
      stepper.free();
    }
  }

  /** {@link SequencePredictor.#continue}, after which the stepper is where it was. */
  #aside(...[call, stepper, ...rest]: [string, Stepper, readonly number[][], readonly number[], number]): number[][] {
    const copy = stepper.copy(call);
    try {
      return this.#continue(call, copy, ...rest);
    } finally {
      copy.free();
    }
  }

  /**
   * The predictor keeps its weights, and measures series anew by samples, where `normalization` is `'renewed'`: for
   * series that have come to another level or scale since the first `fit`, whose normalisation later ones keep. Answers
   * change by that, until `fit` has learnt the new samples.
   *
   * @returns itself.
   * @throws TypeError before `fit`, and while one runs; RangeError for samples that it does not read.
   */
  extend(options: ExtendOptions<Input>): this {
    const call = 'SequencePredictor.extend';
    const given = checkOptions<ExtendOptions<Input>>(call, options, extendOptions);
    this.grow(
      call,
      checkExtendable(call, given, (inputs) => this.checkInputs(call, inputs), sampleAsInput),
    );
    return this;
  }

  /** The predictor as plain data. */
  toJSON(): SequencePredictorJSON {
    const { coding, outputs, covariates, unknown, horizon } = this.#forecast;
    const inOrder = outputs.every((channel, place) => place === 0 || channel > (outputs[place - 1] as number));
    const all = unknown.length === 0 && inOrder;
    return {
      ...this.stored('SequencePredictor'),
      ...(all ? {} : { outputs: outputs.map((channel) => coding.nameOf(channel)) }),
      ...(covariates.length === 0 ? {} : { covariates: covariates.map((channel) => coding.nameOf(channel)) }),
      ...(horizon === 1 ? {} : { horizon }),
    };
  }

  /**
   * A predictor around a network, such as one of `engram/exchange`, which becomes the predictor's own: `fit` fine-tunes
   * it, and holds what its option `freeze` names.
   *
   * @param network linear outputs, one for each output of each row of the horizon, and an input per number of the
   *   encoder's steps, then per covariate of each row to come; not bidirectional.
   * @param options the encoder, as it was when the network was trained; and those that the network does not say.
   * @throws TypeError or RangeError for wrong options, or for a network of other inputs or outputs.
   */
  static fromNetwork<Input = Series>(
    network: Network,
    options: Partial<NetworkOptions<Input>> & ForecastOptions = {},
  ): SequencePredictor<Input> {
    const call = 'SequencePredictor.fromNetwork';
    const complete = { encoder: Encoder.numeric() as Encoder<Input>, ...options };
    return SequenceModel.around(call, network, complete, 'SequencePredictor', ({ bidirectional, ...all }) => {
      if (bidirectional)
        throw new TypeError(`${call}: the network reads from both ends, and what comes next is not known`);
      return new SequencePredictor(all);
    });
  }

  /** A predictor from {@link SequencePredictor.toJSON}. */
  static fromJSON<Input = Series>(json: SequencePredictorJSON): SequencePredictor<Input> {
    const call = 'SequencePredictor.fromJSON';
    return SequenceModel.load(
      call,
      json,
      'SequencePredictor',
      ({ bidirectional: _, ...options }: SequenceModelOptions<Input>, stored) => {
        const { outputs, covariates, horizon } = stored as ForecastOptions;
        return new SequencePredictor<Input>({ ...options, outputs, covariates, horizon });
      },
    );
  }
}
