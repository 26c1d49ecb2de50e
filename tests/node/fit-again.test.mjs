// Calling fit again goes on from what was learnt, also from a file.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import {
  Encoder,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
  unpack,
} from 'engram';

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

test('a first fit that is refused, or aborted before it begins, leaves the model as it was', async () => {
  const times = (factor) => (value) => value * factor;
  const kinds = {
    classifier: [
      () => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), hidden: [3], seed: 1 }),
      (scale) => [1, 2, 3, 4].map((n) => ({ input: [n, 1, n % 3].map(times(scale)), label: n % 2 ? 'a' : 'b' })),
    ],
    regressor: [
      () => new SequenceRegressor({ hidden: [3], seed: 1 }),
      (scale) => [1, 2, 3, 4].map((n) => ({ input: [n, 1, 2].map(times(scale)), output: n * scale })),
    ],
    tagger: [
      () => new SequenceTagger({ labels: ['a', 'b'], encoder: Encoder.tokens(), hidden: [3], seed: 1 }),
      (scale) => [1, 2, 3].map((n) => ({ input: `word${scale} n${n}`, labels: ['a', 'b'] })),
    ],
    predictor: [
      () => new SequencePredictor({ hidden: [3], seed: 1 }),
      (scale) => [[1, 2, 3, 4, 5].map(times(scale)), [2, 3, 4, 5, 7].map(times(scale))],
    ],
    generator: [
      () => new SequenceGenerator({ encoder: Encoder.symbols(), hidden: [3], seed: 1 }),
      (scale) => [
        ['a', `b${scale}`, 'c'],
        ['a', 'c'],
      ],
    ],
    transcriber: [
      () => new SequenceTranscriber({ encoder: Encoder.numeric(), hidden: [3], seed: 1 }),
      (scale) => [1, 2, 3].map((n) => ({ input: [n, 1, 2, 3].map(times(scale)), output: scale > 1 ? 'xy' : 'x' })),
    ],
  };
  for (const [kind, [make, samples]] of Object.entries(kinds)) {
    const fresh = make();
    await fresh.fit(samples(1), { epochs: 2 });
    const expected = JSON.stringify(fresh);
    for (const options of [{ signal: AbortSignal.abort() }, { resume: new Uint8Array(5) }]) {
      const model = make();
      const before = JSON.stringify(model);
      const run = model.fit(samples(1000), options);
      if (options.resume === undefined) assert.equal((await run).stopped, 'aborted', kind);
      else await assert.rejects(run, { name: 'RangeError', message: /the checkpoint is not one of engram's/ });
      assert.equal(JSON.stringify(model), before, kind);
      assert.equal(model.network, null);
      await model.fit(samples(1), { epochs: 2 });
      assert.equal(JSON.stringify(model), expected, kind);
      model.free();
    }
    fresh.free();
  }
});

test('a promise of onProgress that rejects rejects the fit', async () => {
  const { make, samples } = models.classifier;
  const onProgress = async () => {
    throw new Error('the database is down');
  };
  await assert.rejects(make().fit(samples, { epochs: 300, onProgress }), /the database is down/);
  const pack = unpack(await make().pack(samples, { epochs: 300 }));
  await assert.rejects(pack.train({ onProgress }), /the database is down/);
});

test('a fit that nobody waits for is heard of when it fails, whatever else is asked of it', () => {
  for (const options of [
    '{}',
    '{ log: true }',
    '{ signal: new AbortController().signal }',
    '{ resume: new Uint8Array(5) }',
  ]) {
    const program = `
      import { Encoder, SequenceClassifier } from 'engram';
      const model = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.numeric(), seed: 1 });
      const input = ${options.includes('resume') ? '[1]' : "[1, 'x']"};
      model.fit([{ input: [2], label: 'a' }, { input, label: 'b' }], ${options});`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    assert.equal(status, 1, options);
    assert.match(stderr, /SequenceClassifier\.fit: /);
  }
});
