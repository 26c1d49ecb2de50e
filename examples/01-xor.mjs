// Exclusive or, with Synaptic's names: the import is all that changes for code written for Synaptic.
//
//   node examples/01-xor.mjs

import { Architect, Trainer } from 'engram';

const network = new Architect.Perceptron(2, 3, 1, { seed: 4 });
const set = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1] },
  { input: [1, 0], output: [1] },
  { input: [1, 1], output: [0] },
];
const { error, iterations } = await new Trainer(network).trainAsync(set, { rate: 0.2, iterations: 50_000 });
console.log(`error ${error.toFixed(4)} after ${iterations} iterations`);
for (const { input } of set) console.log(`${input[0]} xor ${input[1]} = ${Math.round(network.activate(input)[0])}`);
