// engram/rocket and engram/data, imported and required: the same model whatever the runtime and the threads.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { readTs } from 'engram/data';
import { RocketClassifier } from 'engram/rocket';

const wave = (index) => Array.from({ length: 30 }, (_, step) => ((index * 31 + step * (index % 2 ? 7 : 11)) % 13) / 4);
const lines = Array.from({ length: 24 }, (_, index) => `${wave(index).join(',')}:${index % 2 ? 'slow' : 'fast'}`);
const file = `@problemName waves\n@univariate true\n@classLabel true fast slow\n@data\n${lines.join('\n')}\n`;
const { header, cases } = await readTs(file);

const required = createRequire(import.meta.url);
assert.deepEqual((await required('engram/data').readTs(file)).cases, cases);
const hashes = new Set();
for (const Classifier of [RocketClassifier, required('engram/rocket').RocketClassifier]) {
  for (const threads of [1, 2]) {
    const classifier = new Classifier({ labels: header.labels, seed: 1 });
    await classifier.fit(cases, { threads });
    assert.equal(classifier.classify(cases[1].input).label, 'slow');
    hashes.add(createHash('sha256').update(JSON.stringify(classifier)).digest('hex').slice(0, 16));
  }
}
console.log([...hashes].join());
process.exit(0);
