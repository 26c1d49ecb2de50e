// A set that grows sequence by sequence, in flat arrays: what a model encodes is never a list of lists of numbers.

import { NO_TARGET } from '../engine/generated/tables.js';
import { type FlatSet, type Inputs, weightsOf } from './flat-set.js';

/** The steps of a sequence: a row of values each, or one number each, which stands for a row. */
export type Steps =
  | { form: 'rows'; steps: readonly ArrayLike<number>[] }
  | { form: 'symbols' | 'bits'; steps: ArrayLike<number> };

type Numbers = Float64Array | Uint32Array | Uint8Array;

/** Numbers in an array that doubles when it is full. */
class Growing<Kind extends Numbers> {
  #numbers: Kind;
  #length = 0;

  constructor(empty: Kind) {
    this.#numbers = empty;
  }

  /** Makes room for `count` numbers, and gives it. */
  room(count: number): Kind {
    const end = this.#length + count;
    if (end > this.#numbers.length) {
      const Kind = this.#numbers.constructor as new (length: number) => Kind;
      const larger = new Kind(Math.max(end, 2 * this.#numbers.length));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const room = this.#numbers.subarray(this.#length, end) as Kind;
    this.#length = end;
    return room;
  }

  get length(): number {
    return this.#length;
  }

  /** The numbers, in an array of their size. */
  take(): Kind {
    return this.#numbers.slice(0, this.#length) as Kind;
  }
}

const empty = { rows: Float64Array, symbols: Uint32Array, bits: Uint8Array };

/** Collects sequences for a {@link FlatSet}. What is added has been checked. */
export class SetBuilder {
  readonly #sizes: { inputSize: number; outputSize: number };
  readonly #form: Steps['form'];
  readonly #inputs: Growing<Numbers>;
  /** The two numbers of every class, if targets are classes; or that they are lists. */
  readonly #classes: Float64Array | 'lists' | undefined;
  readonly #targets = new Growing(new Float64Array());
  readonly #targetOfStep = new Growing(new Uint32Array());
  readonly #lengths = new Growing(new Uint32Array());
  readonly #weights = new Growing(new Float64Array());

  /** `classes` where targets are classes: two numbers for each, see {@link FlatSet}; or that targets are lists. */
  constructor(sizes: { inputSize: number; outputSize: number }, form: Steps['form'], classes?: Float64Array | 'lists') {
    this.#sizes = sizes;
    this.#form = form;
    this.#inputs = new Growing<Numbers>(new empty[form]());
    this.#classes = classes;
  }

  /** Does what adds sequences, each of which counts `weight` times; gives how many steps these have. */
  measure(add: () => void, weight = 1): number {
    const before = this.#targetOfStep.length;
    add();
    this.#weights.room(this.#lengths.length - this.#weights.length).fill(weight);
    return this.#targetOfStep.length - before;
  }

  /**
   * Adds a sequence; `target` gives the target of a step: a class, a row of values where targets are none, or null. Of a
   * list it gives the symbols at the first steps.
   */
  add({ form, steps }: Steps, target: (step: number) => number | readonly number[] | null): void {
    const { inputSize, outputSize } = this.#sizes;
    if (form === 'rows') {
      const room = this.#inputs.room(steps.length * inputSize);
      steps.forEach((row, index) => room.set(row, index * inputSize));
    } else this.#inputs.room(steps.length).set(steps);
    const targetOfStep = this.#targetOfStep.room(steps.length);
    for (let step = 0; step < steps.length; step++) {
      const goal = target(step);
      if (goal === null) targetOfStep[step] = NO_TARGET;
      else if (typeof goal === 'number') targetOfStep[step] = goal;
      else {
        targetOfStep[step] = this.#targets.length / outputSize;
        this.#targets.room(outputSize).set(goal);
      }
    }
    this.#lengths.room(1)[0] = steps.length;
  }

  /** The set; the builder is of no more use. */
  finish(): FlatSet {
    return {
      ...this.#sizes,
      ...({ form: this.#form, inputs: this.#inputs.take() } as Inputs),
      ...(this.#classes === 'lists'
        ? { targetsAre: 'lists', targets: new Float64Array() }
        : this.#classes === undefined
          ? { targetsAre: 'rows', targets: this.#targets.take() }
          : { targetsAre: 'classes', targets: this.#classes }),
      targetOfStep: this.#targetOfStep.take(),
      lengths: this.#lengths.take(),
      ...weightsOf(this.#weights.take()),
      sequences: true,
    };
  }
}
