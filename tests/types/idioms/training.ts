// Compiled, not run: sets, options and costs by the names that types of Synaptic's users have.

import { Architect, type Network, Trainer } from 'engram';

const absolute: Trainer.CostFunction = (target, output) =>
  target.reduce((sum, wanted, index) => sum + Math.abs(wanted - (output[index] ?? 0)), 0);

const set: Trainer.TrainingSet = [];
for (const [a, b] of [
  [0, 0],
  [0, 1],
] as const) {
  set.push({ input: [a, b], output: [a === b ? 0 : 1] });
}
const sizes: number[] = set.map(({ input }) => input.length);

const options: Trainer.TrainingOptions = {
  rate: [0.3, 0.1],
  iterations: 500,
  error: 0.01,
  shuffle: true,
  log: 100,
  cost: absolute,
  schedule: {
    every: 50,
    do(data) {
      return data.error < 0.02 && data.iterations > 100 && data.rate > 0;
    },
  },
};
options.cost = Trainer.cost.CROSS_ENTROPY;
options.rate = (iterations, error) => error / iterations;

function learn(network: Network, pairs: Trainer.TrainingSet, settings?: Trainer.TrainingOptions): number {
  const trainer = new Trainer(network);
  const result: Trainer.TrainingResult = trainer.train(pairs, settings);
  return result.error + trainer.test(pairs, settings).error + result.iterations + result.time;
}

const silent: Trainer.TrainingScheduleOptions = { every: 10, do: (data) => void data.error };
const pair: Trainer.TrainingPair = { input: [1, 0], output: [1] };
const later: Promise<Trainer.TrainingResult> = new Trainer(new Architect.Perceptron(2, 3, 1)).trainAsync([pair], {
  schedule: silent,
});

export { later, learn, sizes };
