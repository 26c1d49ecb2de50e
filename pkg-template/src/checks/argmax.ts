// The most probable of several.

/** Place of the largest number; the first one among equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place++) {
    if ((values[place] as number) > (values[best] as number)) best = place;
  }
  return best;
}
