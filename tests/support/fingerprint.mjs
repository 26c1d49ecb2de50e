// Weights after short runs of every learner, as text: the same on every engine, shared or copied.

import { firstBit, XOR } from './sets.mjs';

/** Numbers of threads that must give the same weights. */
export const THREADS = [1, 2, 4];

export async function fingerprint({ Architect, Trainer }) {
  const prints = {};
  const print = (network) =>
    Array.from(network.memory.subarray(0, network.weights.length + network.biases.length), (value) =>
      value.toPrecision(17),
    ).join(' ');
  for (const [name, options] of Object.entries({
    f32: {},
    f64: { precision: 'f64' },
    sgd: { optimizer: 'sgd', rate: 0.1 },
    truncated: { truncate: 3, optimizer: 'adamw' },
    online: { learner: 'online', rate: 0.1 },
    ...Object.fromEntries(THREADS.map((threads) => [`${threads} threads`, { threads, batchSize: 64 }])),
  })) {
    const network = new Architect.LSTM(1, 5, 2, { variant: 'standard', output: 'softmax', seed: 6 });
    await new Trainer(network).trainAsync(firstBit(80, 8), { iterations: 5, error: 0, seed: 7, ...options });
    prints[name] = print(network);
  }
  const network = new Architect.LSTM(2, 3, 1, { seed: 6 });
  await new Trainer(network).trainAsync(XOR, { iterations: 50, error: -1, rate: 0.3, shuffle: true, seed: 7 });
  prints.pairs = print(network);
  return prints;
}
