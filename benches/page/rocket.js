// A fit of RocketClassifier on series of OSULeaf's shape, for Node and for a page, which `rocket-page.mjs` times.

export const SHAPE = { count: 200, steps: 427, labels: 6 };

/** Noisy waves of six frequencies. */
export function series({ count, steps, labels }) {
  return Array.from({ length: count }, (_, index) => {
    const label = index % labels;
    const input = Array.from({ length: steps }, (_, step) => {
      return Math.sin(step / (3 + label) + index) + 0.3 * Math.sin(step * 12.9898 + index * 78.233);
    });
    return { input, label };
  });
}

/** Seconds of the fastest of `rounds` fits, after one that is not counted. */
export async function fastest(RocketClassifier, threads, rounds) {
  const samples = series(SHAPE);
  const labels = Array.from({ length: SHAPE.labels }, (_, label) => label);
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const { time } = await new RocketClassifier({ labels, seed: 1 }).fit(samples, { threads });
    if (round > 0) times.push(time / 1000);
  }
  return Math.min(...times);
}
