// Training that goes on after an interruption. Stop it with Ctrl+C and start it again: it ends with the
// very weights of an uninterrupted run.
//
//   node examples/06-resume.mjs [file]

import { rmSync } from 'node:fs';
import { Encoder, fileStore, SequenceClassifier } from 'engram';

const path = process.argv[2] ?? 'run.checkpoint';
const store = fileStore(path);
const samples = Array.from({ length: 128 }, (_, index) => {
  const input = index.toString(2).padStart(7, '0');
  return { input, label: [...input].filter((digit) => digit === '1').length > 3 ? 'ones' : 'zeros' };
});
const classifier = new SequenceClassifier({ labels: ['zeros', 'ones'], encoder: Encoder.oneHot('01'), seed: 1 });
const resume = await store.load();
if (resume) console.log('goes on from the checkpoint');
const { iterations } = await classifier.fit(samples, {
  epochs: 150,
  resume,
  checkpointEvery: 10,
  onCheckpoint: store.save,
  log: true,
});
rmSync(path);
const { accuracy } = classifier.evaluate(samples);
console.log(`${iterations} epochs, accuracy ${accuracy}, first weight ${classifier.network.weights[0]}`);
