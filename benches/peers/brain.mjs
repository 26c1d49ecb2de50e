// brain.js classifies text token by token with a network of its own kind, one sequence at a time;
// what it shares with the others is training a small perceptron.

import brain from 'brain.js';

import { NEVER, stepwise } from './stepwise.mjs';

export const { xor } = stepwise({
  trainXor: (set, iterations) =>
    new brain.NeuralNetwork({ hiddenLayers: [3] }).train(set, {
      iterations,
      errorThresh: NEVER,
      learningRate: 0.3,
      momentum: 1e-9,
    }),
});
