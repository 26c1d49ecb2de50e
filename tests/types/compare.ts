// engram/compare as TypeScript sees it.

import { type Candidate, type Compared, type CompareProgress, compare } from 'engram/compare';
import { RocketClassifier } from 'engram/rocket';

const samples = [{ input: [1, 2], label: 'a' }];
const table: Compared[] = await compare(samples, {
  seconds: 10,
  folds: 3,
  seed: 1,
  signal: AbortSignal.timeout(1000),
  onProgress: ({ done, of, table: [first] }: CompareProgress) => console.log(done / of, first?.accuracy?.toFixed()),
});
table[0]?.code.length.toFixed();
// @ts-expect-error: there may have been no time
table[0]?.accuracy.toFixed();
const own: Candidate<(typeof samples)[number]> = {
  name: 'few features',
  code: '…',
  make: () => new RocketClassifier({ labels: ['a', 'b'], features: 840 }),
  fit: { threads: 1 },
};
await compare(samples, { candidates: [own] });
// @ts-expect-error: a sample has a label
await compare([{ input: [1] }]);
