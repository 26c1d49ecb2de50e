// Series to tell apart, and the hash of a rocket that has learnt some.

/** Numbers from 0 to 1, fixed by a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const labels = ['saw', 'square'];

/** Waves of two shapes at any phase, of 60 to 90 steps, in noise; of sums and products, which every platform has alike. */
export function waves(count, seed, channels = 1) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const [start, length] = [Math.floor(random() * 20), 60 + Math.floor(random() * 30)];
    const label = labels[index % 2];
    const input = Array.from({ length }, (_, step) => {
      const phase = ((start + step) % 20) / 20;
      const value = (label === 'saw' ? 2 * phase - 1 : phase < 0.5 ? 1 : -1) + random() - 0.5;
      return channels === 1 ? value : [value, ...Array.from({ length: channels - 1 }, random)];
    });
    return { input, label };
  });
}

/** SHA-256 of the classifier that `learn` gives, stored as JSON. A change of the arithmetic changes it. */
export const HASH = '276b19a58532091965d5866f375c8a1eef016d60ef63df3e1d008132c40984c5';

/** A classifier of two channels, learnt; and what its fit gave. */
export async function learn(RocketClassifier, threads, seed = 3) {
  const classifier = new RocketClassifier({ labels, features: 840, channels: 2, seed });
  const result = await classifier.fit(waves(12, 1, 2), { threads });
  return { classifier, result };
}
