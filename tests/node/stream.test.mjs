// Streams: sequences that come step by step have the answers of whole ones, to the bit.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  Encoder,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
} from 'engram';

const wave = (length, shift = 0) => Array.from({ length }, (_, step) => Math.sin(step / 3 + shift) * 5 + 20 + step / 4);
const fitting = { epochs: 2, threads: 1 };

/** A copy of an answer that the stream will write anew. */
const kept = (answer) => structuredClone(answer);

/** Several streams of a model, each on a sequence of its own, in turns: each answers as `whole` does for what it has read. */
function assertStreams(model, sequences, whole, message) {
  const streams = sequences.map(() => model.stream());
  const longest = Math.max(...sequences.map((sequence) => sequence.length));
  for (const round of [1, 2]) {
    for (let step = 0; step < longest; step++) {
      sequences.forEach((sequence, index) => {
        if (step >= sequence.length) return;
        const answer = kept(streams[index].push(sequence[step]));
        assert.deepEqual(
          answer,
          whole(sequence.slice(0, step + 1)),
          `${message}, round ${round}, ${index}, step ${step}`,
        );
      });
    }
    for (const stream of streams) stream.reset();
  }
  for (const stream of streams) stream.free();
}

const layouts = [
  { variant: 'standard', hidden: [5] },
  { variant: 'standard', hidden: [5, 4] },
  { variant: 'gru', hidden: [5, 4] },
];

test('a classifier streams as it classifies: every read-out, variant and number of layers', async () => {
  for (const layout of [...layouts, { variant: 'synaptic', hidden: [4] }]) {
    for (const readout of layout.variant === 'synaptic' ? ['last'] : ['last', 'mean', 'max', 'attention']) {
      const classifier = new SequenceClassifier({
        labels: ['up', 'down'],
        encoder: Encoder.numeric(),
        seed: 3,
        readout,
        ...layout,
      });
      const samples = [wave(9), wave(12, 1), wave(7, 2)];
      await classifier.fit(
        samples.map((input, index) => ({ input, label: index % 2 ? 'up' : 'down' })),
        fitting,
      );
      const whole = (sequence) => classifier.classify(sequence);
      assertStreams(classifier, samples, whole, JSON.stringify({ readout, ...layout }));
      classifier.free();
    }
  }
});

test('streams make the steps of every encoder as whole sequences do: windows, changes, gaps, symbols, words', async () => {
  const gaps = wave(14).map((value, step) => (step % 4 === 2 ? null : value));
  const rows = wave(14).map((value, step) => ({ x: value, y: step % 5 === 1 ? null : 100 - step, z: 1 }));
  const numeric = [
    [{ window: 4 }, wave(14)],
    [{ window: 5, stride: 2 }, wave(14)],
    [{ difference: true }, wave(14)],
    [{ difference: 'relative', window: 3 }, wave(14)],
    [{ missing: 'mask' }, gaps],
    [{ missing: 'mask', difference: true, window: 4, stride: 3 }, gaps],
    [{ channels: ['x', 'y'], missing: 'mask', difference: { y: true }, window: 3 }, rows],
    [{ channels: 2, normalize: false }, wave(14).map((value) => [value / 30, 1])],
  ].map(([options, input]) => [Encoder.numeric(options), input, JSON.stringify(options)]);
  const encoders = [
    ...numeric,
    [Encoder.symbols(), [1, 'a', 2, 'b', 1, 'z'], 'symbols'],
    [Encoder.symbols({ embedding: 3 }), [1, 'a', 2, 'b', 1, 'z'], 'embedded symbols'],
  ];
  for (const [encoder, input, name] of encoders) {
    for (const readout of ['last', 'attention']) {
      const classifier = new SequenceClassifier({ labels: [1, 2], encoder, hidden: [4], seed: 1, readout });
      const other = input.slice(3, 9);
      await classifier.fit(
        [
          { input, label: 1 },
          { input: other, label: 2 },
        ],
        fitting,
      );
      assertStreams(
        classifier,
        [input, other, input],
        (sequence) => classifier.classify(sequence),
        `${name} ${readout}`,
      );
      classifier.free();
    }
  }
  const characters = Array.from('abca, ☺b😀c');
  for (const [encoder, pieces, glue] of [
    [Encoder.oneHot('abc'), characters, ''],
    [Encoder.bytes(), characters, ''],
    [Encoder.bits(), characters, ''],
    [Encoder.tokens({ embedding: 3 }), ['Play', 'it', 'again', 'sam', 'it'], ' '],
    [Encoder.tokens({ split: 'characters' }), characters, ''],
  ]) {
    const classifier = new SequenceClassifier({ labels: [1, 2], encoder, hidden: [4], seed: 1, readout: 'max' });
    const input = pieces.join(glue);
    await classifier.fit(
      [
        { input, label: 1 },
        { input: pieces.slice(1, 3).join(glue), label: 2 },
      ],
      fitting,
    );
    const whole = (parts) => classifier.classify(parts.join(glue));
    assertStreams(classifier, [pieces, pieces.slice(2)], whole, JSON.stringify(encoder));
    const stream = classifier.stream();
    assert.deepEqual(stream.push(input), classifier.classify(input));
    classifier.free();
  }
});

test('a tagger, a regressor, a predictor and a generator stream as they answer', async () => {
  for (const layout of layouts) {
    const tagger = new SequenceTagger({ labels: ['low', 'high'], encoder: Encoder.numeric(), seed: 2, ...layout });
    const inputs = [wave(11), wave(8, 2), wave(13, 4)];
    const labels = (input) => input.map((value) => (value > 21 ? 'high' : 'low'));
    await tagger.fit(
      inputs.map((input) => ({ input, labels: labels(input) })),
      fitting,
    );
    assertStreams(tagger, inputs, (sequence) => tagger.tag(sequence).at(-1), 'tagger');

    for (const options of [{ readout: 'mean' }, { targetsAt: 'each' }, { outputs: 2 }]) {
      const regressor = new SequenceRegressor({ seed: 2, ...options, ...layout });
      const value = (input) => {
        if (options.targetsAt) return input.map((number) => 3 * number);
        return options.outputs ? [input[0], 100] : input.length;
      };
      await regressor.fit(
        inputs.map((input) => ({ input, output: value(input) })),
        fitting,
      );
      const whole = (sequence) => {
        const answer = regressor.predict(sequence);
        return options.targetsAt ? answer.at(-1) : answer;
      };
      assertStreams(regressor, inputs, whole, JSON.stringify(options));
      regressor.free();
    }

    for (const [encoder, options, series] of [
      [Encoder.numeric({ difference: true }), {}, inputs],
      [Encoder.numeric({ missing: 'mask' }), { horizon: 3 }, [[1, null, 3, 2, 1, 2, 3, 2, 1, 2, 3], inputs[0]]],
      [Encoder.numeric({ channels: 2 }), { horizon: 2, outputs: [1] }, [wave(12).map((v) => [v, 5 - v])]],
    ]) {
      const predictor = new SequencePredictor({ encoder, seed: 2, ...options, ...layout });
      await predictor.fit(series, fitting);
      assertStreams(predictor, series, (sequence) => predictor.forecast(sequence), JSON.stringify(options));
      predictor.free();
    }

    const generator = new SequenceGenerator({ encoder: Encoder.oneHot('abc'), seed: 2, ...layout });
    await generator.fit(['abcabc', 'bcabcab'], fitting);
    assertStreams(
      generator,
      [Array.from('abcx'), Array.from('cab')],
      (text) => generator.next(text.join('')),
      'generator',
    );
    const stream = generator.stream();
    assert.deepEqual(stream.push('abca'), generator.next('abca'));
    assert.deepEqual([...stream.push('b').probabilities], [...generator.next('abcab').probabilities]);
    generator.free();
    tagger.free();
  }
});

test('a predictor streams with covariates, which are refused before the row is read', async () => {
  const series = wave(20).map((value, step) => ({ price: value, day: step % 7 }));
  const predictor = new SequencePredictor({
    encoder: Encoder.numeric({ channels: ['price', 'day'], difference: { price: 'relative', day: true } }),
    covariates: ['day'],
    horizon: 2,
    hidden: [4],
    seed: 5,
  });
  await predictor.fit([series], fitting);
  const stream = predictor.stream();
  series.slice(0, 15).forEach((row, step) => {
    const covariates = series.slice(step + 1, step + 3).map(({ day }) => day);
    assert.throws(() => stream.push(row), /options.covariates/);
    assert.throws(() => stream.push(row, { covariates: [1] }), /has 1 rows, expected 2/);
    assert.throws(
      () => stream.push({ price: -1, day: 1 }, { covariates }),
      /step\[0\] is -1, expected a number above 0/,
    );
    const answer = kept(stream.push(row, { covariates }));
    assert.deepEqual(answer, predictor.forecast(series.slice(0, step + 1), { covariates }));
  });
});

test('what is no step is refused, and not read', async () => {
  const model = new SequenceRegressor({
    encoder: Encoder.numeric({ channels: 2, difference: 'relative' }),
    hidden: [3],
    seed: 1,
  });
  assert.throws(() => model.stream(), /SequenceRegressor.stream: the model has not been fitted yet/);
  const input = [
    [1, 2],
    [2, 3],
    [4, 3],
  ];
  await model.fit(
    [
      { input, output: 1 },
      { input: input.slice(1), output: 2 },
    ],
    fitting,
  );
  const stream = model.stream();
  stream.push(input[0]);
  for (const [step, message] of [
    [[1, Number.NaN], /SequenceStream.push: step\[1\] is NaN, expected a finite number/],
    [[7, -1], /step\[1\] is -1, expected a number above 0/],
    [[1], /step has 1 values, the encoder takes 2/],
    ['a', /step is "a", expected an array of 2 numbers/],
  ]) {
    assert.throws(() => stream.push(step), message);
  }
  assert.throws(() => stream.push(input[1], { covariates: [] }), /covariates/);
  stream.push(input[1]);
  assert.equal(stream.push(input[2]), model.predict(input));
  const freed = model.stream();
  freed.free();
  freed.free();
  assert.throws(() => freed.push(input[2]), /SequenceStream.push: the stream has been freed/);
  assert.throws(() => freed.reset(), /SequenceStream.reset: the stream has been freed/);
  model.free();
  assert.throws(() => stream.push(input[2]), /the network has been freed/);
  const both = new SequenceTagger({ labels: [1, 2], encoder: Encoder.oneHot('ab'), bidirectional: true, hidden: [2] });
  await both.fit([{ input: 'ab', labels: [1, 2] }], fitting);
  assert.throws(() => both.stream(), /SequenceTagger.stream: a bidirectional model reads whole sequences/);
  const texts = new SequenceClassifier({ labels: [1, 2], encoder: Encoder.oneHot('ab'), hidden: [2], seed: 1 });
  await texts.fit(
    [
      { input: 'ab', label: 1 },
      { input: 'b', label: 2 },
    ],
    fitting,
  );
  assert.throws(() => texts.stream().push(''), /step is "", expected a text of at least one step/);
  assert.throws(() => texts.stream().push(1), /step is 1, expected a string/);
});

test('a stream goes on with the newest weights while fit runs, and after it', async () => {
  const classifier = new SequenceClassifier({
    labels: ['up', 'down'],
    encoder: Encoder.numeric(),
    hidden: [4],
    seed: 3,
  });
  const samples = [wave(9), wave(12, 1)].map((input, index) => ({ input, label: index ? 'up' : 'down' }));
  await classifier.fit(samples, fitting);
  const stream = classifier.stream();
  const before = kept(stream.push(20));
  const run = classifier.fit(samples, { epochs: 300, threads: 1, onProgress: () => stream.push(21) });
  await run;
  stream.reset();
  assert.notDeepEqual(kept(stream.push(20)), before);
  stream.reset();
  assert.deepEqual(stream.push(20), classifier.classify([20]));
});

test('a stream takes no memory for a step, and weighs little beside its model', async () => {
  const regressor = new SequenceRegressor({
    encoder: Encoder.numeric({ window: 4, stride: 2, missing: 'mask' }),
    hidden: [8],
    seed: 1,
  });
  await regressor.fit(
    [
      { input: wave(20), output: 1 },
      { input: wave(9), output: 2 },
    ],
    fitting,
  );
  const stream = regressor.stream();
  const pushes = 100_000;
  let last = 0;
  const push = (count) => {
    for (let step = 0; step < count; step++) last = stream.push(step % 50);
  };
  push(2000);
  const before = process.memoryUsage();
  push(pushes);
  const after = process.memoryUsage();
  assert.ok(Number.isFinite(last));
  // Nothing is kept: what grows is what the collector has not yet looked at.
  assert.ok(after.heapUsed - before.heapUsed < 40 * 2 ** 20, `heap grew by ${after.heapUsed - before.heapUsed}`);
  assert.ok(after.arrayBuffers - before.arrayBuffers < 2 ** 20);
});
