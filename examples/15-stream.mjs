// Gestures as they are made: a classifier that has learnt to decide at every step reads a sensor step by step.
//
//   node examples/15-stream.mjs

import { Encoder, SequenceClassifier } from 'engram';

let state = 11;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
/** Acceleration along two axes. */
const paths = {
  circle: (t) => [Math.cos(t), Math.sin(t)],
  wave: (t) => [Math.cos(2 * t), 0],
  push: (t) => [0, Math.sin(t / 2)],
};
const labels = Object.keys(paths);
const gesture = (label) => {
  const [start, speed, size] = [6 * random(), 0.2 + 0.1 * random(), 0.8 + 0.4 * random()];
  const noise = () => 0.1 * (random() - 0.5);
  return Array.from({ length: 30 }, (_, step) =>
    paths[label](start + step * speed).map((value) => size * value + noise()),
  );
};
const samples = (count) =>
  Array.from({ length: count }, (_, index) => ({ input: gesture(labels[index % 3]), label: labels[index % 3] }));

const classifier = new SequenceClassifier({ labels, encoder: Encoder.numeric({ channels: 2 }), hidden: [16], seed: 1 });
await classifier.fit(samples(120), { epochs: 40, rate: 0.02, supervise: 'every' });
const { early } = classifier.evaluate(samples(60), { early: true });
for (const { share, accuracy } of early.filter((_, index) => [0, 2, 9].includes(index))) {
  console.log(`after ${Math.round(share * 100)} %: accuracy ${accuracy.toFixed(2)}`);
}
// One gesture after another, each answered as soon as it is clear.
const stream = classifier.stream();
for (const label of labels) {
  stream.reset();
  let step = 0;
  for (const row of gesture(label)) {
    step++;
    const { label: said, probabilities } = stream.push(row);
    if (probabilities[said] < 0.95) continue;
    console.log(`${label}: ${said} after ${step} steps of 30`);
    break;
  }
}
