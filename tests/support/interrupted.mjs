// A training process for the tests to kill: goes on from its checkpoint file if there is one, and
// prints the final weights' digest.
//   node interrupted.mjs PATH

import { createHash } from 'node:crypto';
import { Encoder, fileStore, SequenceClassifier } from 'engram';

const words = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night', 'tiger', 'zebra'];
const samples = words.map((input, index) => ({ input, label: index % 2 === 0 ? 'even' : 'odd' }));
const store = fileStore(process.argv[2]);
const classifier = new SequenceClassifier({ labels: ['even', 'odd'], encoder: Encoder.bytes(), hidden: [12], seed: 5 });
await classifier.fit(samples, {
  epochs: 1500,
  batchSize: 2,
  validation: 0.2,
  checkpointEvery: 25,
  onCheckpoint: store.save,
  resume: await store.load(),
});
const weights = classifier.network.weights;
console.log(createHash('sha256').update(new Uint8Array(weights.slice().buffer)).digest('hex'));
