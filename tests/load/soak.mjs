// Load over time, in Node or a page. Every function gives numbers for RELIABILITY.md.

import { engineSize } from '../support/engine-size.mjs';
import { pick, randomFrom } from '../support/random.mjs';

const rest = () => new Promise((resolve) => setTimeout(resolve));
const XOR = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1] },
  { input: [1, 0], output: [1] },
  { input: [1, 1], output: [0] },
];
const sequences = Array.from({ length: 32 }, (_, index) => ({
  input: Array.from({ length: 8 }, (_, step) => [((index >> (step % 5)) & 1) * 2 - 1]),
  output: index % 2 ? [0, 1] : [1, 0],
}));

/**
 * Builds, trains and frees `count` networks of several kinds; gives the engine's memory in MB after
 * each hundredth (and what `more` measures).
 */
export async function lives({ Architect, Trainer }, count, more = () => ({})) {
  const kinds = [
    () => [new Architect.Perceptron(2, 3, 1), XOR],
    () => [new Architect.LSTM(1, 6, 2, { output: 'softmax' }), sequences],
    () => [new Architect.LSTM(1, 16, 2, { variant: 'standard', output: 'softmax' }), sequences],
    () => [new Architect.LSTM(1, 4, 4, 2, { variant: 'standard', bidirectional: true, output: 'softmax' }), sequences],
  ];
  const curve = [];
  for (let index = 1; index <= count; index++) {
    const [network, set] = kinds[index % kinds.length]();
    const trainer = new Trainer(network);
    const { error } = await trainer.trainAsync(set, { iterations: 2, error: 0 });
    if (!Number.isFinite(error)) throw new Error(`network ${index}: error ${error}`);
    // Every other one is left to the garbage collector.
    if (index % 2 === 0) network.free();
    if (index % 100 === 0 || index === count) {
      globalThis.gc?.();
      await rest();
      curve.push({ networks: index, megabytes: engineSize(Architect) / 2 ** 20, ...more() });
    }
  }
  return curve;
}

/** Trains one network in `count` short runs, one after the other; gives the memory after each tenth. */
export async function shortRuns({ Architect, Trainer }, count, more = () => ({})) {
  const network = new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 1 });
  const trainer = new Trainer(network);
  const curve = [];
  for (let index = 1; index <= count; index++) {
    const { error } = await trainer.trainAsync(sequences.slice(0, 4), { iterations: 2, error: 0 });
    if (!Number.isFinite(error)) throw new Error(`run ${index}: error ${error}`);
    if (index % Math.ceil(count / 10) === 0) {
      globalThis.gc?.();
      await rest();
      curve.push({ runs: index, megabytes: engineSize(Architect) / 2 ** 20, ...more() });
    }
  }
  return curve;
}

/** Trains `count` networks at once; gives how many ended well. */
export async function atOnce({ Architect, Trainer }, count) {
  const runs = Array.from({ length: count }, (_, index) => {
    const network = new Architect.LSTM(1, 8, 2, { variant: 'standard', output: 'softmax', seed: index });
    const run = new Trainer(network).trainAsync(sequences, {
      iterations: 20,
      error: 0,
      seed: index,
      threads: 1 + (index % 2),
    });
    return run.then(({ stopped }) => {
      const finite = network.weights.every(Number.isFinite);
      network.free();
      return stopped === 'iterations' && finite;
    });
  });
  return (await Promise.all(runs)).filter(Boolean).length;
}

/** 64 networks at once, `count` times, so that workers come and go; gives the engine's memory in MB after each burst. */
export async function bursts(engram, count, more) {
  const curve = [];
  for (let burst = 1; burst <= count; burst++) {
    const ended = await atOnce(engram, 64);
    globalThis.gc?.();
    await rest();
    curve.push({ bursts: burst, ended, megabytes: engineSize(engram.Architect) / 2 ** 20, ...more() });
  }
  return curve;
}

/** Pauses, resumes, aborts, asks for checkpoints at random moments until `count` commands were given. */
export async function commands({ Architect, Trainer }, count, seed) {
  const random = randomFrom(seed);
  const tally = { runs: 0, commands: 0, checkpoints: 0, aborted: 0 };
  while (tally.commands < count) {
    const network = new Architect.LSTM(1, 6, 2, { variant: 'standard', output: 'softmax', seed: 1 });
    const threads = 1 + (tally.runs % 2);
    const run = new Trainer(network).trainAsync(sequences, { iterations: 200, error: 0, threads });
    let ended = false;
    const end = run.then(({ stopped }) => {
      ended = true;
      if (stopped === 'aborted') tally.aborted++;
    });
    for (let steps = Math.floor(12 * random()); steps > 0 && !ended; steps--) {
      const command = pick(random, ['pause', 'resume', 'checkpoint', 'activate']);
      tally.commands++;
      if (command === 'activate') network.activateSequence([[1], [-1]]);
      else if (command === 'checkpoint') {
        // One that comes too late is refused.
        run.checkpoint().then(
          () => tally.checkpoints++,
          () => {},
        );
      } else run[command]();
      if (random() < 0.7) await new Promise((resolve) => setTimeout(resolve, 3 * random()));
    }
    // Paused or not, one of them ends it.
    if (random() < 0.5) run.abort();
    else run.resume();
    tally.commands++;
    await end;
    if (!network.weights.every(Number.isFinite)) throw new Error('weights are not finite');
    network.free();
    tally.runs++;
  }
  return tally;
}

/**
 * Reads a network while a worker trains it by plain gradient descent on softmax outputs. The
 * gradients of all outputs sum to 0 there, so the biases of the outputs keep their sum: in a set of
 * weights that was torn between two updates they would not.
 */
export async function readers({ Architect, Trainer }, milliseconds) {
  const network = new Architect.LSTM(1, 16, 4, { variant: 'standard', output: 'softmax', seed: 1 });
  const { first, size } = network.layout.layers.find(({ name }) => name === 'output');
  const set = sequences.map(({ input }, index) => ({
    input,
    output: [0, 1, 2, 3].map((label) => Number(label === index % 4)),
  }));
  const options = { iterations: 1e9, error: 0, optimizer: 'sgd', rate: 0.5, batchSize: 4, precision: 'f64' };
  const run = new Trainer(network).trainAsync(set, options);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const wanted = sum(network.biases.subarray(first, first + size));
  const tally = { snapshots: 0, versions: 0, retries: 0, worst: 0 };
  const until = performance.now() + milliseconds;
  let last = -1;
  while (performance.now() < until) {
    for (let turn = 0; turn < 50; turn++) {
      // As the README tells: what is read between two equal even versions is whole.
      const version = network.version;
      const biases = network.biases.slice(first, first + size);
      if (version % 2 !== 0 || network.version !== version) {
        tally.retries++;
        continue;
      }
      tally.snapshots++;
      if (version !== last) tally.versions++;
      last = version;
      tally.worst = Math.max(tally.worst, Math.abs(sum(biases) - wanted));
    }
    const stored = network.toJSON().neurons.slice(-size);
    tally.worst = Math.max(tally.worst, Math.abs(sum(stored.map(({ bias }) => bias)) - wanted));
    if (
      network
        .activateSequence([[1], [-1]])
        .flat()
        .some(Number.isNaN)
    )
      throw new Error('an output is NaN');
    await rest();
  }
  run.abort();
  await run;
  return tally;
}
