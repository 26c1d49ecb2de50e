// Samples that a sequence class has checked, and how they are to be learnt.

import { outOfRange, wrongType } from '../checks/errors.js';
import type { SetBuilder } from '../data/set-builder.js';
import type { NamedInput } from './encoders/coding.js';
import type { FitOptions } from './fit-options.js';

/** What is trained on, and what is held out to judge by. */
export interface Parts<T> {
  trained: T[];
  heldOut: T[];
}

/** @internal What a class says of its training, beside the options. */
export interface TrainOrders {
  /**
   * Where targets are classes: what the output of each is to be, and the others, see `data/flat-set`. Asked for once the
   * encoder has learnt.
   */
  classes?(): Float64Array;
  /** Whether the targets are distributions times a weight. */
  weighted?: boolean;
  /** What else there is to say of the run, as advice. */
  remarks?: readonly string[];
}

/** @internal Samples that were checked, and how they are to be learnt. */
export interface Ready<Checked extends NamedInput> {
  parts: Parts<Checked>;
  /** Takes from the samples trained on what has to be known of their targets; called before the first training only. */
  study?(trained: readonly Checked[]): void;
  /** Adds a sample to a set. */
  encode(checked: Checked, set: SetBuilder): void;
  options: FitOptions<unknown>;
  orders?: TrainOrders;
}

/** @internal Checks one of the lists that `fit` and others take. */
export function checkList(call: string, field: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array', value);
  if (value.length === 0) throw outOfRange(call, field, 'at least one entry', value);
  // Holes become undefined, which is refused; methods of arrays would pass over them.
  return Array.from(value);
}
