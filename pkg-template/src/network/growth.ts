// A network that has learnt, as one of the same layers with more inputs and outputs.

import type { LiveNetwork } from '../graph/live-network.js';

/** A dense block of weights, see `blocks` of the engine's network. */
interface Block {
  source: number;
  columns: number;
  target: number;
  rows: number;
  weight: number;
  /** Steps whose sources are read, each with weights of its own: (rows, taps, columns). */
  taps: number;
}

const blocksOf = (live: LiveNetwork): Block[] => {
  const numbers = live.core.blocks();
  const blocks: Block[] = [];
  for (let at = 0; at < numbers.length; ) {
    const [source = 0, columns = 0, target = 0, rows = 0, weight = 0] = numbers.subarray(at, at + 5);
    const delays = numbers[at + 8] as number;
    blocks.push({ source, columns, target, rows, weight, taps: Math.max(1, delays) });
    at += 9 + delays;
  }
  return blocks;
};

/** All other connections that have a weight of their own: from, to, and where it is. */
function* edgesOf(live: LiveNetwork): Generator<[number, number, number]> {
  const numbers = live.core.edges();
  for (let at = 0; at < numbers.length; at += 6) {
    const weight = numbers[at + 2] as number;
    if (weight >= 0) yield [numbers[at] as number, numbers[at + 1] as number, weight];
  }
}

const contains = (first: number, count: number, unit: number) => unit >= first && unit < first + count;

/** Where inputs and outputs are new. */
export interface Growth {
  /** Inputs that were slots of symbols, the last of them for unknown ones. Behind them come inputs of other kinds. */
  slots: number;
  /** Slots that are new, before the last: their symbols were unknown, and are read so until they are learnt. */
  more: number;
  /** Whether outputs are new before the last one, and not behind it. They keep the weights that were drawn for them. */
  end: boolean;
}

/** Gives a new network the weights and biases of another, which has the same hidden layers. */
export function inherit(call: string, old: LiveNetwork, made: LiveNetwork, { slots, more, end }: Growth): void {
  const inputOf = (input: number) => (input >= slots + more ? input - more : Math.min(input, slots - 1));
  const outputOf = (output: number) => {
    if (end && output === made.outputs - 1) return old.outputs - 1;
    return output < old.outputs - Number(end) ? output : -1;
  };
  const hidden = old.sizes.slice(1, -1);
  const same = made.sizes.length === old.sizes.length && hidden.every((size, index) => made.sizes[index + 1] === size);
  const [blocks, others] = [blocksOf(made), blocksOf(old)];
  if (!same || made.names.some((name, index) => name !== old.names[index]) || blocks.length !== others.length) {
    throw new TypeError(`${call}: the network is of another kind than the model makes, expected one of its own making`);
  }
  const [inputs, outputs] = [made.inputs, made.outputs];
  const inner = hidden.reduce((sum, size) => sum + size, 0);
  /** The old unit that a unit takes after; -1 for none. */
  const before = (unit: number): number => {
    if (unit < inputs) return inputOf(unit);
    if (unit < inputs + inner) return unit - inputs + old.inputs;
    const output = outputOf(unit - inputs - inner);
    return output < 0 ? -1 : old.inputs + inner + output;
  };
  const numbers = old.core.parameters();
  const memory = made.memory;
  for (const { source, columns, target, rows, weight, taps } of blocks) {
    for (let row = 0; row < rows; row++) {
      const to = before(target + row);
      const own = others.filter((block) => contains(block.target, block.rows, to));
      for (let column = 0; column < columns; column++) {
        const from = before(source + column);
        const block = own.find((block) => contains(block.source, block.columns, from));
        if (block === undefined) continue;
        for (let tap = 0; tap < taps; tap++) {
          const at = block.weight + ((to - block.target) * taps + tap) * block.columns + from - block.source;
          memory[weight + (row * taps + tap) * columns + column] = numbers[at] as number;
        }
      }
    }
  }
  const edges = new Map<string, number>();
  for (const [from, to, weight] of edgesOf(old)) edges.set(`${from} ${to}`, numbers[weight] as number);
  for (const [from, to, weight] of edgesOf(made)) {
    const value = edges.get(`${before(from)} ${before(to)}`);
    if (value !== undefined) memory[weight] = value;
  }
  const [units, weights] = [inputs + inner + outputs, made.weights.length];
  for (let unit = 0; unit < units; unit++) {
    const from = before(unit);
    if (from >= 0) memory[weights + unit] = numbers[old.weights.length + from] as number;
  }
  made.changed();
}
