// Outlines: which kind of leaf has this border? What counts are shapes anywhere along the series, which is what
// convolutions find.
//
//   node examples/13-outlines.mjs

import { Encoder, SequenceClassifier } from 'engram';

let state = 5;
const random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647;
};
// Distance of the border from the centre of a leaf, once around, begun anywhere.
const kinds = {
  oak: (angle) => 1 + 0.25 * Math.cos(7 * angle),
  maple: (angle) => 1 + 0.25 * Math.abs(Math.cos(2.5 * angle)) ** 3,
  ginkgo: (angle) => 1 + 0.25 * Math.sign(Math.cos(3.5 * angle)),
};
const labels = Object.keys(kinds);
const leaves = Array.from({ length: 150 }, (_, index) => {
  const label = labels[index % 3];
  const [start, size] = [2 * Math.PI * random(), 0.8 + 0.4 * random()];
  const input = Array.from({ length: 120 }, (_, step) => {
    return size * kinds[label](start + (2 * Math.PI * step) / 120) + 0.1 * (random() - 0.5);
  });
  return { input, label };
});

const classifier = new SequenceClassifier({
  labels,
  encoder: Encoder.numeric(),
  convolution: [
    { filters: 12, width: 7 },
    { filters: 12, width: 5, dilation: 4 },
  ],
  hidden: [], // no recurrent layer: mean and maximum of the filters over the outline say which leaf it is
  seed: 1,
});
await classifier.fit(leaves.slice(0, 90), { epochs: 30, rate: 0.01 });
const { accuracy, classes } = classifier.evaluate(leaves.slice(90));
console.log(`new leaves: accuracy ${accuracy.toFixed(2)}`);
for (const label of labels) console.log(`${label}: f1 ${classes[label].f1.toFixed(2)}`);
