// Outputs of a network for the sequences of a set, each from a fresh context.

import type { DataSet as Core } from '../engine/core.js';
import { checkOutput, type LiveNetwork } from '../graph/live-network.js';

/**
 * Outputs of every sample of a set.
 *
 * @param counts how many steps of each sample are asked for.
 * @param at all steps, or those that have a target.
 * @returns (samples, steps, outputs).
 */
export function outputsOf(
  call: string,
  live: LiveNetwork,
  data: Core,
  counts: readonly number[],
  at: 'each' | 'targets',
): number[][][] {
  const size = live.output.length;
  const outputs = at === 'each' ? live.runSequences(data) : live.runTargets(data);
  outputs.forEach((value, index) => checkOutput(call, index % size, value));
  let end = 0;
  return counts.map((count) =>
    Array.from({ length: count }, () => {
      end += size;
      return Array.from(outputs.subarray(end - size, end));
    }),
  );
}
