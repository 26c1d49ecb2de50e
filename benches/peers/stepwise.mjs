// The step-by-step cases for libraries with Synaptic's way of working.

import { vectors } from '../cases.mjs';

const SAMPLES = 64;
/** An error goal that no run reaches; Synaptic takes 0 for none given. */
export const NEVER = 1e-12;
const xor = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1] },
  { input: [1, 0], output: [1] },
  { input: [1, 1], output: [0] },
];

/** Measures of a library, given how it builds an LSTM, how that learns, and how it trains XOR. */
export function stepwise({ lstm, activate, online, trainXor, memory = () => process.memoryUsage().heapUsed }) {
  return {
    online({ net }) {
      const network = lstm(...net);
      const inputs = vectors(SAMPLES, net[0], 1);
      const targets = vectors(SAMPLES, net[2], 2);
      return {
        work(count) {
          for (let step = 0; step < count; step++) online(network, inputs[step % SAMPLES], targets[step % SAMPLES]);
        },
      };
    },
    activate({ net }) {
      const network = lstm(...net);
      const inputs = vectors(SAMPLES, net[0], 1);
      return {
        work(count) {
          for (let step = 0; step < count; step++) activate(network, inputs[step % SAMPLES]);
        },
      };
    },
    xor: () => ({ batch: 400, work: (count) => trainXor(xor, count / xor.length) }),
    /** The first network of its size in a process that has run another one before. */
    construct: ({ net }) => ({
      once: true,
      work() {
        activate(lstm(2, 2, 1), [0, 1]);
        globalThis.gc?.();
        const before = memory();
        const start = performance.now();
        const network = lstm(...net);
        activate(network, new Array(net[0]).fill(0.5));
        const seconds = (performance.now() - start) / 1000;
        globalThis.gc?.();
        return { seconds, bytes: Math.max(memory() - before, 0), kept: Boolean(network) };
      },
    }),
  };
}

/** {@link stepwise} of a library with Synaptic's API, which `load` gives when a case asks for it. */
export function synapticApi(load, memory) {
  const measures = async () => {
    const { Architect, Trainer } = await load();
    return stepwise({
      lstm: (...sizes) => new Architect.LSTM(...sizes),
      activate: (network, input) => network.activate(input),
      online(network, input, target) {
        network.activate(input);
        network.propagate(0.1, target);
      },
      trainXor: (set, iterations) =>
        new Trainer(new Architect.Perceptron(2, 3, 1)).train(set, { iterations, error: NEVER, rate: 0.3 }),
      memory: memory && (() => memory(Architect)),
    });
  };
  const of = (kind) => async (task) => (await measures())[kind](task);
  return {
    start: () => startOf(async () => new (await load()).Architect.Perceptron(2, 3, 1).activate([0, 1])),
    online: of('online'),
    activate: of('activate'),
    xor: of('xor'),
    construct: of('construct'),
  };
}

/** Seconds from before an import to the first activation of a small perceptron. */
export const startOf = (load) => ({
  once: true,
  async work() {
    const start = performance.now();
    await load();
    return { seconds: (performance.now() - start) / 1000 };
  },
});
