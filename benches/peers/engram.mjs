import { readFileSync } from 'node:fs';

import { corpusOf, lettersOf, stream } from '../cases.mjs';
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

/**
 * Milliseconds that this thread has worked, where the system tells (Linux), so that other work of the machine does not
 * count; else those that have passed.
 */
function worked() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/**
 * Longest stretch for which the thread did not turn to anything else from the start of a run to its end, in seconds:
 * `blocked` is what it worked, `gap` what passed, which on a busy machine holds what others worked.
 */
async function longestStretch(start) {
  let last = [worked(), performance.now()];
  let [longest, waiting] = [[0, 0], true];
  const look = () => {
    const now = [worked(), performance.now()];
    longest = longest.map((most, clock) => Math.max(most, now[clock] - last[clock]));
    last = now;
    if (waiting) setTimeout(look);
  };
  const run = start();
  look();
  await run;
  waiting = false;
  const [blocked, gap] = longest.map((milliseconds) => milliseconds / 1000);
  return { blocked, gap };
}

/** A classifier from texts to its end: encoding, an epoch of training. Memory is what the whole process grows by at most. */
export const texts = async ({ corpus }) => {
  const { Encoder, SequenceClassifier } = await import('engram');
  const samples = corpusOf(corpus);
  const make = () =>
    new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.tokens({ most: corpus.vocabulary }), seed: 1 });
  // The engine and a worker have been started before.
  await make().fit(samples.slice(0, 2), { epochs: 1 });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  return {
    once: true,
    work: async () => {
      const start = performance.now();
      const stretch = await longestStretch(() => make().fit(samples, { epochs: 1 }));
      const seconds = (performance.now() - start) / 1000 / corpus.texts;
      return { seconds, ...stretch, bytes: process.resourceUsage().maxRSS * 1024 - before };
    },
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

/** Steps of a series as they come in, each answered. */
export const push = async ({ cells }) => {
  const { Encoder, SequenceClassifier } = await import('engram');
  const options = { labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [cells], seed: 1 };
  const classifier = new SequenceClassifier(options);
  const next = stream(1);
  const samples = ['a', 'b'].map((label) => ({ input: Array.from({ length: 20 }, next), label }));
  await classifier.fit(samples, { epochs: 1, threads: 1 });
  const live = classifier.stream();
  return {
    work: (steps) => {
      for (let step = 0; step < steps; step++) live.push(step % 17);
    },
  };
};

const texts32 = lettersOf(32, 40);

async function generatorOf(epochs) {
  const { Encoder, SequenceGenerator } = await import('engram');
  const generator = new SequenceGenerator({ encoder: Encoder.oneHot('abcdefghij'), hidden: [32], seed: 1 });
  await generator.fit(texts32, { epochs, threads: 1 });
  return generator;
}

/** One thread learns; batches are the generator's own. */
export const learn = async () => {
  const generator = await generatorOf(1);
  const letters = 32 * 40;
  return { batch: 10 * letters, work: (done) => generator.fit(texts32, { epochs: done / letters, threads: 1 }) };
};

export const generate = async () => {
  const generator = await generatorOf(20);
  return {
    work: (letters) => {
      for (let made = 0, seed = 0; made < letters; seed++) {
        made += generator.generate('', { count: Math.min(100, letters - made), seed }).length;
      }
    },
  };
};
