// What a worker takes from a page. The page has checked what its users gave; this refuses messages
// of something else, since the engine's glue reads values without looking at them. The options of a
// run are not looked at here: the engine reads them by its own table, and checks each.

import { kindOf } from '../checks/realm.js';
import type { FlatSet } from '../data/flat-set.js';
import type { ToWorker } from './protocol.js';

type Check = (value: unknown) => boolean;

const from =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const finite: Check = (value) => Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';
const count = from(0, 2 ** 32 - 1);
const object: Check = (value) => typeof value === 'object' && value !== null;
const kind =
  (type: { readonly name: string }): Check =>
  (value) =>
    kindOf(value) === type.name;

/** The arrays that inputs are in, by form. */
const INPUTS: Readonly<Record<string, Check>> = {
  rows: kind(Float64Array),
  symbols: kind(Uint32Array),
  bits: kind(Uint8Array),
};

const set = {
  inputSize: from(1),
  outputSize: from(1),
  form: (value: unknown) => typeof value === 'string' && Object.hasOwn(INPUTS, value),
  targetsAre: (value: unknown) => value === 'rows' || value === 'classes' || value === 'lists',
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
  check('message', message, { run: count, cargo: object, options: object, aborted: flag });
  if (message.resume !== undefined) check('message', message, { resume: kind(Uint8Array) });
  const { cargo } = message;
  if ('parcel' in cargo) {
    check('cargo', cargo, { parcel: count });
    return;
  }
  check('cargo', cargo, { program: kind(BigUint64Array), memory: kind(Float64Array), parameters: count, set: object });
  checkSet('set', cargo.set);
  if (cargo.heldOut !== undefined) checkSet('heldOut', cargo.heldOut);
}

function checkSet(what: string, given: FlatSet): void {
  check(what, given, set);
  check(what, given, { inputs: INPUTS[given.form] as Check });
  if (given.weights !== undefined) check(what, given, { weights: kind(Float64Array) });
}

/** @throws TypeError for a step that no page of this version asks for. */
export function checkStep(message: Extract<ToWorker, { type: 'engram:step' }>): void {
  check('message', message, { step: finite, cargo: object, act: object });
  const { cargo, act } = message;
  if ('loan' in cargo) check('cargo', cargo, { loan: count });
  else {
    check('cargo', cargo, { memory: kind(Float64Array) });
    if (cargo.program !== undefined) check('cargo', cargo, { program: kind(BigUint64Array) });
  }
  if ('activate' in act) check('act', act, { activate: kind(Float64Array) });
  else check('act', act, { propagate: kind(Float64Array), rate: finite });
}
