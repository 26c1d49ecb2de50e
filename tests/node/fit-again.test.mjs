// Calling fit again goes on from what was learnt, also from a file.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequencePredictor, SequenceRegressor, SequenceTagger } from 'engram';

const words = ['abba', 'bab', 'baa', 'aab', 'ab', 'ba'];
const wave = Array.from({ length: 40 }, (_, step) => Math.sin(step / 3));
const common = { hidden: [5], seed: 4 };
const models = {
  classifier: {
    make: () => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.oneHot('ab'), ...common }),
    load: SequenceClassifier.fromJSON,
    samples: words.map((input) => ({ input, label: input[0] })),
  },
  tagger: {
    make: () => new SequenceTagger({ labels: ['a', 'b'], encoder: Encoder.tokens({ split: 'characters' }), ...common }),
    load: SequenceTagger.fromJSON,
    samples: words.map((input) => ({ input, labels: [...input] })),
  },
  regressor: {
    make: () => new SequenceRegressor({ encoder: Encoder.oneHot('ab'), ...common }),
    load: SequenceRegressor.fromJSON,
    samples: words.map((input) => ({ input, output: 100 * input.length + input.indexOf('b') })),
  },
  predictor: { make: () => new SequencePredictor(common), load: SequencePredictor.fromJSON, samples: [wave] },
};

for (const [name, { make, load, samples }] of Object.entries(models)) {
  test(`a ${name} goes on where it stopped, in the same process and from JSON`, async () => {
    const model = make();
    const { training: first } = await model.fit(samples, { epochs: 30 });
    const encoder = JSON.stringify(model.encoder);
    const loaded = load(JSON.parse(JSON.stringify(model)));
    const { training: second } = await model.fit(samples, { epochs: 30 });
    const { training: other } = await loaded.fit(samples, { epochs: 30 });
    assert.ok(second.error < first.error, `error ${first.error}, then ${second.error}`);
    assert.equal(JSON.stringify(model.encoder), encoder);
    // The same seed and samples: the same bits.
    assert.deepEqual(other, second);
    assert.deepEqual([...loaded.network.weights], [...model.network.weights]);
    const { training: fresh } = await make().fit(samples, { epochs: 30 });
    assert.deepEqual(fresh, first);
  });
}
