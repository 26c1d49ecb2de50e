// How well gestures are told apart, by five splits instead of one that may be lucky.
//
//   node examples/11-cross-validation.mjs

import { crossValidate, Encoder, SequenceClassifier } from 'engram';

let state = 3;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
/** A circle, or an eight, drawn in 20 points by a shaky hand. */
const samples = Array.from({ length: 60 }, (_, index) => {
  const label = index % 2 === 0 ? 'circle' : 'eight';
  const start = 2 * Math.PI * random();
  const input = Array.from({ length: 20 }, (_, step) => {
    const angle = start + (2 * Math.PI * step) / 20;
    const y = Math.sin(label === 'circle' ? angle : 2 * angle);
    return { x: Math.cos(angle) + 0.8 * random(), y: y + 0.8 * random() };
  });
  return { input, label };
});
const make = () =>
  new SequenceClassifier({ labels: ['circle', 'eight'], encoder: Encoder.numeric({ channels: ['x', 'y'] }), seed: 1 });
const fit = { epochs: 25, rate: 0.02 };
const { folds, mean, deviation } = await crossValidate(make, samples, { folds: 5, seed: 1, fit });
console.log(`one split: accuracy ${folds[0].accuracy.toFixed(2)}`);
console.log(`five parts: accuracy ${mean.accuracy.toFixed(2)} ± ${deviation.accuracy.toFixed(2)}`);
