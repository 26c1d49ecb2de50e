// How well a network does on a set, without learning.

import { checkChoice, checkFunction, checkOptions } from '../checks/errors.js';
import { flatSet, type TrainingSet } from '../data/data-set.js';
import { type FlatSet, inEngine } from '../data/flat-set.js';
import type { DataSet as Core } from '../engine/core.js';
import { engineOptions, NO_TARGET } from '../engine/generated/tables.js';
import type { LiveNetwork } from '../graph/live-network.js';
import type { Score } from '../worker/score.js';
import { type Cost, costName } from './cost.js';
import type { Trainable } from './trainable.js';

/** Options of {@link Trainer.test}. */
export interface TestOptions {
  /** The cost that is reported. Default: the trainer's, else squared error. */
  cost?: Cost;
  /** Number format for sequences; `'f32'` is faster. Default `'f64'`. */
  precision?: 'f32' | 'f64';
}

/** How well a network does on a set. */
export interface TestResult extends Score {
  /** Milliseconds that the evaluation took. */
  time: number;
}

/** Place of the largest number; the first one among equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place++) {
    if ((values[place] as number) > (values[best] as number)) best = place;
  }
  return best;
}

/** Error by a user's own cost, and accuracy. */
function scoreBy(cost: Cost, live: LiveNetwork, set: FlatSet, data: Core): Score {
  const [width, size] = [set.inputSize, set.outputSize];
  const inSequence = set.sequences || live.bidirectional ? live.runSequences(data) : undefined;
  const classOf = (values: number[]) => (values.length === 1 ? (values[0] as number) > 0.5 : argmax(values));
  let [sum, right, count] = [0, 0, 0];
  set.targetOfStep.forEach((row, step) => {
    const output = Array.from(
      inSequence?.subarray(step * size, (step + 1) * size) ??
        live.activate('Trainer.test', set.inputs.subarray(step * width, (step + 1) * width)),
    );
    if (row === NO_TARGET) return;
    const target = Array.from(set.targets.subarray(row * size, (row + 1) * size));
    sum += cost(target, output);
    right += Number(classOf(target) === classOf(output));
    count++;
  });
  return { error: sum / count, accuracy: right / count };
}

/** Error and accuracy of a network on a set. */
export function evaluate(
  call: string,
  network: Trainable,
  set: TrainingSet,
  options: TestOptions | undefined,
  usual: Cost | undefined,
): TestResult {
  const given = checkOptions<TestOptions>(call, options, ['cost', 'precision']);
  const { words } = engineOptions.precision;
  const precision = checkChoice(call, 'options.precision', given.precision ?? 'f64', words);
  if (given.cost !== undefined) checkFunction(call, 'options.cost', given.cost);
  const live = network.live(call);
  const flat = flatSet(call, 'set', set, network.inputs(), network.outputs());
  const cost = given.cost ?? usual;
  const start = performance.now();
  return inEngine(flat, (data) => {
    const name = cost === undefined ? 'mse' : costName(cost);
    if (cost !== undefined && name === undefined) {
      return { ...scoreBy(cost, live, flat, data), time: performance.now() - start };
    }
    const [error = 0, accuracy = 0] = live.core.test(data, name as string, flat.sequences, precision === 'f64');
    live.changed();
    return { error, accuracy, time: performance.now() - start };
  });
}
