// The question that engram began with: short texts, one bit per step, in two classes.
//
//   node examples/02-bits.mjs

import { Encoder, SequenceClassifier } from 'engram';

const samples = [
  ...['hello', 'apple', 'stone', 'cloud'].map((input) => ({ input, label: 'first' })),
  ...['world', 'grape', 'river', 'night'].map((input) => ({ input, label: 'second' })),
];
const classifier = new SequenceClassifier({ labels: ['first', 'second'], encoder: Encoder.bits(), seed: 1 });
const { iterations, time } = await classifier.fit(samples, { epochs: 300, error: 0.01 });
console.log(`${iterations} epochs in ${Math.round(time)} ms`);
for (const { input } of samples) console.log(`${input}: ${classifier.classify(input).label}`);
console.log(`accuracy ${classifier.evaluate(samples).accuracy}`);
