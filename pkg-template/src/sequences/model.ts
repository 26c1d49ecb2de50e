// What the sequence classes have in common: an encoder, a network of recurrent layers, training.

import {
  checkBoolean,
  checkChoice,
  checkEntries,
  checkNumber,
  isVector,
  named,
  outOfRange,
  wrongType,
} from '../checks/errors.js';
import { isBytes } from '../checks/realm.js';
import { inSlices, type Sliced } from '../checks/slices.js';
import { type DataSet, dataSetOf, valuesOfClasses } from '../data/data-set.js';
import { inEngine } from '../data/flat-set.js';
import { SetBuilder, type Steps } from '../data/set-builder.js';
import { engineOptions } from '../engine/generated/tables.js';
import { busyError } from '../graph/home.js';
import type { NetworkJSON } from '../graph/json-types.js';
import { squash } from '../graph/squash.js';
import type { OutputKind } from '../network/architect.js';
import { type Convolution, checkConvolution, type SequenceReadout } from '../network/convolution.js';
import type { Initializer } from '../network/initializer.js';
import { Network } from '../network/network.js';
import { outputsOf } from '../network/outputs.js';
import { MAX_ITERATIONS } from '../training/options.js';
import { packRun } from '../training/pack.js';
import { ProgressPrinter } from '../training/progress-printer.js';
import { Trainer } from '../training/trainer.js';
import { TrainingRun } from '../training/training-run.js';
import type { NamedInput } from './encoders/coding.js';
import { Encoder, type EncoderJSON } from './encoders/index.js';
import {
  type Attribution,
  attributionOf,
  checkLength,
  type ExplainOptions,
  type Explanation,
  intervalsOf,
} from './explanation.js';
import type { Extendable } from './extend-options.js';
import { trainerOptions, usualBatch } from './fit-options.js';
import {
  asFields,
  checkInitializer,
  type NetworkOptions,
  type SequenceModelJSON,
  type SequenceModelOptions,
  variants,
} from './model-options.js';
import { type Parts, splitSamples } from './parts.js';
import { randomFrom, shuffled } from './random.js';
import { checkList, type Ready } from './ready.js';
import { SequenceStream, type StreamParts, type StreamStep } from './stream.js';
import { checkTopology, type ModelVariant, networkOf, withTopology } from './topology.js';

/** What outputs of a kind squash with. */
const SQUASH = { logistic: squash.LOGISTIC, softmax: squash.SOFTMAX, linear: squash.IDENTITY };

/** Units of work, as slices count them, of what is done at once in small models and may take a slice in large ones. */
const WEIGHTY = 1;

/** Base of the sequence classes. */
export abstract class SequenceModel<Input> {
  /** Turns inputs into steps: the model's own copy of what it was given. */
  readonly encoder: Encoder<Input>;
  /** Cells of each recurrent layer. */
  readonly hidden: readonly number[];
  /** Convolutions before them. */
  readonly convolution: readonly Required<Convolution>[];
  /** Whether every layer also reads the sequence from its end. */
  readonly bidirectional: boolean;
  /** Share of the hidden neurons that is dropped in training. */
  readonly dropout: number;
  /** Topology of the network. */
  readonly variant: ModelVariant;
  /** How first weights are drawn; `'synaptic'` for the variant of that name. */
  readonly initializer: Initializer | 'synaptic';
  /** What fixes all that is random. */
  readonly seed: number;
  #network: Network | null = null;
  /** What the encoder knew before the first `fit`. */
  #learnt: unknown;
  /** The `fit` that is encoding its samples now, if one is. */
  #preparing: object | undefined;

  protected constructor(call: string, options: SequenceModelOptions<Input>) {
    const { encoder, hidden = [32], bidirectional = false, dropout = 0, variant = 'standard' } = options;
    const { seed = Math.floor(Math.random() * 2 ** 32) } = options;
    const copy = Encoder.copyOf<Input>(encoder);
    if (copy === undefined) throw wrongType(call, 'options.encoder', 'an Encoder', encoder);
    this.convolution = checkConvolution(call, options.convolution);
    const layers = this.convolution.length > 0 ? checkEntries(call, 'options.hidden', hidden, 64) : undefined;
    const sizes = (layers ?? checkList(call, 'options.hidden', hidden)).map((size, index) =>
      checkNumber(call, `options.hidden[${index}]`, size, { min: 1, max: 65_536, integer: true }),
    );
    this.encoder = copy;
    this.#learnt = copy.learnt;
    this.hidden = Object.freeze(sizes);
    this.bidirectional = checkBoolean(call, 'options.bidirectional', bidirectional);
    this.dropout = checkNumber(call, 'options.dropout', dropout, engineOptions.dropout);
    this.variant = checkChoice(call, 'options.variant', variant, variants);
    if (this.variant === 'synaptic' && this.bidirectional) {
      throw outOfRange(call, 'options.bidirectional', "false with variant 'synaptic'", bidirectional);
    }
    if (this.variant === 'synaptic' && this.convolution.length > 0) {
      throw outOfRange(call, 'options.convolution', "left out with variant 'synaptic'", options.convolution);
    }
    if (this.variant === 'synaptic' && encoder.embedding > 0) {
      throw outOfRange(call, 'options.encoder', "one without an embedding with variant 'synaptic'", encoder);
    }
    this.initializer = checkInitializer(call, options.initializer, this);
    this.seed = checkNumber(call, 'options.seed', seed, engineOptions.seed);
  }

  /** How the steps become one; undefined for models with an answer at every step. */
  get readout(): SequenceReadout | undefined {
    return undefined;
  }

  /**
   * The network; null before the first `fit`, which makes it once the samples are encoded: of many, some time after the
   * call, and before the first progress.
   */
  get network(): Network | null {
    return this.#network;
  }

  /** Number of outputs, and what they are. */
  protected abstract outputs(): { count: number; kind: OutputKind };

  /** Numbers of a step that the network reads. */
  protected inputSize(): number {
    return this.encoder.size;
  }

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
    const { engram, network = null, type: _, encoder: encoded, ...rest } = stored;
    if (engram !== 1 && engram !== 2) {
      throw outOfRange(call, 'json.engram', '1 or 2 (the formats that this version reads)', engram);
    }
    if (stored.type !== type) throw outOfRange(call, 'json.type', `'${type}'`, stored.type);
    const encoder = Encoder.fromJSON(encoded as EncoderJSON) as unknown as Encoder<Input>;
    const { hidden, convolution, bidirectional, dropout, variant, initializer, seed } = rest as Omit<
      SequenceModelOptions<Input>,
      'encoder'
    >;
    const options = { encoder, hidden, convolution, bidirectional, dropout, variant, initializer, seed };
    const model = asFields(call, () => make(options, stored));
    if (network === null) return model;
    const read = Network.fromJSON(network as NetworkJSON);
    checkTopology(call, model, read);
    model.#adopt(call, 'json.network', read, type);
    return model;
  }

  /** Checks that a network fits encoder and outputs, and makes it the model's own. */
  #adopt(call: string, field: string, network: Network, type: string): void {
    const { count, kind } = this.outputs();
    const size = this.inputSize();
    if (network.inputs() !== size || network.outputs() !== count) {
      throw new RangeError(
        `${call}: ${field} has ${network.inputs()} inputs and ${network.outputs()} outputs, ` +
          `encoder and labels ask for ${size} and ${count}`,
      );
    }
    if (network.layers.output.list.some((neuron) => neuron.squash !== SQUASH[kind])) {
      throw new RangeError(`${call}: ${field} has outputs that are not ${kind}, as those of a ${type} are`);
    }
    this.#network = network;
    this.#learnt = null;
  }

  /**
   * A model around a network that stands; `make` makes it from the options that all have, with what the network is.
   */
  protected static around<Input, Options extends NetworkOptions<Input>, Model extends SequenceModel<Input>>(
    call: string,
    network: Network,
    options: Options,
    type: string,
    make: (options: Options & SequenceModelOptions<Input>) => Model,
  ): Model {
    const model = make(withTopology(call, network, options));
    model.#adopt(call, 'network', network, type);
    return model;
  }

  /** @internal The steps of an input, of which a model needs at least one. */
  protected steps(call: string, field: string, input: unknown): Steps {
    const encoded = this.encoder.steps(call, field, input);
    this.refuseEmpty(call, field, input, encoded.steps.length);
    return encoded;
  }

  /** @internal Refuses inputs that have no steps for the model. */
  protected checkInputs(call: string, inputs: readonly NamedInput[]): void {
    for (const { field, input } of inputs) this.steps(call, field, input);
  }

  /** Refuses an input of no steps. */
  protected refuseEmpty(call: string, field: string, input: unknown, steps: number): void {
    if (steps > 0) return;
    throw outOfRange(call, field, 'an input of at least one step (leave empty ones out, or pad them)', input);
  }

  /** A set to be built of the encoder's steps, for a network of so many outputs. */
  #builder(classes?: Float64Array | 'lists'): SetBuilder {
    const sizes = { inputSize: this.inputSize(), outputSize: this.outputs().count };
    return new SetBuilder(sizes, this.encoder.form, classes);
  }

  /**
   * @internal Outputs of the network for some inputs, each from a fresh context: at their last steps, or at each step.
   *
   * @returns (inputs, steps, outputs)
   */
  protected answers(call: string, inputs: readonly Steps[], at: 'last' | 'each'): number[][][] {
    const live = this.fitted(call).live(call);
    const builder = this.#builder(new Float64Array(2 * live.outputs));
    for (const input of inputs) builder.add(input, (step) => (step === input.steps.length - 1 ? 0 : null));
    const lengths = inputs.map(({ steps }) => steps.length);
    return inEngine(builder.finish(), (data) => outputsOf(call, live, data, lengths, at));
  }

  /** @internal A sequence that comes step by step. */
  protected streaming<Answer, Options = undefined>(
    call: string,
    parts: Omit<StreamParts<Answer>, 'network' | 'encoder'>,
  ): SequenceStream<StreamStep<Input>, Answer, Options> {
    const network = this.fitted(call);
    if (this.bidirectional) {
      throw new TypeError(`${call}: a bidirectional model reads whole sequences, expected one that reads forwards`);
    }
    return new SequenceStream(call, { network, encoder: this.encoder as Encoder<never>, ...parts });
  }

  /**
   * @internal What each number of an input did to an output at a step; `read` makes steps of the baseline.
   *
   * @param options `method` and `steps` are checked here.
   */
  protected attribution(
    call: string,
    input: Steps,
    { output, at }: { output: number; at: number },
    options: ExplainOptions<Input>,
    read: (field: string, baseline: unknown) => Steps = (field, baseline) => this.steps(call, field, baseline),
  ): Attribution {
    const intervals = intervalsOf(call, options);
    const live = this.fitted(call).live(call);
    const builder = this.#builder(valuesOfClasses(live.outputs));
    const add = (steps: Steps) => builder.add(steps, (step) => (step === at ? output : null));
    add(input);
    if (options.baseline !== undefined) {
      const baseline = read('options.baseline', options.baseline);
      checkLength(call, input.steps, baseline.steps);
      add(baseline);
    }
    return inEngine(builder.finish(), (data) =>
      attributionOf(call, live.attribute(data, intervals), input.steps.length),
    );
  }

  /** @internal An attribution by the pieces of the input. */
  protected explanation(call: string, input: Input, { answer, baseline, steps }: Attribution): Explanation {
    return { answer, baseline, parts: this.encoder.explained(call, 'input', input, steps) };
  }

  /**
   * @internal Trains in a worker, after the samples were encoded in slices. The encoder learns from the samples trained on, at
   * the first call.
   */
  protected train<Checked extends NamedInput>(call: string, ready: Ready<Checked>): TrainingRun {
    const { options } = ready;
    if (this.#preparing !== undefined || this.#network?.busy) throw busyError(call);
    const { log = false } = options;
    if (typeof log !== 'boolean') checkNumber(call, 'options.log', log, { min: 0, max: MAX_ITERATIONS, integer: true });
    const printer = log ? new ProgressPrinter(log) : undefined;
    const isFirst = this.#network === null;
    return TrainingRun.prepared(
      (begin) => this.#prepare(call, ready, printer, begin),
      (hasBegun) => {
        printer?.end();
        if (isFirst && !hasBegun) this.#unlearn();
      },
    );
  }

  /**
   * @internal The run that training would be, as a file; the model is a copy that this call ends with. `make` checks
   * the samples.
   */
  protected packed<Checked extends NamedInput>(call: string, make: () => Ready<Checked>): Promise<Uint8Array> {
    const file = new Promise<Uint8Array>((resolve, reject) => {
      const ready = make();
      const { resume } = ready.options;
      if (resume !== undefined && !isBytes(resume)) throw wrongType(call, 'options.resume', 'a Uint8Array', resume);
      const work = this.#prepare(call, ready, undefined, (_, plan) => resolve(packRun(call, plan, resume)));
      inSlices(work, () => {}, reject);
    });
    const free = () => this.free();
    file.then(free, free);
    return file;
  }

  /**
   * @internal Makes the network one of more inputs and outputs: what the encoder finds new, and what `others` do, each of
   * which gives what takes it back. `end` says whether the last output stays the last.
   */
  protected grow(
    call: string,
    { inputs, renew, check }: Extendable,
    others: (() => () => void)[] = [],
    end = false,
  ): void {
    const before = this.fitted(call);
    if (this.#preparing !== undefined || before.busy) throw busyError(call);
    const [slots, count] = [this.encoder.size, this.outputs().count];
    const undo = [this.encoder.extended(call, inputs, renew), ...others].map((act) => act());
    let made: Network | undefined;
    try {
      check();
      const more = this.encoder.size - slots;
      if (more === 0 && this.outputs().count === count) return;
      made = named(call, () => this.#build());
      const [old, grown] = [before.live(call), made.live(call)];
      named(call, () => grown.inherit(old, { slots, more, end }));
    } catch (error) {
      for (const back of undo) back();
      made?.free();
      throw error;
    }
    this.#network = made;
    before.free();
  }

  *#prepare<Checked extends NamedInput>(
    call: string,
    { parts: { trained, heldOut }, study, encode, options, orders: { classes, ...orders } = {} }: Ready<Checked>,
    printer: ProgressPrinter | undefined,
    begin: (...run: ReturnType<Trainer['prepare']>) => void,
  ): Sliced<void> {
    const preparation = {};
    this.#preparing = preparation;
    const before = this.#network;
    let made: Network | undefined;
    try {
      const settings = trainerOptions(call, options, this, printer);
      // A network that stood before its model may have come with an encoder that has seen nothing yet.
      if ((before === null ? this.#learnt : this.encoder.learnt) === null) yield* this.encoder.study(call, trained);
      this.#check(call, preparation);
      if (before === null) study?.(trained);
      const encoded = function* (this: SequenceModel<Input>, samples: Checked[]): Sliced<DataSet> {
        const builder = this.#builder(classes?.());
        for (const sample of samples) {
          yield 1 + builder.measure(() => encode(sample, builder), sample.weight);
          this.#check(call, preparation);
        }
        return dataSetOf(builder.finish());
      }.bind(this);
      const set = yield* encoded(trained);
      const validation = heldOut.length > 0 ? yield* encoded(heldOut) : 0;
      this.#check(call, preparation);
      if (before === null) {
        made = named(call, () => this.#build());
        yield WEIGHTY;
        made.live(call);
        yield WEIGHTY;
        this.#check(call, preparation);
      }
      const network = before ?? (made as Network);
      const told = { ...orders, resume: options.resume, model: () => this.toJSON() };
      const batchSize = options.batchSize ?? usualBatch(set.length);
      const run = new Trainer(network).prepare(call, set, { ...settings, batchSize, validation }, told);
      this.#network = network;
      begin(...run);
    } finally {
      if (this.#preparing === preparation) this.#preparing = undefined;
      // What was refused has changed nothing.
      if (this.#network?.busy === false) this.#network = before;
      if (this.#network === null) {
        this.#forget();
        made?.free();
      }
    }
  }

  /** Takes back a first training that changed nothing in the end, as it was refused or aborted before it began. */
  #unlearn(): void {
    if (this.#network === null || this.#network.busy || this.#preparing !== undefined) return;
    this.#network.free();
    this.#network = null;
    this.#forget();
  }

  /** Takes back what was learnt from a training set by others than the network. */
  #forget(): void {
    this.encoder.learnt = this.#learnt;
    this.forgetTargets();
  }

  /** Takes back what {@link Ready.study} learnt. */
  protected forgetTargets(): void {}

  /** Refuses to go on with a `fit` after which the model was freed. */
  #check(call: string, preparation: object): void {
    if (this.#preparing !== preparation) throw new TypeError(`${call}: the model was freed meanwhile`);
  }

  /** The network before it has learnt. */
  #build(): Network {
    const { count, kind } = this.outputs();
    return networkOf(this, {
      inputs: this.inputSize(),
      embedding: this.encoder.embedding,
      outputs: count,
      output: kind,
    });
  }

  /**
   * What is trained on, then what is held out. `check` checks a list of samples, named by a field;
   * `order` puts those to be held out last.
   */
  protected split<Checked>(
    call: string,
    field: string,
    samples: unknown,
    validation: unknown,
    check: (field: string, samples: unknown) => Checked[],
    order: (samples: Checked[]) => Checked[] = (given) => shuffled(given, randomFrom(this.seed)),
  ): Parts<Checked> {
    return splitSamples(call, check(field, samples), validation, check, order);
  }

  /** Has `launch` check and start a run; what it throws rejects the run. */
  protected static launching(launch: () => TrainingRun): TrainingRun {
    try {
      return launch();
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /** The model as plain data, with what it has learnt so far. */
  abstract toJSON(): SequenceModelJSON;

  /** What all models store. */
  protected stored<Type extends string>(type: Type): SequenceModelJSON & { type: Type } {
    const { encoder, hidden, convolution, bidirectional, dropout, variant, readout, initializer, seed } = this;
    const network = this.#network?.toJSON(2) ?? null;
    const extras = { ...(bidirectional ? { bidirectional } : {}), ...(dropout > 0 ? { dropout } : {}) };
    const topology = {
      ...(variant === 'standard' ? {} : { variant }),
      ...(initializer === 'synaptic' ? {} : { initializer }),
    };
    const reading = readout === undefined ? {} : { readout };
    return {
      engram: 2,
      type,
      encoder: encoder.toJSON(),
      hidden: [...hidden],
      ...(convolution.length > 0 ? { convolution: [...convolution] } : {}),
      ...extras,
      ...topology,
      ...reading,
      seed,
      network,
    };
  }

  /** Gives the engine's memory back at once. The model can be fitted anew, nothing else. */
  free(): void {
    this.#preparing = undefined;
    this.#network?.free();
    this.#network = null;
    this.#forget();
  }
}
