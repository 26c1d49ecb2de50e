// What a worker takes from a page. The page has checked what its users gave; this refuses messages
// of something else, since the engine's glue reads values without looking at them.

import { kindOf } from '../checks/realm.js';
import type { RunOptions, ToWorker } from './protocol.js';

type Check = (value: unknown) => boolean;

const finite: Check = (value) => Number.isFinite(value);
const from =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const count = from(0, 2 ** 32 - 1);
const flag: Check = (value) => typeof value === 'boolean';
const word: Check = (value) => typeof value === 'string';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && Array.from(value).every(check);
const share: Check = (value) => finite(value) && (value as number) >= 0 && (value as number) < 1;
const object: Check = (value) => typeof value === 'object' && value !== null;
const kind =
  (type: { new (): unknown }): Check =>
  (value) =>
    kindOf(value) === type.name;

/** What kinds a decay has, and what goes with them. */
const decays: Record<RunOptions['decay']['type'], Record<string, Check>> = {
  none: {},
  step: { every: from(1, 2 ** 32 - 1), factor: finite },
  cosine: { floor: finite },
  plateau: { patience: from(1, 2 ** 32 - 1), factor: finite },
};
const decay: Check = (value) => {
  const { type } = Object(value) as { type?: unknown };
  const fields = typeof type === 'string' && Object.hasOwn(decays, type) ? decays[type as keyof typeof decays] : null;
  return fields !== null && Object.entries(fields).every(([name, check]) => check((value as never)[name]));
};

const options: Record<keyof RunOptions, Check> = {
  learner: word,
  rate: (value) => value === null || finite(value) || listOf(finite)(value),
  iterations: count,
  error: finite,
  shuffle: flag,
  cost: orNull(word),
  hostCost: flag,
  heldOut: count,
  heldOutError: finite,
  patience: count,
  scheduleEvery: count,
  checkpointEvery: count,
  logEvery: count,
  sequences: flag,
  optimizer: word,
  weightDecay: finite,
  decay,
  warmUp: count,
  truncate: count,
  memoryLimit: finite,
  dropout: share,
  bucket: flag,
  batchSize: from(1, 2 ** 32 - 1),
  clipNorm: orNull(finite),
  precision: word,
  seed: from(0),
};
const set = {
  inputSize: from(1),
  outputSize: from(1),
  inputs: kind(Float64Array),
  targets: kind(Float64Array),
  targetOfStep: kind(Uint32Array),
  lengths: kind(Uint32Array),
};

function check(what: string, value: unknown, fields: Record<string, Check>): void {
  for (const [name, is] of Object.entries(fields)) {
    const given = object(value) ? (value as Record<string, unknown>)[name] : undefined;
    if (!is(given)) throw new TypeError(`engram's worker: ${what}.${name} is not what the page posts`);
  }
}

/** @throws TypeError for a run that no page of this version asks for. */
export function checkTraining(message: Extract<ToWorker, { type: 'engram:train' }>): void {
  check('message', message, { run: count, cargo: object, options: object });
  check('options', message.options, options);
  if (message.resume !== undefined) check('message', message, { resume: kind(Uint8Array) });
  const { cargo } = message;
  if ('parcel' in cargo) {
    check('cargo', cargo, { parcel: count });
    return;
  }
  check('cargo', cargo, { program: kind(BigUint64Array), memory: kind(Float64Array), parameters: count, set: object });
  check('set', cargo.set, set);
  check('options', message.options, { heldOut: from(0, cargo.set.lengths.length - 1) });
}

/** @throws TypeError for a step that no page of this version asks for. */
export function checkStep(message: Extract<ToWorker, { type: 'engram:step' }>): void {
  check('message', message, { step: finite, memory: kind(Float64Array), act: object });
  if (message.program !== undefined) check('message', message, { program: kind(BigUint64Array) });
  if ('activate' in message.act) check('act', message.act, { activate: kind(Float64Array) });
  else check('act', message.act, { propagate: kind(Float64Array), rate: finite });
}
