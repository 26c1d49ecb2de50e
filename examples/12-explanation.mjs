// Why a model answers what it answers: which words made a review kind or unkind, by integrated gradients.
//
//   node examples/12-explanation.mjs

import { Encoder, SequenceClassifier } from 'engram';

const things = ['the soup', 'our room', 'the film', 'this book', 'the view', 'her song'];
const words = {
  kind: ['great', 'lovely', 'superb'],
  unkind: ['awful', 'dull', 'dreadful'],
  neither: ['red', 'small', 'old'],
};
const samples = Object.entries(words).flatMap(([label, adjectives]) =>
  things.flatMap((thing) =>
    adjectives.flatMap((adjective) => [
      { input: `${thing} was really ${adjective}`, label },
      { input: `what a ${adjective} evening, ${thing} too`, label },
    ]),
  ),
);
const classifier = new SequenceClassifier({
  labels: ['kind', 'unkind', 'neither'],
  encoder: Encoder.tokens(),
  readout: 'mean',
  seed: 1,
});
await classifier.fit(samples, { epochs: 20 });

for (const text of ['Her song was really superb', 'What a dull film']) {
  const { label, answer, baseline, parts } = classifier.explain(text);
  const sum = parts.reduce((total, { attribution }) => total + attribution, 0);
  console.log(`${text}: ${label}`);
  for (const { part, attribution } of parts) {
    console.log(
      `  ${part.padEnd(10)} ${attribution.toFixed(3).padStart(6)} ${'#'.repeat(Math.max(0, 40 * attribution))}`,
    );
  }
  console.log(`  sum ${sum.toFixed(3)} = ${answer.toFixed(3)} - ${baseline.toFixed(3)}`);
}
classifier.free();
