// A run as a pack: one file of safetensors with model, options, data and checkpoint, which engram opens in pages, in
// Node and in Python. Its metadata say what it is (`format`, `version`) and, as JSON, what the run is told (`run`). Its
// arrays are `model` (JSON in UTF-8), the sets (`set.inputs`, `set.targets`, `set.targetOfStep`, `set.lengths`,
// `set.weights` where samples have some, and the same with `heldOut.`) and `checkpoint`. `packs/unpack.ts` reads what is written here.

import { wrongType } from '../checks/errors.js';
import type { FlatSet } from '../data/flat-set.js';
import { type Dtype, type Tensor, writeTensors } from '../data/safetensors.js';
import { engineOptions } from '../engine/generated/tables.js';
import type { RunPlan } from './plan.js';

/** What the metadata of a pack say that it is. */
export const FORMAT = 'engram-pack';
/** The version of packs that this engram reads and writes. */
export const VERSION = '1';

/** Types of the arrays of a set. */
export const DTYPE = { rows: 'F64', symbols: 'U32', bits: 'U8' } as const;

/** What a pack says of a set beside its arrays. */
export interface PackedSet {
  inputSize: number;
  outputSize: number;
  inputsAre: FlatSet['form'];
  targetsAre: FlatSet['targetsAre'];
  /** Whether any sample is a list of steps. */
  sequences: boolean;
}

/** Options of a run that a pack holds, beside `rate`, `cost`, `heldOut` and `heldOutError`. */
export const packedOptions = Object.keys(engineOptions).filter((name) => name !== 'checkpointEvery');

/** The numbers of an array as bytes; every platform that runs WebAssembly in a page or in Node is little-endian. */
function tensor(dtype: Dtype, shape: number[], { buffer, byteOffset, byteLength }: ArrayBufferView): Tensor {
  return { dtype, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

function addSet(tensors: Map<string, Tensor>, name: string, set: FlatSet): PackedSet {
  const { inputSize, outputSize, form, inputs, targetsAre, targets, targetOfStep, lengths, weights, sequences } = set;
  const steps = targetOfStep.length;
  const columns = targetsAre === 'classes' ? 2 : outputSize;
  tensors.set(`${name}.inputs`, tensor(DTYPE[form], form === 'rows' ? [steps, inputSize] : [steps], inputs));
  tensors.set(`${name}.targets`, tensor('F64', [targets.length / columns, columns], targets));
  tensors.set(`${name}.targetOfStep`, tensor('U32', [steps], targetOfStep));
  tensors.set(`${name}.lengths`, tensor('U32', [lengths.length], lengths));
  if (weights !== undefined) tensors.set(`${name}.weights`, tensor('F64', [weights.length], weights));
  return { inputSize, outputSize, inputsAre: form, targetsAre, sequences };
}

/**
 * A run as the bytes of a file.
 *
 * @param checkpoint where it goes on; undefined from the start.
 * @throws TypeError for a run that calls functions for its rate or cost, which a file cannot hold.
 */
export function packRun(call: string, plan: RunPlan, checkpoint: Uint8Array | undefined): Uint8Array {
  const { sets, options, callbacks, model, freeze, weighted = false, remarks = [] } = plan;
  const noFunction = 'none that is a function, since a file can hold no function';
  if (options.rate === null) throw wrongType(call, 'options.rate', noFunction, callbacks.rate);
  if (options.hostCost) throw wrongType(call, 'options.cost', noFunction, callbacks.cost);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, bytes: Uint8Array) => tensors.set(name, tensor('U8', [bytes.length], bytes));
  add('model', new TextEncoder().encode(JSON.stringify(model())));
  const names = [...packedOptions, 'rate', 'cost', 'heldOut', 'heldOutError'];
  const run = {
    options: Object.fromEntries(names.map((name) => [name, options[name as keyof typeof options]])),
    weighted,
    remarks,
    ...(freeze === undefined ? {} : { freeze }),
    set: addSet(tensors, 'set', sets.set),
    heldOut: sets.heldOut && addSet(tensors, 'heldOut', sets.heldOut),
  };
  if (checkpoint !== undefined) add('checkpoint', checkpoint);
  const metadata = new Map([
    ['format', FORMAT],
    ['version', VERSION],
    ['run', JSON.stringify(run)],
  ]);
  return writeTensors({ tensors, metadata });
}
