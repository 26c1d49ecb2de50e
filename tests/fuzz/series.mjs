// What engram/rocket and engram/data read, as targets of fuzzing: models, series, and files cut into their words.

import { readArff, readTs } from 'engram/data';
import { RocketClassifier, RocketFeatures } from 'engram/rocket';

const plain = (value) => JSON.parse(JSON.stringify(value));
const labels = ['a', 'b'];
const series = (length, channels) =>
  Array.from({ length }, (_, step) =>
    Array.from({ length: channels }, (_, channel) => ((step * (channel + 3)) % 7) - 3),
  );
const samples = (channels) =>
  [20, 12, 9].map((length, index) => ({ input: series(length, channels), label: labels[index % 2] }));

async function fitted(channels) {
  const classifier = new RocketClassifier({ labels, channels, features: 168, seed: 1 });
  await classifier.fit(samples(channels), { threads: 1 });
  const features = new RocketFeatures({ channels, features: 84, seed: 1 });
  await features.fit(
    samples(channels).map(({ input }) => input),
    { threads: 1 },
  );
  return [plain(classifier), plain(features)];
}

function judge(numbers) {
  if (numbers.some(Number.isNaN)) throw new Error('finding: an output is NaN');
}

const TS = '@problemName x\n@dimensions 2\n@classLabel true a b\n@data\n1,2.5:3,-4e2:a\n5:?:b\n';
const ARFF = "@relation 'x'\n@attribute t0 numeric\n@attribute c {a,'b c'}\n@data\n1,a\n?,'b c'\n";
const RELATIONAL =
  "@relation x\n@attribute r relational\n@attribute t numeric\n@end r\n@attribute c {a,b}\n@data\n'1,2\\n3,4',a\n";
/** A text as its words and what is between them. */
const words = (text) => text.split(/([,:\n'\\{} @])/);
const joined = (given) =>
  Array.isArray(given) && given.every((word) => typeof word === 'string') ? given.join('') : given;

const standing = RocketClassifier.fromJSON((await fitted(1))[0]);

export const seriesTargets = {
  rockets: {
    seeds: [...(await fitted(1)), ...(await fitted(3))],
    execute(json) {
      const kind = json?.type === 'RocketFeatures' ? RocketFeatures : RocketClassifier;
      const model = kind.fromJSON(json);
      const input = series(30, model.channels);
      if (json?.kernels == null) return;
      if (model instanceof RocketFeatures) judge(model.transform([input])[0]);
      else judge(Object.values(model.classify(input).probabilities));
    },
  },
  series: {
    seeds: samples(1).map(({ input, label }) => ({ input: input.flat(), label })),
    execute(sample) {
      const { accuracy, loss } = standing.evaluate([sample]);
      judge([accuracy, loss]);
    },
  },
  ts: {
    seeds: [
      words(TS),
      words(
        TS.replace('@dimensions 2\n', '@targetLabel true\n')
          .replace('@classLabel true a b\n', '')
          .replace(/:[ab]\n/g, ':1\n'),
      ),
    ],
    execute: (given) => readTs(joined(given)),
  },
  arff: { seeds: [words(ARFF), words(RELATIONAL)], execute: (given) => readArff(joined(given)) },
};
