// A multivariate set: accelerations of a hand along three axes, from formulas with noise.

const COUNT = 800;

/** Uniform numbers in [0, 1) that are the same at every visit (Park & Miller 1988). */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** The hand along its three axes, by the phase of the movement. */
const paths = {
  circle: (phase) => [Math.cos(phase), Math.sin(phase), 0],
  shake: (phase) => [Math.sin(3 * phase), 0.3 * Math.sin(3 * phase), 0],
  lift: (phase) => [0, 0.2 * Math.sin(phase), Math.cos(phase / 2)],
  tap: (phase) => [0, 0, Math.sin(phase) ** 9],
};

/** Labelled series of 20 to 40 steps; speed, strength and start differ from one to the next. */
export function movements() {
  const random = uniform(7);
  const labels = Object.keys(paths);
  return Array.from({ length: COUNT }, (_, index) => {
    const label = labels[index % labels.length];
    const [steps, start, strength] = [20 + Math.floor(21 * random()), 2 * Math.PI * random(), 0.5 + random()];
    const pace = (2 * Math.PI * (1 + random())) / steps;
    const input = Array.from({ length: steps }, (_, step) =>
      paths[label](start + pace * step).map((value) => {
        const noise = 1.6 * (random() + random() + random() - 1.5);
        return Number((strength * value + noise).toFixed(3));
      }),
    );
    return { input, label };
  });
}
