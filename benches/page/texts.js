// What `peers/chromium.mjs` calls in its page.

import { corpusOf } from '/cases.mjs';
import { Encoder, SequenceClassifier } from '/pkg/dist/engram.js';

let samples = [];
const learn = (some, vocabulary) =>
  new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.tokens({ most: vocabulary }), seed: 1 }).fit(some, {
    epochs: 1,
  });

globalThis.texts = {
  /** Makes the texts, and starts the engine and a worker. */
  async prepare(corpus) {
    samples = corpusOf(corpus);
    await learn(samples.slice(0, 2), corpus.vocabulary);
  },

  /** Seconds per text of a classifier's `fit`, from the call to its end. */
  async fit({ vocabulary }) {
    const start = performance.now();
    await learn(samples, vocabulary);
    return (performance.now() - start) / 1000 / samples.length;
  },
};
