import { stream } from '../cases.mjs';
import { synapticApi } from './stepwise.mjs';

export const { start, online, activate, xor, construct } = synapticApi(
  () => import('engram'),
  // The engine's memory lies outside the heap, as an array buffer.
  (Architect) => process.memoryUsage().heapUsed + new Architect.Perceptron(1, 1, 1).memory.buffer.byteLength,
);

/** What the peers' tensors are: checked and stored before anything is timed. */
async function samples(count, { T, I, C }) {
  const { DataSet } = await import('engram');
  const next = stream(1);
  const targets = new Float32Array(count * C);
  for (let sample = 0; sample < count; sample++) targets[sample * C + Math.floor(next() * C)] = 1;
  return new DataSet({
    inputSize: I,
    outputSize: C,
    inputs: Float32Array.from({ length: count * T * I }, next),
    lengths: new Uint32Array(count).fill(T),
    targets,
  });
}

const network = async ({ I, H, C }) => {
  const { Architect } = await import('engram');
  return new Architect.LSTM(I, H, C, { variant: 'standard', output: 'softmax', seed: 1 });
};

/** Iterations of a run at least: a run checks and copies its set once, and learns from it many times. */
const ITERATIONS = 10;

export const train = async ({ shape, threads = 1 }) => {
  const { Trainer } = await import('engram');
  const count = shape.N ?? 4 * shape.B;
  const set = await samples(count, shape);
  const trainer = new Trainer(await network(shape));
  const options = { error: 0, batchSize: shape.B, seed: 1, rate: 0.001, threads };
  return {
    batch: ITERATIONS * count,
    work: (done) => trainer.trainAsync(set, { ...options, iterations: done / count }),
    memory: trainer.network.memory.buffer.byteLength,
  };
};

export const infer = async ({ shape }) => {
  const { Trainer } = await import('engram');
  const set = await samples(shape.B, shape);
  const trainer = new Trainer(await network(shape));
  return {
    batch: shape.B,
    work(count) {
      for (let done = 0; done < count; done += shape.B) trainer.test(set, { precision: 'f32' });
    },
  };
};
