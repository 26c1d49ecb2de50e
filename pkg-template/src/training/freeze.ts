// The layers that a run holds: which of a network's layers a name stands for.

import { outOfRange, wrongType } from '../checks/errors.js';
import type { LayerLayout } from '../graph/layout.js';

/** Layers that begin a unit of a recurrent network, which has several. */
const FIRST = ['inputGate', 'resetGate'];
const REVERSED = 'reversed ';
const CONVOLUTION = 'convolution';

/**
 * What each layer may be called: its name, for those of recurrent units `layer 0` and so on, from the input, and for
 * convolutions, both ways, `convolution 0` and so on.
 */
function namesOf(layers: readonly LayerLayout[]): string[][] {
  let unit = -1;
  let convolution = -1;
  return layers.map(({ name }, index) => {
    if (name === CONVOLUTION) convolution++;
    if (name === CONVOLUTION || name === REVERSED + CONVOLUTION) return [name, `${CONVOLUTION} ${convolution}`];
    if (FIRST.includes(name)) unit++;
    const inUnit = unit >= 0 && index < layers.length - 1;
    return inUnit ? [name, `layer ${unit}`] : [name];
  });
}

/** Checks what is to be frozen, and gives the indices of the layers. */
export function frozenLayers(
  call: string,
  given: readonly string[],
  layers: readonly LayerLayout[],
): Uint32Array<ArrayBuffer> {
  const names = namesOf(layers).slice(1);
  const known = [...new Set(names.map((all) => all.at(-1) as string).filter((name) => !name.startsWith(REVERSED)))];
  const held = new Set<number>();
  given.forEach((name, index) => {
    const field = `options.freeze[${index}]`;
    const expected = `one of ${known.map((each) => `'${each}'`).join(', ')}`;
    if (typeof name !== 'string') throw wrongType(call, field, expected, name);
    const own = names.flatMap((all, layer) => (all.includes(name) ? [layer + 1] : []));
    if (own.length === 0) throw outOfRange(call, field, expected, name);
    for (const layer of own) held.add(layer);
  });
  if (held.size === names.length) {
    throw new RangeError(`${call}: options.freeze names every layer, expected one to be left that learns`);
  }
  return Uint32Array.from(held);
}
