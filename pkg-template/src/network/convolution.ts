// Convolutions below recurrent layers, and the read-outs of a sequence.

import { checkChoice, checkEntries, checkNumber, checkOptions } from '../checks/errors.js';
import { MAX_DELAY, READOUTS } from '../engine/generated/tables.js';
import type { Readout } from '../graph/json-types.js';

/**
 * A layer of a causal convolution over time: rectified neurons, each of which reads some steps of all that is below.
 * Before a sequence begins everything is 0. A stride is a window of the encoder: `Encoder.numeric({ window: 2 })`.
 */
export interface Convolution {
  /** Neurons of the layer, 1 to 65,536. */
  filters: number;
  /** Steps that each reads, this one and those before, from 1. */
  width: number;
  /** From one of these steps to the next, from 1; `(width - 1) * dilation` is at most 1,024. Default 1. */
  dilation?: number;
}

/** How the steps of a sequence become one: a {@link Readout}, or mean and maximum side by side. */
export type SequenceReadout = Readout | 'mean+max';

/** @internal Checks an option that is a read-out. */
export function checkReadoutName(call: string, given: unknown): SequenceReadout {
  return checkChoice<SequenceReadout>(call, 'options.readout', given, [...READOUTS, 'mean+max']);
}

/** @internal Checks an option `convolution`; none for undefined. */
export function checkConvolution(call: string, given: unknown): readonly Required<Convolution>[] {
  if (given === undefined) return Object.freeze([]);
  const layers = checkEntries(call, 'options.convolution', given, 64).map((entry, index) => {
    const field = `options.convolution[${index}]`;
    const whole = (name: string, value: unknown, max: number) =>
      checkNumber(call, `${field}.${name}`, value, { min: 1, max, integer: true });
    const layer = checkOptions<Convolution>(call, entry as Convolution, ['filters', 'width', 'dilation'], field);
    const width = whole('width', layer.width, MAX_DELAY + 1);
    const most = width === 1 ? MAX_DELAY : Math.floor(MAX_DELAY / (width - 1));
    return Object.freeze({
      filters: whole('filters', layer.filters, 65_536),
      width,
      dilation: whole('dilation', layer.dilation ?? 1, most),
    });
  });
  return Object.freeze(layers);
}

/** @internal Convolutions as the engine takes them. */
export function rowsOf(convolution: readonly Required<Convolution>[]): Uint32Array {
  return Uint32Array.from(convolution.flatMap(({ filters, width, dilation }) => [filters, width, dilation]));
}
