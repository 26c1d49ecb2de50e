// What all encoders have in common: a model has its own, lists of symbols, empty inputs, a class that is closed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequencePredictor, SequenceTagger } from 'engram';

const plain = (value) => JSON.parse(JSON.stringify(value));
const labels = ['x', 'y'];

const shared = {
  tokens: {
    encoder: () => Encoder.tokens({ embedding: 3 }),
    sets: [
      ['one two', 'two three'],
      ['four five six seven', 'five eight'],
    ],
  },
  symbols: {
    encoder: () => Encoder.symbols(),
    sets: [
      [
        ['C4', 'E4'],
        ['E4', 3],
      ],
      [
        [1, 2, 3],
        [7, 8],
      ],
    ],
  },
  numeric: {
    encoder: () => Encoder.numeric(),
    sets: [
      [
        [1, 2, 3],
        [4, 2],
      ],
      [
        [1000, -2000],
        [0, 500, 3],
      ],
    ],
  },
};
const samplesOf = (inputs) => inputs.map((input, index) => ({ input, label: labels[index] }));

for (const [name, { encoder: make, sets }] of Object.entries(shared)) {
  const [first, second] = sets.map(samplesOf);
  const model = (encoder) => new SequenceClassifier({ labels, encoder, hidden: [4], seed: 1 });

  test(`models that are given one encoder of ${name} learn apart`, async () => {
    const encoder = make();
    const untouched = JSON.stringify(encoder);
    const [one, two] = [model(encoder), model(encoder)];
    assert.notEqual(one.encoder, encoder);
    await one.fit(first, { epochs: 2 });
    const [answer, steps] = [one.classify(first[0].input), one.encoder.encode(first[0].input)];
    const stored = JSON.stringify(one.encoder);
    await two.fit(second, { epochs: 2 });
    assert.equal(JSON.stringify(one.encoder), stored);
    assert.deepEqual(one.classify(first[0].input), answer);
    assert.deepEqual(one.encoder.encode(first[0].input), steps);
    assert.notEqual(JSON.stringify(two.encoder), stored);
    assert.equal(JSON.stringify(encoder), untouched);

    const alone = model(make());
    await alone.fit(second, { epochs: 2 });
    assert.deepEqual(two.classify(second[1].input), alone.classify(second[1].input));
    const both = [model(encoder), model(encoder)];
    await Promise.all([both[0].fit(first, { epochs: 2 }), both[1].fit(second, { epochs: 2 })]);
    assert.deepEqual(both[0].classify(first[0].input), answer);
    assert.deepEqual(both[1].classify(second[1].input), alone.classify(second[1].input));
    // A later fit goes on with what was learnt at the first.
    await one.fit(second, { epochs: 1 });
    assert.equal(JSON.stringify(one.encoder), stored);
  });

  test(`a model keeps what an encoder of ${name} learnt before, and forgets only what it learnt itself`, async () => {
    const encoder = make();
    encoder.fit([...sets[0], ...sets[1]]);
    const stored = JSON.stringify(encoder);
    const classifier = model(encoder);
    assert.equal(JSON.stringify(classifier.encoder), stored);
    await assert.rejects(classifier.fit([...first, { input: null, label: 'x' }]), /samples\[2\]\.input is null/);
    assert.equal(JSON.stringify(classifier.encoder), stored);
    await classifier.fit(first, { epochs: 1 });
    assert.equal(JSON.stringify(classifier.encoder), stored);
    classifier.free();
    assert.equal(JSON.stringify(classifier.encoder), stored);
    // The encoder that was given may go on to learn; the model's does not.
    const answers = model(encoder);
    await answers.fit(first, { epochs: 1 });
    encoder.fit(sets[1]);
    assert.equal(JSON.stringify(answers.encoder), stored);

    const fresh = model(make());
    const before = JSON.stringify(fresh);
    await assert.rejects(fresh.fit([...first, { input: null, label: 'x' }]), {
      name: 'TypeError',
      message: /^SequenceClassifier\.fit: samples\[2\]\.input is null/,
    });
    await assert.rejects(fresh.fit(first, { threads: 0 }), /threads/);
    assert.equal(JSON.stringify(fresh), before);
    await fresh.fit(first, { epochs: 1 });
    const copy = SequenceClassifier.fromJSON(plain(fresh));
    for (const freed of [fresh, copy]) {
      freed.free();
      await freed.fit(second, { epochs: 1 });
      const other = make();
      other.fit(sets[1]);
      assert.deepEqual(plain(freed.encoder), plain(other));
    }
  });
}

test("a model's encoder is fitted by the model alone, and may be given to others", async () => {
  const classifier = new SequenceClassifier({ labels, encoder: Encoder.tokens(), hidden: [2], seed: 1 });
  await classifier.fit(samplesOf(shared.tokens.sets[0]), { epochs: 1 });
  const { encoder } = classifier;
  const stored = JSON.stringify(encoder);
  assert.throws(() => encoder.fit(['other words']), { name: 'TypeError', message: /Encoder\.fit: .* model's own/ });
  const tagger = new SequenceTagger({ labels, encoder, hidden: [2], seed: 1 });
  await tagger.fit([{ input: 'nothing known', labels }], { epochs: 1 });
  assert.equal(JSON.stringify(tagger.encoder), stored);
  assert.equal(JSON.stringify(encoder), stored);
});

test('an empty input has no steps, and no model takes it', async () => {
  const empty = [
    [Encoder.bits(), '', 'a'],
    [Encoder.bytes(), '', 'a'],
    [Encoder.oneHot('ab'), '', 'a'],
    [Encoder.symbols({ symbols: ['a'] }), [], ['a']],
    [Encoder.numeric({ normalize: false }), [], [1]],
  ];
  for (const [encoder, input, other] of empty) {
    assert.deepEqual(encoder.encode(input), []);
    const { type } = encoder.toJSON();
    const classifier = new SequenceClassifier({ labels, encoder, hidden: [2], seed: 1 });
    const tagger = new SequenceTagger({ labels, encoder, hidden: [2], seed: 1 });
    const refused = (call, field) => ({
      name: 'RangeError',
      message: new RegExp(`^${call}: ${field} is .*, expected an input of at least one step \\(leave empty ones out`),
    });
    const sample = { input: other, label: 'x' };
    await assert.rejects(
      classifier.fit([sample, { input, label: 'y' }]),
      refused('SequenceClassifier\\.fit', 'samples\\[1\\]\\.input'),
      type,
    );
    await assert.rejects(
      classifier.fit([sample], { validation: [{ input, label: 'y' }] }),
      refused('SequenceClassifier\\.fit', 'options\\.validation\\[0\\]\\.input'),
    );
    assert.equal(classifier.network, null);
    await classifier.fit([sample], { epochs: 1 });
    await tagger.fit([{ input: other, labels: encoder.encode(other).map(() => 'x') }], { epochs: 1 });
    for (const [call, name, field] of [
      [() => classifier.classify(input), 'SequenceClassifier\\.classify', 'input'],
      [() => classifier.classifyAll([other, input]), 'SequenceClassifier\\.classifyAll', 'inputs\\[1\\]'],
      [() => classifier.evaluate([{ input, label: 'x' }]), 'SequenceClassifier\\.evaluate', 'samples\\[0\\]\\.input'],
      [() => tagger.tag(input), 'SequenceTagger\\.tag', 'input'],
    ]) {
      assert.throws(call, refused(name, field), `${type}: ${call}`);
    }
  }
  const predictor = new SequencePredictor({ hidden: [2], seed: 1 });
  await assert.rejects(predictor.fit([[1, 2], []]), {
    name: 'RangeError',
    message: /series\[1\] .*at least two steps/,
  });
  await predictor.fit([[1, 2]], { epochs: 1 });
  assert.throws(() => predictor.predict([]), { name: 'RangeError', message: /series is an array of 0/ });
});

test('labels and steps of a tagger that differ in number are refused with both', async () => {
  const tagger = new SequenceTagger({ labels, encoder: Encoder.oneHot('ab'), hidden: [2], seed: 1 });
  await assert.rejects(tagger.fit([{ input: 'abb', labels }]), {
    name: 'RangeError',
    message: /samples\[0\]\.input has 3 steps for 2 labels/,
  });
});

test('symbols are those of the training set, or those that are given', () => {
  const encoder = Encoder.symbols();
  assert.equal(encoder.size, 0);
  encoder.fit([['C#4', 'E4', 'E4'], ['3', 3, '3'], Uint16Array.of(3, 12)]);
  const { vocabulary } = encoder.toJSON();
  // The most frequent first, then numbers before texts.
  assert.deepEqual(vocabulary, [3, '3', 'E4', 12, 'C#4']);
  assert.equal(encoder.size, 6);
  assert.deepEqual(
    encoder.encode(['E4', 3, '3', 'e4', 4]).map((step) => step.indexOf(1)),
    [2, 0, 1, 5, 5],
  );
  assert.deepEqual(encoder.encode([3]), [[1, 0, 0, 0, 0, 0]]);
  const few = Encoder.symbols({ most: 1 });
  few.fit([[10, 9, 2]]);
  assert.deepEqual(few.encode([2, 9]), [
    [1, 0],
    [0, 1],
  ]);

  const given = Encoder.symbols({ symbols: ['rest', 60, 64], embedding: 5 });
  assert.deepEqual([given.size, given.embedding], [4, 5]);
  const stored = plain(given);
  given.fit([['other']]);
  assert.deepEqual(plain(given), stored);
  assert.deepEqual(given.encode([64, 'other', 'rest']), [
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [1, 0, 0, 0],
  ]);
  for (const one of [encoder, few, given, Encoder.symbols()]) {
    assert.deepEqual(Encoder.fromJSON(plain(one)).toJSON(), one.toJSON());
  }
  const copy = Encoder.fromJSON(stored);
  copy.fit([['other']]);
  assert.deepEqual(plain(copy), stored);
});

test('models learn from symbols, with and without an embedding', async () => {
  const up = ['C4', 'C#4', 'E4', 'G4'];
  const samples = Array.from({ length: 24 }, (_, index) => {
    const tune = [...up.slice(index % 3), ...up.slice(0, index % 3)];
    return index % 2 === 0 ? { input: tune, label: 'x' } : { input: tune.toReversed(), label: 'y' };
  });
  for (const options of [{}, { embedding: 4 }, { symbols: up, embedding: 4 }, { symbols: up }]) {
    const encoder = Encoder.symbols(options);
    const classifier = new SequenceClassifier({ labels, encoder, hidden: [8], seed: 1 });
    await classifier.fit(samples, { epochs: 80 });
    assert.equal(classifier.evaluate(samples).accuracy, 1, JSON.stringify(options));
    const embedded = classifier.network.layout.layers.find(({ name }) => name === 'embedding');
    assert.equal(embedded?.size ?? 0, options.embedding ?? 0);
    const copy = SequenceClassifier.fromJSON(plain(classifier));
    assert.deepEqual(copy.classify(['E4', 'unheard']), classifier.classify(['E4', 'unheard']));
    classifier.free();
    copy.free();
  }
});

test('symbols that are none are refused by name', () => {
  const encoder = Encoder.symbols({ symbols: ['a', 1] });
  for (const [call, name, message] of [
    [() => encoder.encode('a'), 'TypeError', /input is "a", expected an array of symbols/],
    [() => encoder.encode(['a', null]), 'TypeError', /input\[1\] is null/],
    [() => encoder.encode([NaN]), 'RangeError', /input\[0\] is NaN/],
    [() => encoder.encode([['a']]), 'TypeError', /input\[0\] is an array/],
    [() => encoder.fit([['a'], 7]), 'TypeError', /Encoder\.fit: inputs\[1\] is 7/],
    [() => Encoder.symbols().encode(['a']), 'TypeError', /no symbols yet; fit it first/],
    [() => Encoder.symbols({ symbols: [] }), 'RangeError', /options\.symbols/],
    [() => Encoder.symbols({ symbols: 'abc' }), 'TypeError', /options\.symbols is "abc"/],
    [
      () => Encoder.symbols({ symbols: ['a', 'b', 'a'] }),
      'RangeError',
      /options\.symbols\[2\] is "a".*not come before/,
    ],
    [() => Encoder.symbols({ symbols: ['a'], most: 3 }), 'RangeError', /options\.most is 3, expected left out/],
    [() => Encoder.symbols({ most: 0 }), 'RangeError', /options\.most/],
    [() => Encoder.symbols({ embedding: -1 }), 'RangeError', /options\.embedding/],
    [() => Encoder.symbols({ symbol: ['a'] }), 'TypeError', /did you mean 'symbols'/],
    [
      () => Encoder.symbols({ symbols: Array.from({ length: 1_000_001 }, (_, id) => id) }),
      'RangeError',
      /at most 1000000/,
    ],
  ]) {
    assert.throws(call, { name, message }, String(call));
  }
  const json = { type: 'symbols', most: 2, embedding: 0, vocabulary: ['a', 'b'] };
  for (const [wrong, name] of [
    [{ vocabulary: ['a', 'b', 'c'] }, 'RangeError'],
    [{ vocabulary: ['a', 'a'] }, 'RangeError'],
    [{ vocabulary: [{}] }, 'TypeError'],
    [{ vocabulary: undefined }, 'TypeError'],
    [{ most: null, vocabulary: null }, 'TypeError'],
    [{ most: 'all' }, 'TypeError'],
    [{ embedding: undefined }, 'TypeError'],
  ]) {
    assert.throws(() => Encoder.fromJSON({ ...json, ...wrong }), { name, message: /json\./ }, JSON.stringify(wrong));
  }
  const options = { labels, encoder: Encoder.symbols({ embedding: 2 }), variant: 'synaptic' };
  assert.throws(() => new SequenceClassifier(options), { name: 'RangeError', message: /options\.encoder/ });
});

test('encoders are made by Encoder alone', () => {
  class Morse extends Encoder {
    encode() {
      return [[1]];
    }
  }
  const closed = { name: 'TypeError', message: /^new Encoder: the class is neither called nor extended, expected/ };
  assert.throws(() => new Morse(), closed);
  assert.throws(() => new Encoder(), closed);
  assert.throws(() => Reflect.construct(Encoder, [{}], Morse), closed);
  const lookalikes = [Object.create(Encoder.prototype), Encoder.bits().toJSON(), { steps: () => [[1]] }, Encoder, null];
  for (const encoder of lookalikes) {
    assert.throws(() => new SequenceClassifier({ labels, encoder }), {
      name: 'TypeError',
      message: /options\.encoder is .*, expected an Encoder/,
    });
  }
  assert.ok(Encoder.bits() instanceof Encoder);
});

test('parts say what each step stands for, one per step', () => {
  const tokens = Encoder.tokens();
  tokens.fit(['play C#4']);
  const symbols = Encoder.symbols({ symbols: ['C#4', 7] });
  const series = Encoder.numeric({ normalize: false });
  const cases = [
    [tokens, 'Play C#4, -3.5!', ['play', 'c#4', '-3.5']],
    [tokens, '...', ['']],
    [Encoder.oneHot('ab'), 'aß', ['a', 'ß']],
    [Encoder.bytes(), 'aß', ['a', 'ß', 'ß']],
    [Encoder.bits(), 'ß', new Array(16).fill('ß')],
    [symbols, ['C#4', 7, 'x'], ['C#4', '7', 'x']],
    [series, [5, 6], ['1', '2']],
  ];
  for (const [encoder, input, parts] of cases) {
    assert.deepEqual(encoder.parts(input), parts);
    assert.equal(encoder.encode(input).length, parts.length);
  }
  assert.deepEqual(Encoder.tokens().parts('not fitted'), ['not', 'fitted']);
  assert.throws(() => Encoder.bytes().parts(3), /Encoder\.parts: input is 3/);
});
