// How well a network does on a set, without learning.

import { argmax } from '../checks/argmax.js';
import { checkChoice, checkFunction, outOfRange } from '../checks/errors.js';
import { flatSet, type TrainingSet } from '../data/data-set.js';
import { type FlatSet, inEngine, inputAt, stepWeights, targetAt } from '../data/flat-set.js';
import { engineOptions, NO_TARGET } from '../engine/generated/tables.js';
import type { DataSet as Core } from '../engine/runs.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { type Score, scoreOf } from '../worker/score.js';
import { type Cost, costName } from './cost.js';
import { checkTargets } from './targets.js';
import type { Trainable } from './trainable.js';

/** Options of {@link Trainer.test}. */
export interface TestOptions {
  /**
   * The cost that is reported. Default: the trainer's, else what a run on such a set reports: squared error for
   * pairs; for sequences cross-entropy on logistic and softmax outputs, squared error on others.
   */
  cost?: Cost;
  /** Number format for sequences; `'f32'` is faster. Default `'f64'`. */
  precision?: 'f32' | 'f64';
}

/** How well a network does on a set. */
export interface TestResult extends Score {
  /** Milliseconds that the evaluation took. */
  time: number;
}

/** Of answers to one target, how many there are and how many are right, as the engine counts them (`learn/score`). */
function answersOf(live: LiveNetwork): { each: number; right(target: number[], output: number[]): number } {
  const squashes = live.outputSquashes;
  if (squashes[0] === 'SOFTMAX') {
    return { each: 1, right: (target, output) => Number(argmax(target) === argmax(output)) };
  }
  if (squashes.every((name) => name === 'LOGISTIC' || name === 'HARD_SIGMOID' || name === 'HLIM')) {
    const isRight = (target: number, output = 0) => target > 0.5 === output > 0.5;
    const right = (target: number[], output: number[]) =>
      target.filter((value, index) => isRight(value, output[index])).length;
    return { each: squashes.length, right };
  }
  return { each: 0, right: () => 0 };
}

/** Error by a user's own cost, and accuracy. */
function scoreBy(cost: Cost, live: LiveNetwork, set: FlatSet, data: Core): Score {
  const size = set.outputSize;
  const inSequence = set.sequences || live.bidirectional || live.hasReadout ? live.runSequences(data) : undefined;
  const answers = answersOf(live);
  const weights = stepWeights(set);
  let [sum, total, right, count] = [0, 0, 0, 0];
  set.targetOfStep.forEach((row, step) => {
    const output = Array.from(
      inSequence?.subarray(step * size, (step + 1) * size) ?? live.activate('Trainer.test', inputAt(set, step)),
    );
    if (row === NO_TARGET) return;
    const target = targetAt(set, row);
    const weight = weights[step] as number;
    sum += weight * cost(target, output);
    total += weight;
    right += answers.right(target, output);
    count++;
  });
  return scoreOf(sum / total, right / (count * answers.each));
}

/** Error and accuracy of a network on a set. */
export function evaluate(
  call: string,
  network: Trainable,
  set: TrainingSet,
  given: TestOptions,
  usual: Cost | undefined,
): TestResult {
  const { words } = engineOptions.precision;
  const precision = checkChoice(call, 'options.precision', given.precision ?? 'f64', words);
  if (given.cost !== undefined) checkFunction(call, 'options.cost', given.cost);
  const live = network.live(call);
  const flat = flatSet(call, 'set', set, network.inputs(), network.outputs());
  checkTargets(call, 'set', set, flat, { squashes: live.outputSquashes, once: live.hasReadout });
  const cost = given.cost ?? usual;
  if (flat.targetsAre === 'lists' && cost !== undefined) {
    throw outOfRange(call, 'options.cost', 'left out: lists of symbols as targets have a cost of their own', cost);
  }
  const start = performance.now();
  return inEngine(flat, (data) => {
    const name = cost && costName(cost);
    if (cost !== undefined && name === undefined) {
      return { ...scoreBy(cost, live, flat, data), time: performance.now() - start };
    }
    const [error = 0, accuracy = 0] = live.core.test(data, name, flat.sequences, precision === 'f64');
    live.changed();
    return { ...scoreOf(error, accuracy), time: performance.now() - start };
  });
}
