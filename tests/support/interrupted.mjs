// A training process for the tests to kill: goes on from its checkpoint file if there is one, and
// prints the final weights' digest, and how many checkpoints it saved.
//   node interrupted.mjs PATH

import { createHash } from 'node:crypto';
import { Encoder, fileStore, SequenceClassifier } from 'engram';

const words = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night', 'tiger', 'zebra'];
const samples = words.map((input, index) => ({ input, label: index % 2 === 0 ? 'even' : 'odd' }));
const store = fileStore(process.argv[2]);
const classifier = new SequenceClassifier({ labels: ['even', 'odd'], encoder: Encoder.bytes(), hidden: [12], seed: 5 });
let saved = 0;
await classifier.fit(samples, {
  epochs: 1500,
  batchSize: 2,
  validation: 0.2,
  checkpointEvery: 25,
  onCheckpoint: (checkpoint) => {
    saved++;
    return store.save(checkpoint);
  },
  resume: await store.load(),
});
const weights = classifier.network.weights;
const digest = createHash('sha256').update(new Uint8Array(weights.slice().buffer)).digest('hex');
console.log(JSON.stringify({ digest, saved }));
