// Series of ordinary length, 120 to 160 steps: MiniRocket learns them in a second, and says by leaving one out what to expect.
//
//   node examples/07-rocket.mjs

import { readTs } from 'engram/data';
import { RocketClassifier } from 'engram/rocket';

// A file as the archives of time series have it; `readTs` takes a stream just as well, such as `response.body`.
let state = 11;
const random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647 - 0.5;
};
const shapes = {
  washer: (step) => (step % 40 < 20 ? 1 : -1) * (step % 4 < 2 ? 1 : 0.6),
  fridge: (step) => (step % 40 < 20 ? 1 : -1),
  kettle: (step) => 2 * (1 - (step % 40) / 20),
};
const row = (name) => {
  const start = Math.floor(40 * (random() + 0.5));
  const length = 120 + Math.floor(40 * (random() + 0.5));
  return Array.from({ length }, (_, step) => (shapes[name](start + step) + random()).toFixed(3)).join();
};
const names = Object.keys(shapes);
const lines = Array.from({ length: 120 }, (_, index) => `${row(names[index % 3])}:${names[index % 3]}`);
const file = `@problemName appliances\n@equalLength false\n@classLabel true ${names.join(' ')}\n@data\n${lines.join('\n')}\n`;

const { header, cases } = await readTs(file);
const classifier = new RocketClassifier({ labels: header.labels, features: 2000, seed: 1 });
const result = await classifier.fit(cases.slice(0, 60));
console.log(`left out: accuracy ${result.accuracy.toFixed(2)}`);
const { accuracy } = classifier.evaluate(cases.slice(60));
console.log(`new series: accuracy ${accuracy.toFixed(2)}`);
const { label, probabilities } = classifier.classify(cases[60].input);
console.log(`the first is a ${label}, with probability ${probabilities[label].toFixed(2)}`);
