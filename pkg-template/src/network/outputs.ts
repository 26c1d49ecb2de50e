// Outputs of a network for the sequences of a set, each from a fresh context.

import type { DataSet as Core } from '../engine/runs.js';
import { checkOutput, type LiveNetwork } from '../graph/live-network.js';

/**
 * Outputs of every sample of a set.
 *
 * @param lengths the number of steps of each sample.
 * @param at every step, or the last one, which then is the one that has a target. Behind a read-out, the outputs are
 *   those of the whole sequence, once.
 * @returns (samples, steps, outputs).
 */
export function outputsOf(
  call: string,
  live: LiveNetwork,
  data: Core,
  lengths: readonly number[],
  at: 'each' | 'last',
): number[][][] {
  const size = live.outputs;
  const outputs = at === 'each' ? live.runSequences(data) : live.runTargets(data);
  outputs.forEach((value, index) => checkOutput(call, index % size, value));
  let end = 0;
  return lengths.map((length) => {
    const rows = at === 'last' || live.hasReadout ? 1 : length;
    if (at === 'each') end += (length - rows) * size;
    return Array.from({ length: rows }, () => {
      end += size;
      return Array.from(outputs.subarray(end - size, end));
    });
  });
}
