// A run that travels: opened from the file that `training/pack.ts` wrote, here or elsewhere, and continued.

import {
  checkBoolean,
  checkChoice,
  checkNumber,
  checkObject,
  checkOptions,
  outOfRange,
  wrongType,
} from '../checks/errors.js';
import { errorOf } from '../checks/realm.js';
import { type DataSet, dataSetOf } from '../data/data-set.js';
import { type FlatSet, type Inputs, toEngine } from '../data/flat-set.js';
import { parseJSON, readTensors, type Tensor } from '../data/safetensors.js';
import { engine } from '../engine/engine.js';
import { COSTS, NO_TARGET } from '../engine/generated/tables.js';
import type { NetworkJSON } from '../graph/json-types.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { Network } from '../network/network.js';
import { SequenceClassifier } from '../sequences/classifier.js';
import { SequenceGenerator } from '../sequences/generator.js';
import type { SequenceModel } from '../sequences/model.js';
import { SequencePredictor } from '../sequences/predictor.js';
import { SequenceRegressor } from '../sequences/regressor.js';
import { SequenceTagger } from '../sequences/tagger.js';
import { SequenceTranscriber } from '../sequences/transcriber.js';
import { cost } from '../training/cost.js';
import { checkTrainingOptions, MAX_ITERATIONS, type TrainingOptions } from '../training/options.js';
import { DTYPE, FORMAT, packedOptions, VERSION } from '../training/pack.js';
import type { Told } from '../training/plan.js';
import { Trainer } from '../training/trainer.js';
import { TrainingRun } from '../training/training-run.js';

/** What a pack may hold: a sequence model, or a network of a {@link Trainer}. */
export type PackedModel = SequenceModel<never> | Network;

/** Options of {@link Pack.train}: what a run may be told anew, as it changes no bit; `iterations` may be more. */
export type PackTrainOptions = Pick<
  TrainingOptions,
  'iterations' | 'threads' | 'checkpointEvery' | 'onCheckpoint' | 'onProgress' | 'signal'
>;

const trainOptions = ['iterations', 'threads', 'checkpointEvery', 'onCheckpoint', 'onProgress', 'signal'] as const;
/** Options of a pack's run that users give in the same words. */
const usersOptions = [...packedOptions, 'rate'] as (keyof TrainingOptions)[];
const classes: Readonly<Record<string, { fromJSON(json: never): SequenceModel<never> }>> = {
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
};
const costs = { crossEntropy: cost.CROSS_ENTROPY, mse: cost.MSE, binary: cost.BINARY };
const ARRAYS = { F64: Float64Array, U32: Uint32Array, U8: Uint8Array };
const MOST = 2 ** 31;

/** The network that the run trains. */
const networkOf = (model: PackedModel): Network => (model instanceof Network ? model : (model.network as Network));

/** What a pack's run is told, checked. */
interface Run {
  set: DataSet;
  heldOut: DataSet | undefined;
  options: TrainingOptions;
  told: Told;
  weighted: boolean;
  remarks: string[];
  checkpoint: Uint8Array | undefined;
}

/** A run that was packed: its model, and the way on. Made by {@link unpack}. */
export class Pack<Model extends PackedModel = PackedModel> {
  /** What is trained, in place. */
  readonly model: Model;
  readonly #run: Run;
  /** The network of a run that had not begun when it was packed, and its memory as it was before the first one here. */
  #start: { live: LiveNetwork; memory: Float64Array } | undefined;

  /** @internal */
  constructor(model: Model, run: Run) {
    this.model = model;
    this.#run = run;
  }

  /** Whether the run had begun when it was packed. */
  get hasBegun(): boolean {
    return this.#run.checkpoint !== undefined;
  }

  /** Iterations (epochs) that the run was asked for. */
  get iterations(): number {
    return this.#run.options.iterations as number;
  }

  /** Samples that are learnt from, those that are held out of them included. */
  get samples(): number {
    return this.#run.set.length;
  }

  /**
   * Goes on with the run in a worker, from where it was packed, to the bits of one that never left, and trains `model`
   * by that; so does every other call, from there again. What is wrong
   * rejects the promise; a checkpoint that is of another network, set or run, or is damaged, with a RangeError.
   *
   * @param options `iterations` are all, those before the pack included.
   */
  train(options?: PackTrainOptions): TrainingRun {
    const call = 'Pack.train';
    try {
      const given = checkTrainingOptions(call, options, trainOptions);
      const { set, heldOut, options: own, told, weighted, remarks, checkpoint } = this.#run;
      const { model } = this;
      const asked = { ...own, ...given, ...(heldOut === undefined ? {} : { validation: heldOut }) };
      const orders = {
        resume: checkpoint,
        weighted,
        remarks,
        told,
        ...(model instanceof Network ? {} : { model: () => model.toJSON() }),
      };
      const [live, plan] = new Trainer(networkOf(model)).prepare(call, set, asked, orders);
      if (checkpoint === undefined) this.#restart(call, live);
      return TrainingRun.start(live, plan);
    } catch (error) {
      return TrainingRun.refused(error);
    }
  }

  /** Has a run without a checkpoint begin where the first one did. */
  #restart(call: string, live: LiveNetwork): void {
    this.#start ??= { live, memory: live.memory.slice() };
    if (this.#start.live !== live) {
      throw new TypeError(`${call}: the model has another network by now, expected the one that the run trains`);
    }
    live.memory.set(this.#start.memory);
    live.changed();
  }
}

/** The tensors of a pack, each taken once. */
class Shelf {
  readonly #call: string;
  readonly #tensors: Map<string, Tensor>;

  constructor(call: string, tensors: Map<string, Tensor>) {
    this.#call = call;
    this.#tensors = tensors;
  }

  /** The numbers of a tensor of a type and of so many columns, 0 for one that is a list. */
  take<Type extends keyof typeof ARRAYS>(
    name: string,
    dtype: Type,
    columns: number,
  ): InstanceType<(typeof ARRAYS)[Type]> {
    const tensor = this.#tensors.get(name);
    this.#tensors.delete(name);
    const fits = columns === 0 ? tensor?.shape.length === 1 : tensor?.shape.length === 2 && tensor.shape[1] === columns;
    if (tensor === undefined || tensor.dtype !== dtype || !fits) {
      const shape = columns === 0 ? 'a list' : `rows of ${columns}`;
      const found = tensor === undefined ? 'not there' : `${tensor.dtype} [${tensor.shape}]`;
      throw new RangeError(`${this.#call}: tensor '${name}' is ${found}, expected ${shape} of ${dtype}`);
    }
    return new ARRAYS[dtype](tensor.bytes.slice().buffer) as InstanceType<(typeof ARRAYS)[Type]>;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Refuses tensors that nobody has taken. */
  finish(): void {
    for (const name of this.#tensors.keys()) {
      throw outOfRange(this.#call, 'a tensor', 'one of those that a pack has', name);
    }
  }
}

/** A set of a pack, which the engine has looked at. */
function setOf(call: string, name: string, value: unknown, shelf: Shelf, network: Network): DataSet {
  const given = checkObject(call, name, value);
  const sizes = { inputSize: network.inputs(), outputSize: network.outputs() };
  for (const [field, expected] of Object.entries(sizes)) {
    const size = checkNumber(call, `${name}.${field}`, given[field], { min: 1, max: MOST, integer: true });
    if (size !== expected) throw outOfRange(call, `${name}.${field}`, `${expected}, as the network has`, size);
  }
  const form = checkChoice(call, `${name}.inputsAre`, given.inputsAre, ['rows', 'symbols', 'bits']);
  const targetsAre = checkChoice(call, `${name}.targetsAre`, given.targetsAre, ['rows', 'classes', 'lists']);
  const inputs = shelf.take(`${name}.inputs`, DTYPE[form], form === 'rows' ? sizes.inputSize : 0);
  const flat: FlatSet = {
    ...sizes,
    ...({ form, inputs } as Inputs),
    targetsAre,
    targets: shelf.take(`${name}.targets`, 'F64', targetsAre === 'classes' ? 2 : sizes.outputSize),
    targetOfStep: shelf.take(`${name}.targetOfStep`, 'U32', 0),
    lengths: shelf.take(`${name}.lengths`, 'U32', 0),
    ...(shelf.has(`${name}.weights`) ? { weights: shelf.take(`${name}.weights`, 'F64', 0) } : {}),
    sequences: checkBoolean(call, `${name}.sequences`, given.sequences),
  };
  engine();
  try {
    // The engine looks at lengths, places and codes, and whether numbers are finite.
    toEngine(flat, 'unknown').free();
  } catch (thrown) {
    const error = errorOf(thrown);
    error.message = `${call}: ${name}: ${error.message}`;
    throw error;
  }
  if (targetsAre === 'lists') {
    if (flat.targets.length > 0) throw new RangeError(`${call}: ${name}.targets has numbers, expected none with lists`);
    return dataSetOf(flat);
  }
  const used = new Set(flat.targetOfStep);
  used.delete(NO_TARGET);
  if (used.size === 0) throw new RangeError(`${call}: ${name} has no target, expected at least one`);
  const count = flat.targets.length / flat.outputSize;
  if (targetsAre === 'rows' && used.size < count) {
    throw new RangeError(`${call}: ${name} has ${count} targets, ${used.size} of them at a step, expected all`);
  }
  return dataSetOf(flat);
}

function modelOf(call: string, json: unknown): PackedModel {
  const { type } = checkObject(call, 'model', json);
  if (type === undefined) return Network.fromJSON(json as NetworkJSON);
  const name = checkChoice(call, 'model.type', type, Object.keys(classes));
  const model = classes[name]?.fromJSON(json as never);
  if (model !== undefined && model.network !== null) return model;
  throw new RangeError(`${call}: the model has no network, expected one that the run trains`);
}

/** What a run is told, checked as options of users are. */
function optionsOf(call: string, value: unknown): { options: TrainingOptions; told: Told } {
  const given = checkObject(call, 'options', value);
  checkOptions(call, given, [...usersOptions, 'cost', 'heldOut', 'heldOutError']);
  const { cost: costName, heldOut, heldOutError, ...plain } = given;
  const options = checkTrainingOptions(call, plain, usersOptions);
  const missing = usersOptions.find((name) => options[name] === undefined);
  if (missing !== undefined) throw wrongType(call, `options.${missing}`, 'the value of a complete run', given[missing]);
  if (costName !== null) options.cost = costs[checkChoice(call, 'options.cost', costName, COSTS)];
  const told = {
    error: options.error as number,
    heldOut: checkNumber(call, 'options.heldOut', heldOut, { min: 0, max: MAX_ITERATIONS, integer: true }),
    heldOutError: checkNumber(call, 'options.heldOutError', heldOutError, { min: -1 }),
  };
  return { options, told };
}

/**
 * Opens a pack that `run.pack()`, a model's `pack` or Python wrote: gives the model, and the run, which goes on with
 * `pack.train()` to the bits of one that never left.
 *
 * @param file the bytes, as from `fs.readFile` or `await (await fetch(url)).arrayBuffer()`.
 * @throws TypeError or RangeError for what is no pack, or one that is broken or of another version. Whether the
 *   checkpoint is whole is seen by `train`.
 *
 * @example
 * const pack = unpack(await run.pack());
 * await pack.train();
 */
export function unpack(file: Uint8Array | ArrayBuffer): Pack {
  const call = 'unpack';
  const { tensors, metadata } = readTensors(call, file);
  const [format, version] = [metadata.get('format'), metadata.get('version')];
  if (format !== FORMAT) throw outOfRange(call, "the file's format", `'${FORMAT}'`, format);
  if (version !== VERSION) {
    throw outOfRange(call, "the pack's version", `'${VERSION}' (the version that this engram reads)`, version);
  }
  const text = new TextEncoder().encode(metadata.get('run') ?? '');
  const run = checkObject(call, 'run', parseJSON(call, 'run', text));
  checkOptions(call, run, ['options', 'set', 'heldOut', 'weighted', 'remarks', 'freeze'] as never[], 'run');
  const shelf = new Shelf(call, tensors);
  const { options, told } = optionsOf(call, run.options);
  const weighted = checkBoolean(call, 'weighted', run.weighted);
  const { remarks } = run;
  if (!Array.isArray(remarks) || !remarks.every((remark) => typeof remark === 'string')) {
    throw wrongType(call, 'remarks', 'an array of texts', remarks);
  }
  Object.assign(options, checkTrainingOptions(call, { freeze: run.freeze }, ['freeze']));
  const model = modelOf(call, parseJSON(call, 'model', shelf.take('model', 'U8', 0)));
  try {
    const network = networkOf(model);
    const set = setOf(call, 'set', run.set, shelf, network);
    const heldOut = run.heldOut === undefined ? undefined : setOf(call, 'heldOut', run.heldOut, shelf, network);
    if (told.heldOut > 0 && (heldOut !== undefined || told.heldOut >= set.length)) {
      const expected = heldOut === undefined ? `less than the ${set.length} samples` : '0 with samples of their own';
      throw outOfRange(call, 'options.heldOut', expected, told.heldOut);
    }
    const checkpoint = shelf.has('checkpoint') ? shelf.take('checkpoint', 'U8', 0) : undefined;
    shelf.finish();
    return new Pack(model, { set, heldOut, options, told, weighted, remarks, checkpoint });
  } catch (error) {
    model.free();
    throw error;
  }
}
