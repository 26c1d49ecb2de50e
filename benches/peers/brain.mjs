// brain.js classifies text token by token with a network of its own kind, one sequence at a time; what it shares with the
// others is training a small perceptron, and with the generator learning and going on with texts.

import brain from 'brain.js';

import { lettersOf } from '../cases.mjs';
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

const texts = lettersOf(32, 40);

function textNetwork(iterations) {
  const network = new brain.recurrent.LSTM({ hiddenLayers: [32] });
  network.train(texts, { iterations, errorThresh: NEVER, log: false });
  return network;
}

export const learn = async () => {
  const network = textNetwork(1);
  const letters = 32 * 40;
  return {
    batch: letters,
    work: (done) => void network.train(texts, { iterations: done / letters, errorThresh: NEVER, log: false }),
  };
};

export const generate = async () => {
  const network = textNetwork(20);
  return {
    work: (letters) => {
      // A text may end at once; the step that says so is one, too.
      for (let made = 0; made < letters; ) made += network.run('', true).length + 1;
    },
  };
};
