// What a message is about, of which it may be several things at once, or none.
//
//   node examples/14-several-labels.mjs

import { Encoder, SequenceClassifier } from 'engram';

let state = 5;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
const oneOf = (list) => list[Math.floor(random() * list.length)];
const words = {
  billing: ['the invoice is wrong', 'charged twice', 'i want a refund', 'my card was declined'],
  delivery: ['the parcel is late', 'it never arrived', 'wrong address', 'where is my order'],
  quality: ['it broke at once', 'the screen is cracked', 'it does not work', 'a part is missing'],
};
const labels = Object.keys(words);
const message = () => {
  const own = labels.filter(() => random() < 0.4);
  const parts = own.map((label) => oneOf(words[label])).sort(() => random() - 0.5);
  return { input: ['hello', ...parts, oneOf(['thanks', 'please help', 'regards'])].join(' '), labels: own };
};
const messages = (count) => Array.from({ length: count }, message);

const classifier = new SequenceClassifier({
  labels,
  encoder: Encoder.tokens({ embedding: 8 }),
  multiLabel: true,
  thresholds: { billing: 0.4 }, // money is asked about sooner
  hidden: [16],
  seed: 1,
});
await classifier.fit(messages(200), { epochs: 30, rate: 0.02 });
const { exact, classes } = classifier.evaluate(messages(100));
console.log(`all labels right: ${exact.toFixed(2)}`);
for (const label of labels) {
  const { precision, recall, averagePrecision } = classes[label];
  const scores = [precision, recall, averagePrecision].map((score) => score.toFixed(2));
  console.log(`${label}: precision ${scores[0]}, recall ${scores[1]}, average precision ${scores[2]}`);
}
console.log(classifier.classify('hello it broke at once and i want a refund').labels.join(' and '));
