import { stream } from '../cases.mjs';
import { NEVER, startOf, stepwise } from './stepwise.mjs';

export const start = () =>
  startOf(async () => new (await import('engram')).Architect.Perceptron(2, 3, 1).activate([0, 1]));

const measures = async () => {
  const { Architect, Trainer } = await import('engram');
  return stepwise({
    lstm: (...sizes) => new Architect.LSTM(...sizes),
    activate: (network, input) => network.activate(input),
    online(network, input, target) {
      network.activate(input);
      network.propagate(0.1, target);
    },
    trainXor: (set, iterations) =>
      new Trainer(new Architect.Perceptron(2, 3, 1)).train(set, { iterations, error: NEVER, rate: 0.3 }),
    // The engine's memory lies outside the heap, as an array buffer.
    memory: () => process.memoryUsage().heapUsed + new Architect.Perceptron(1, 1, 1).memory.buffer.byteLength,
  });
};
export const online = async (task) => (await measures()).online(task);
export const activate = async (task) => (await measures()).activate(task);
export const xor = async (task) => (await measures()).xor(task);
export const construct = async (task) => (await measures()).construct(task);

function samples(count, { T, I, C }) {
  const next = stream(1);
  return Array.from({ length: count }, () => {
    const output = new Array(C).fill(0);
    output[Math.floor(next() * C)] = 1;
    return { input: Array.from({ length: T }, () => Array.from({ length: I }, next)), output };
  });
}

const network = async ({ I, H, C }) => {
  const { Architect } = await import('engram');
  return new Architect.LSTM(I, H, C, { variant: 'standard', output: 'softmax', seed: 1 });
};

export const train = async ({ shape, threads = 1 }) => {
  const { Trainer } = await import('engram');
  const count = shape.N ?? 4 * shape.B;
  const set = samples(count, shape);
  const trainer = new Trainer(await network(shape));
  const options = { error: 0, batchSize: shape.B, seed: 1, rate: 0.001, threads };
  return {
    batch: count,
    // A run checks and copies its set once, which the time contains as it does for users.
    work: (done) => trainer.trainAsync(set, { ...options, iterations: done / count }),
    memory: trainer.network.memory.buffer.byteLength,
  };
};

export const infer = async ({ shape }) => {
  const { Trainer } = await import('engram');
  const set = samples(shape.B, shape);
  const trainer = new Trainer(await network(shape));
  return {
    batch: shape.B,
    work(count) {
      for (let done = 0; done < count; done += shape.B) trainer.test(set, { precision: 'f32' });
    },
  };
};
