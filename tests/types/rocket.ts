// engram/rocket and engram/data as TypeScript sees them.

import { openArff, readTs, type SeriesFile } from 'engram/data';
import {
  type Classification,
  type Evaluation,
  RocketClassifier,
  type RocketClassifierJSON,
  RocketFeatures,
  type RocketProgress,
  type RocketResult,
  type RocketRun,
} from 'engram/rocket';

const classifier = new RocketClassifier({ labels: ['a', 'b'] as const, channels: 2, features: 1000, seed: 1 });
const run: RocketRun = classifier.fit([{ input: [[1, 2]], label: 'a' }], {
  threads: 'auto',
  signal: AbortSignal.timeout(1000),
  onProgress: ({ done, of, time }: RocketProgress) => console.log(done / of, time),
});
run.abort();
const result: RocketResult = await run;
const told: 'finished' | 'aborted' = result.stopped;
const found: Classification<'a' | 'b'> = classifier.classify([new Float32Array(2)]);
const probability: number = found.probabilities.b;
const { confusion }: Evaluation<'a' | 'b'> = classifier.evaluate([{ input: [[1, 2]], label: 'b' }]);
const json: RocketClassifierJSON = classifier.toJSON();
const copy = RocketClassifier.fromJSON<'a' | 'b'>(json);
// @ts-expect-error: not one of the labels
copy.evaluate([{ input: [[1, 2]], label: 'c' }]);
const rows: Float32Array[] = new RocketFeatures().transform([new Float64Array(9)]);

const file: SeriesFile = await readTs('@data\n1,2\n');
for await (const { input, label } of (await openArff(new Uint8Array())).cases) console.log(input, label);
await new RocketClassifier({ labels: file.header.labels ?? [] }).fit(
  file.cases.map(({ input, label = '' }) => ({ input, label })),
);
console.log(told, probability, confusion, rows);
