// Read-outs: one answer for a sequence, from any of its steps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, Network, SequenceClassifier, SequencePredictor, SequenceTagger, Trainer } from 'engram';

const KINDS = ['last', 'mean', 'max', 'attention'];

/** A repeatable stream of numbers in [-1, 1). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function pooled(readout, options) {
  return new Architect.LSTM(2, 4, 3, { variant: 'standard', output: 'softmax', readout, seed: 3, ...options });
}

function series(length, next) {
  return Array.from({ length }, () => [next(), next()]);
}

const close = (a, b, tolerance = 1e-12) => {
  assert.equal(a.length, b.length);
  a.forEach((value, index) => {
    assert.ok(Math.abs(value - b[index]) <= tolerance, `${a} against ${b}`);
  });
};

for (const readout of KINDS) {
  test(`${readout}: one answer for a sequence, step by step and from files the same`, () => {
    const next = numbers(1);
    const sequences = [7, 1, 4].map((length) => series(length, next));
    for (const bidirectional of [false, true]) {
      const network = pooled(readout, { bidirectional });
      const once = bidirectional || readout !== 'last';
      const answers = network.activateSequences(sequences);
      assert.deepEqual(
        answers.map((rows) => rows.length),
        once ? [1, 1, 1] : [7, 1, 4],
      );
      sequences.forEach((steps, index) => {
        const answer = answers[index].at(-1);
        assert.deepEqual(network.activateSequence(steps).at(-1), answer);
        const { first, size } = network.layout.layers.at(-1);
        const trace = network.traceSequence(steps);
        assert.equal(trace.length, steps.length);
        assert.deepEqual(Array.from(trace.at(-1).subarray(first, first + size)), answer);
      });
      const copy = Network.fromJSON(JSON.parse(JSON.stringify(network)));
      assert.deepEqual(copy.activateSequences(sequences), answers);
      assert.deepEqual(copy.toJSON(), network.toJSON());
      if (bidirectional) {
        assert.throws(
          () => network.activate([0, 0]),
          /Network.activate: a bidirectional network reads whole sequences/,
        );
        assert.throws(() => network.standalone(), /bidirectional/);
        continue;
      }
      const standalone = network.standalone();
      for (const [index, steps] of sequences.entries()) {
        network.resetContext();
        const plain = Network.fromJSON(network.toJSON());
        plain.setOptimize(false);
        const alone = network.standalone();
        steps.forEach((step, count) => {
          const soFar = network.activateSequence(steps.slice(0, count + 1)).at(-1);
          close(network.activate(step), soFar);
          close(plain.activate(step), soFar);
          close(alone(step), soFar);
        });
        if (index === 0) {
          // A file in the middle of a stream goes on where it was.
          const half = Network.fromJSON(JSON.parse(JSON.stringify(network)));
          close(half.activate([0.5, -0.5]), network.activate([0.5, -0.5]), 0);
        }
      }
      assert.equal(standalone([0, 0]).length, 3);
    }
  });
}

test('what can not be learnt with a read-out is refused, and changes nothing', async () => {
  for (const readout of ['mean', 'max', 'attention']) {
    const network = pooled(readout);
    const set = [
      {
        input: [
          [0, 1],
          [1, 0],
        ],
        output: [1, 0, 0],
      },
    ];
    network.activate([0, 0]);
    network.resetContext();
    const before = JSON.stringify(network);
    network.activate([0, 0]);
    assert.throws(() => network.propagate(0.1, [1, 0, 0]), {
      name: 'TypeError',
      message: /Network.propagate: a network with a read-out learns from whole sequences/,
    });
    network.resetContext();
    const worker = network.worker();
    assert.equal((await worker.activate([0, 0])).length, 3);
    await assert.rejects(worker.propagate(0.1, [1, 0, 0]), /learns from whole sequences/);
    worker.terminate();
    network.resetContext();
    const trainer = new Trainer(network);
    await assert.rejects(trainer.trainAsync(set, { truncate: 5 }), {
      name: 'TypeError',
      message: /trainAsync: options.truncate is 5, expected null: a network with a read-out/,
    });
    await assert.rejects(trainer.trainAsync(set, { learner: 'online' }), { name: 'TypeError', message: /read-out/ });
    const early = [
      {
        input: [
          [0, 1],
          [1, 0],
        ],
        output: [
          [1, 0, 0],
          [0, 1, 0],
        ],
      },
    ];
    const refusal = {
      name: 'RangeError',
      message: /set\[0\]\.output\[0\] stands before the sequence's last step, expected none there/,
    };
    await assert.rejects(trainer.trainAsync(early), refusal);
    assert.throws(() => trainer.test(early), refusal);
    assert.equal(JSON.stringify(network), before);
  }
  assert.throws(() => pooled('median'), /options.readout.*'last'/);
  assert.throws(() => new Architect.LSTM(1, 2, 1, { readout: 'mean' }), /options.readout.*left out/);
});

test('a read-out shows in layout and dot', () => {
  const network = pooled('attention', { bidirectional: true });
  const pools = network.layout.layers.filter(({ pooling }) => pooling !== undefined);
  assert.deepEqual(
    pools.map(({ name, pooling, reversed }) => [name, pooling, reversed]),
    [
      ['reversed readout', 'attention', false],
      ['readout', 'attention', false],
    ],
  );
  const layers = network.layout.layers.map(({ name }) => name);
  const score = layers.indexOf('score');
  for (const name of ['readout', 'reversed readout']) {
    assert.match(network.toDot().code, new RegExp(`${score} -> ${layers.indexOf(name)} \\[color = blue\\]`));
  }
  const reversed = pooled('last', { bidirectional: true }).layout.layers.filter(({ pooling }) => pooling);
  assert.deepEqual(
    reversed.map(({ name, reversed }) => [name, reversed]),
    [
      ['reversed readout', true],
      ['readout', false],
    ],
  );
});

test('files with read-outs that can not be are refused', () => {
  const json = pooled('attention').toJSON();
  const change = (make) => {
    const copy = structuredClone(json);
    make(copy.neurons);
    return () => Network.fromJSON(copy).activate([0, 0]);
  };
  const at = json.neurons.findIndex(({ pooling }) => pooling !== undefined);
  assert.throws(
    change((neurons) => {
      neurons[at].pooling = 'median';
    }),
    /pooling is 'median'|pooling/,
  );
  assert.throws(
    change((neurons) => {
      delete neurons[at].score;
    }),
    /json.neurons\[\d+\].score/,
  );
  assert.throws(
    change((neurons) => {
      neurons[at].score = neurons.length;
    }),
    RangeError,
  );
  // A score that fires after the read-out, one that reads it, and a cell that pools.
  assert.throws(
    change((neurons) => {
      neurons[at].score = neurons.length - 1;
    }),
    /attention's score/,
  );
  assert.throws(
    change((neurons) => {
      neurons[2].pooling = 'mean';
    }),
    TypeError,
  );
});

/** Sequences whose label stands in one step of many. */
function needles(count, length, where, seed) {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const label = index % 2 === 0 ? 'up' : 'down';
    const input = Array.from({ length }, () => [0, next()]);
    input[where(index)][0] = label === 'up' ? 1 : -1;
    return { input, label };
  });
}

for (const readout of KINDS) {
  test(`${readout}: bidirectional finds a label in the first of 60 steps`, async () => {
    const classifier = new SequenceClassifier({
      labels: ['up', 'down'],
      encoder: Encoder.numeric({ channels: 2, normalize: false }),
      hidden: [8],
      bidirectional: true,
      readout,
      seed: 1,
    });
    const samples = needles(64, 60, () => 0, 5);
    await classifier.fit(samples, { epochs: 40, rate: 0.02 });
    const { accuracy } = classifier.evaluate(needles(40, 60, () => 0, 6));
    assert.ok(accuracy > 0.95, `${accuracy}`);
    const copy = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
    assert.equal(copy.readout, readout);
    assert.deepEqual(copy.classify(samples[0].input), classifier.classify(samples[0].input));
  });
}

test('one-way mean, max and attention find a label in any of 60 steps; checkpoints go on to the bit', async () => {
  for (const readout of ['mean', 'max', 'attention']) {
    const make = () =>
      new SequenceClassifier({
        labels: ['up', 'down'],
        encoder: Encoder.numeric({ channels: 2, normalize: false }),
        hidden: [8],
        readout,
        dropout: 0.1,
        seed: 2,
      });
    const samples = needles(64, 60, (index) => (index * 7) % 60, 7);
    const classifier = make();
    let half;
    const options = { epochs: 40, rate: 0.02 };
    await classifier.fit(samples, {
      ...options,
      checkpointEvery: 20,
      onCheckpoint: (bytes) => {
        half ??= bytes;
      },
    });
    const { accuracy } = classifier.evaluate(needles(40, 60, (index) => (index * 11) % 60, 8));
    assert.ok(accuracy > 0.9, `${readout} ${accuracy}`);
    const resumed = make();
    await resumed.fit(samples, { ...options, checkpointEvery: 20, onCheckpoint: () => {}, resume: half });
    assert.deepEqual(resumed.network.weights.slice(), classifier.network.weights.slice());
  }
});

test('a classifier reads the last step, and with both directions the largest of all, unless told otherwise', async () => {
  const options = { labels: ['a', 'b'], encoder: Encoder.oneHot('ab'), hidden: [2], seed: 1 };
  const [one, two] = [false, true].map((bidirectional) => new SequenceClassifier({ ...options, bidirectional }));
  assert.deepEqual([one.readout, two.readout], ['last', 'max']);
  const samples = [
    { input: 'aab', label: 'b' },
    { input: 'bba', label: 'a' },
  ];
  // Only the last step of one direction can be learnt from with a truncated gradient.
  await one.fit(samples, { epochs: 1, truncate: 2 });
  await assert.rejects(two.fit(samples, { epochs: 1, truncate: 2 }), /whole sequences/);
  assert.equal(
    one.network.layout.layers.some(({ pooling }) => pooling !== undefined),
    false,
  );
  // Files say what they have; those of before read-outs had a choice have the last step.
  const json = JSON.parse(JSON.stringify(one));
  assert.equal(json.readout, 'last');
  assert.equal(SequenceClassifier.fromJSON({ ...json, readout: undefined }).readout, 'last');
  assert.equal(SequenceClassifier.fromJSON({ ...json, network: null, readout: 'max' }).readout, 'max');
  assert.equal(SequenceClassifier.fromJSON({ ...json, network: null, bidirectional: true }).readout, 'last');
});

test('classes with an answer at every step have no read-out, Synaptic has the last step alone', () => {
  const encoder = Encoder.numeric();
  assert.throws(() => new SequenceTagger({ labels: ['a', 'b'], encoder, readout: 'mean' }), /readout/);
  assert.throws(() => new SequencePredictor({ readout: 'mean' }), /readout/);
  const options = { labels: ['a', 'b'], encoder, variant: 'synaptic' };
  assert.throws(() => new SequenceClassifier({ ...options, readout: 'mean' }), /options.readout/);
  assert.equal(new SequenceClassifier(options).readout, 'last');
});
