// Series of several channels and different lengths: what a sensor of acceleration felt. A quarter is
// held out, the run stops when that gets no better, and the mistakes are counted.
//
//   node examples/03-multivariate-series.mjs

import { Encoder, SequenceClassifier } from 'engram';

const labels = ['rest', 'walk', 'turn'];
let state = 7;
const random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647 - 0.5;
};

/** Three channels; walking swings up and down, turning leans to one side. */
function series(label) {
  const phase = 6 * random();
  return Array.from({ length: 20 + Math.floor(20 * (random() + 0.5)) }, (_, step) => {
    const swing = label === 'walk' ? Math.sin(step / 1.5 + phase) : 0;
    const lean = label === 'turn' ? Math.sin(step / 8) : 0;
    return [lean + random(), random(), 9.81 + swing + random()];
  });
}

const samples = Array.from({ length: 180 }, (_, index) => {
  const label = labels[index % labels.length];
  return { input: series(label), label };
});
const classifier = new SequenceClassifier({
  labels,
  encoder: Encoder.numeric({ channels: 3 }),
  hidden: [16],
  bidirectional: true,
  dropout: 0.1,
  seed: 1,
});
const { iterations, stopped, validation } = await classifier.fit(samples.slice(0, 150), {
  epochs: 60,
  validation: 0.25,
  patience: 12,
  groupByLength: true,
});
console.log(`${iterations} epochs, ended by ${stopped}, held out: accuracy ${validation.accuracy.toFixed(2)}`);
const { accuracy, confusion } = classifier.evaluate(samples.slice(150));
console.log(`new series: accuracy ${accuracy.toFixed(2)}`);
console.table(
  Object.fromEntries(
    labels.map((label, row) => [label, Object.fromEntries(labels.map((got, column) => [got, confusion[row][column]]))]),
  ),
);
