// Small training sets.

export const XOR = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1] },
  { input: [1, 0], output: [1] },
  { input: [1, 1], output: [0] },
];

/** Sequences of bits whose class is their first bit. */
export const firstBit = (count, length) =>
  Array.from({ length: count }, (_, index) => {
    const steps = Array.from({ length: length + (index % 3) }, (_, step) => [(index >> (step % 5)) & 1 ? 1 : -1]);
    return { input: steps, output: steps[0][0] > 0 ? [1, 0] : [0, 1] };
  });

/** A network and set of which ten iterations take a second or so. */
export const LONG_RUN = { sizes: [1, 32, 2], count: 1024, length: 60 };
