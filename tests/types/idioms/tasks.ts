// Compiled, not run: the tasks of a trainer, and single neurons.

import { Architect, Neuron, Trainer } from 'engram';

const options: Trainer.DSROptions = {
  targets: [2, 4],
  distractors: [3, 5],
  prompts: [0, 1],
  length: 10,
  success: 0.9,
  rate: 0.1,
  iterations: 1000,
  schedule: { every: 100, do: (data) => console.log(data.iterations, data.error) },
};
const trainer = new Trainer(new Architect.LSTM(6, 7, 2));
const recall: Trainer.DSRTrainingResult = trainer.DSR(options);
const grammarOptions: Trainer.ERGOptions = { iterations: 10, error: 0.1, rate: 0.1, cost: Trainer.cost.BINARY };
const grammar: Trainer.ERGTrainingResult = new Trainer(new Architect.LSTM(6, 7, 6)).ERG(grammarOptions);
const valid: boolean = grammar.test(grammar.generate());
const xorOptions: Trainer.XOROptions = { iterations: 20_000, log: 1000, shuffle: true, cost: Trainer.cost.MSE };
const xor: Trainer.TrainingResult = new Trainer(new Architect.Perceptron(2, 3, 1)).XOR(xorOptions);
const { train, test } = new Trainer(new Architect.LSTM(2, 7, 1)).timingTask({ iterations: 10, log: false });

const a = new Neuron();
const b = new Neuron();
const forward: Neuron.Connection = a.project(b, 0.5);
const own: Neuron.Connection = b.project(b);
a.gate(own);
a.activate(0.5);
const state: number = b.activate();
b.propagate(0.1, 1);
const together: boolean = a.selfconnected() || Boolean(a.connected(b));
b.squash = Neuron.squash.IDENTITY;
b.bias = -1;
const total: number = forward.weight * forward.gain + state + train.error + test.error;

export { recall, together, total, valid, xor };
