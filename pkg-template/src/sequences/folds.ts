// Samples in parts, and what the scores of the parts have in common.

import { wrongType } from '../checks/errors.js';
import { isError } from '../checks/realm.js';
import { shuffled } from './random.js';

/** The entries of an evaluation that are numbers: accuracy, loss, mae and others. */
export type Measures<Evaluation> = {
  [Name in keyof Evaluation as Evaluation[Name] extends number ? Name : never]: number;
};

/** @internal The samples in parts of like size, in which every label has a like share, if samples have labels. */
export function partsOf<Sample>(samples: readonly Sample[], folds: number, random: () => number): Sample[][] {
  const groups = new Map<unknown, Sample[]>();
  for (const sample of samples) {
    const label: unknown = (Object(sample) as { label?: unknown }).label;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [sample]);
    else group.push(sample);
  }
  const dealt = [...groups.values()].flatMap((group) => shuffled(group, random));
  return Array.from({ length: folds }, (_, fold) => dealt.filter((_, index) => index % folds === fold));
}

/** @internal Refuses what lacks one of the methods of a model, at least two. */
export function checkModel(call: string, field: string, model: unknown, ...methods: string[]): void {
  const given = Object(model) as Record<string, unknown>;
  if (methods.every((name) => typeof given[name] === 'function')) return;
  const list = `${methods.slice(0, -1).join(', ')} and ${methods.at(-1)}`;
  throw wrongType(call, field, `a model that has ${list}`, model);
}

/**
 * @internal Does what takes some of all samples that a call was given. An error that names one of them, by its place among
 * the some, then names the call and the sample's place there.
 */
export async function withSome<Sample, Result>(
  call: string,
  all: readonly Sample[],
  some: readonly Sample[],
  act: () => Result | PromiseLike<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const [, place, rest] = (isError(error) && /^[^:]+: [a-z]+\[(\d+)\](.*)$/s.exec(error.message)) || [];
    if (place !== undefined) {
      const sample = some[Number(place)];
      const index = all.findIndex((other) => Object.is(other, sample));
      (error as Error).message = `${call}: samples[${index}]${rest}`;
    }
    throw error;
  }
}

/** @internal Mean and deviation of each number of some objects. */
export function measured<Evaluation extends object>(
  folds: readonly Evaluation[],
): { mean: Measures<Evaluation>; deviation: Measures<Evaluation> } {
  const mean: Record<string, number> = {};
  const deviation: Record<string, number> = {};
  for (const [name, first] of Object.entries(folds[0] as Evaluation)) {
    if (typeof first !== 'number') continue;
    const values = folds.map((evaluation) => (evaluation as Record<string, number>)[name] as number);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - average) * (value - average), 0);
    mean[name] = average;
    deviation[name] = Math.sqrt(squares / (values.length - 1));
  }
  return { mean: mean as Measures<Evaluation>, deviation: deviation as Measures<Evaluation> };
}
