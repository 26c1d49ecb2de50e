// SequenceGenerator: texts, and lists of symbols, in the manner of others.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Architect, Encoder, SequenceGenerator, unpack } from 'engram';
import { SEED } from '../support/random.mjs';

const names = JSON.parse(readFileSync(new URL('../../examples/names/first-names.json', import.meta.url), 'utf8'));
const letters = () => Encoder.oneHot('abcdefghijklmnopqrstuvwxyz');
const few = ['abcabc', 'bcabca', 'cabc'];
const make = (options) => new SequenceGenerator({ encoder: Encoder.oneHot('abc'), hidden: [8], seed: 1, ...options });

test(`in the manner of 1,000 names, by the bigrams of those held out, seed ${SEED}`, async () => {
  const all = [...names.turkish, ...names.italian];
  const [samples, heldOut] = [0, 1].map((part) => all.filter((_, index) => (index % 4 === 3) === (part === 1)));
  const bigrams = (texts) =>
    texts.flatMap((text) => [...`^${text}$`].slice(1).map((next, at) => `^${text}$`[at] + next));
  const plausible = new Set(bigrams(heldOut));
  const share = (texts) => bigrams(texts).filter((pair) => plausible.has(pair)).length / bigrams(texts).length;
  const generator = new SequenceGenerator({ encoder: letters(), hidden: [32], seed: SEED });
  const { accuracy } = await generator.fit(samples, { epochs: 20, rate: 0.02, decay: { type: 'cosine' } });
  assert.ok(accuracy > 0.3, `${accuracy}`);
  const made = Array.from({ length: 150 }, (_, seed) => generator.generate('', { seed, temperature: 0.7 }));
  assert.ok(
    share(made) > 0.95,
    `plausible ${share(made)}, perplexity ${generator.perplexity(heldOut)}; the names trained on: ${share(samples)}`,
  );
  assert.ok(new Set(made).size > 100, `${new Set(made).size} different ones`);
  const perplexity = generator.perplexity(heldOut);
  assert.ok(perplexity > 1 && perplexity < 13, `perplexity ${perplexity} of 27`);
});

test('a text that goes on one way is continued that way', async () => {
  const generator = make();
  await generator.fit(few, { epochs: 150 });
  assert.equal(generator.generate('ab', { count: 4, temperature: 0 }).slice(0, 3), 'cab');
  const { probabilities, end } = generator.next('ab');
  assert.deepEqual([...probabilities.keys()][0], 'c');
  assert.ok(probabilities.get('c') > 0.9);
  const sum = [...probabilities.values()].reduce((all, share) => all + share, end);
  assert.ok(Math.abs(sum - 1) < 1e-9);
  assert.ok(generator.perplexity(few) < 2);
  assert.ok(generator.perplexity(['ccc']) > 10);
});

test('perplexity and next are of the same probabilities', async () => {
  const generator = make();
  await generator.fit(few, { epochs: 3 });
  const text = 'cab';
  let sum = -Math.log(generator.next(text).end);
  [...text].forEach((symbol, at) => {
    sum -= Math.log(generator.next(text.slice(0, at)).probabilities.get(symbol));
  });
  assert.ok(Math.abs(generator.perplexity([text]) - Math.exp(sum / 4)) < 1e-9);
  // A symbol that is not known is read, and not counted.
  assert.ok(Number.isFinite(generator.perplexity(['a?b'])));
});

test('one seed makes one text; temperature, topK and topP shape the draw', async () => {
  const generator = make();
  await generator.fit(few, { epochs: 5 });
  const options = { count: 200, seed: 7, temperature: 1.5 };
  assert.equal(generator.generate('a', options), generator.generate('a', options));
  const texts = [7, 8, 2 ** 32 + 7, 2 ** 33 + 7, 2 ** 53 - 1].map((seed) =>
    generator.generate('a', { ...options, seed }),
  );
  assert.equal(new Set(texts).size, texts.length, 'every bit of a seed counts');
  const made = (change) =>
    Array.from({ length: 100 }, (_, seed) => generator.generate('', { count: 1, seed, ...change }));
  const { probabilities, end } = generator.next('');
  const [[most, share]] = [...probabilities];
  const count = (texts, symbol) => texts.filter((text) => text === symbol).length;
  assert.ok(Math.abs(count(made(), most) / 100 - share) < 0.15);
  assert.equal(count(made({ topK: 1 }), most), 100);
  assert.equal(count(made({ topP: 1e-6 }), most), 100);
  assert.equal(count(made({ temperature: 1e-9 }), most), 100);
  assert.equal(count(made({ temperature: 0 }), most), 100);
  const flat = made({ temperature: 1e9 });
  for (const symbol of ['a', 'b', 'c', '']) assert.ok(count(flat, symbol) > 10, `${symbol}: ${count(flat, symbol)}`);
  assert.ok(end > 0 && end < 1);
  // By the power of each probability, as Math.pow has it.
  const powers = [...probabilities.values(), end].map((value) => value ** 2);
  const expected = powers[0] / powers.reduce((sum, power) => sum + power);
  assert.ok(Math.abs(count(made({ temperature: 0.5 }), most) / 100 - expected) < 0.15);
});

test('words, notes and characters in a file; until ends a text', async () => {
  const words = make({ encoder: Encoder.tokens({ embedding: 4 }) });
  await words.fit(['the cat sat', 'the cat ran', 'The dog sat'], { epochs: 80, rate: 0.05 });
  assert.match(words.generate('the', { temperature: 0 }), /^(cat|dog) (sat|ran)$/);
  assert.equal(words.generate('', { temperature: 0, until: 'cat' }), 'the');
  const notes = make({ encoder: Encoder.symbols() });
  await notes.fit(
    [
      ['C4', 60, 'E4'],
      ['C4', 60, 'E4', 'G4'],
    ],
    { epochs: 80, rate: 0.05 },
  );
  assert.deepEqual(notes.generate([], { count: 3, temperature: 0 }), ['C4', 60, 'E4']);
  assert.deepEqual(notes.generate(['C4'], { count: 3, temperature: 0, until: 60 }), []);
  assert.ok(notes.next(['C4']).probabilities.get(60) > 0.5);
  const text = make({ encoder: Encoder.tokens({ split: 'characters', embedding: 3 }) });
  await text.fit(['ab\ncd\n', 'ab\n'], { epochs: 3 });
  assert.equal(typeof text.generate('a', { count: 5, seed: 1, until: '\n' }), 'string');
});

test('long texts are learnt in pieces, each read after the one before', async () => {
  const period = 'abcacbb';
  const long = period.repeat(60);
  const generator = make({ hidden: [16] });
  const run = await generator.fit([long], { epochs: 40, piece: 21, rate: 0.02 });
  assert.ok(run.accuracy > 0.95, `${run.accuracy}`);
  const made = generator.generate(period.repeat(2), { count: 14, temperature: 0 });
  assert.equal(made, period.repeat(2));
  // Texts that fit in a piece are learnt the same, whatever the piece.
  const [one, other] = [make(), make()];
  await one.fit(few, { epochs: 2, piece: 7 });
  await other.fit(few, { epochs: 2, piece: 1000 });
  assert.deepEqual(one.toJSON(), other.toJSON());
});

test('one seed gives one model; JSON, packs and checkpoints hold all of it', async () => {
  for (const encoder of [Encoder.oneHot('abc'), Encoder.tokens({ split: 'characters', embedding: 3 })]) {
    const model = make({ encoder });
    const saved = [];
    await model.fit(few, { epochs: 6, checkpointEvery: 3, onCheckpoint: (bytes) => saved.push(bytes.slice()) });
    const resumed = make({ encoder });
    await resumed.fit(few, { epochs: 6, resume: saved[0] });
    assert.deepEqual(resumed.toJSON(), model.toJSON());
    const loaded = SequenceGenerator.fromJSON(JSON.parse(JSON.stringify(model)));
    const options = { count: 50, seed: 3 };
    assert.equal(loaded.generate('a', options), model.generate('a', options));
    const pack = unpack(await make({ encoder }).pack(few, { epochs: 6 }));
    await pack.train();
    assert.deepEqual(pack.model.toJSON(), model.toJSON());
    const run = model.fit(few, { epochs: 1e6, onProgress: () => run.abort() });
    assert.equal((await run).stopped, 'aborted');
  }
});

test('a network becomes a generator', () => {
  const options = { variant: 'standard', output: 'softmax', seed: 1 };
  const generator = SequenceGenerator.fromNetwork(new Architect.LSTM(5, 3, 4, options), {
    encoder: Encoder.oneHot('abc'),
  });
  assert.equal(typeof generator.generate('a', { seed: 1 }), 'string');
  for (const [network, message] of [
    [new Architect.LSTM(4, 3, 4, options), /4 inputs and 4 outputs, .* ask for 5 and 4/],
    [new Architect.LSTM(5, 3, 4, { ...options, bidirectional: true }), /reads from both ends/],
  ]) {
    assert.throws(() => SequenceGenerator.fromNetwork(network, { encoder: Encoder.oneHot('abc') }), { message });
  }
});

test('what is wrong is refused by name, and changes nothing', async () => {
  const refuse = (call, name, message) => assert.throws(call, { name, message });
  refuse(
    () => make({ encoder: Encoder.numeric() }),
    'RangeError',
    /^new SequenceGenerator: options\.encoder is .*, expected an encoder of symbols/,
  );
  refuse(() => make({ encoder: Encoder.bytes() }), 'RangeError', /expected an encoder of symbols/);
  refuse(() => make({ bidirectional: true }), 'TypeError', /options\.bidirectional is not known/);
  refuse(() => make().generate('a'), 'TypeError', /^SequenceGenerator\.generate: the model has not been fitted/);
  const generator = make();
  const before = JSON.stringify(generator);
  for (const [texts, options, name, message] of [
    [[], {}, 'RangeError', /texts is an array of 0/],
    [[''], {}, 'RangeError', /texts\[0\] is "", expected an input of at least one step/],
    [['a', 3], {}, 'TypeError', /texts\[1\] is 3, expected a string/],
    [few, { piece: 0 }, 'RangeError', /options\.piece is 0/],
    [few, { classWeights: 'balanced' }, 'TypeError', /options\.classWeights is not known/],
    [['a'], { validation: 0.5 }, 'RangeError', /options\.validation is 0\.5/],
  ]) {
    await assert.rejects(generator.fit(texts, options), { name, message });
    assert.equal(JSON.stringify(generator), before);
  }
  await generator.fit(few, { epochs: 1 });
  refuse(() => generator.generate(3), 'TypeError', /start is 3, expected a string/);
  for (const [options, message] of [
    [{ count: 0 }, /options\.count is 0/],
    [{ temperature: -1 }, /options\.temperature is -1/],
    [{ temperature: Infinity }, /options\.temperature is Infinity/],
    [{ topK: 0 }, /options\.topK is 0/],
    [{ topP: 0 }, /options\.topP is 0/],
    [{ topP: 1.1 }, /options\.topP is 1\.1/],
    [{ until: 'x' }, /options\.until is "x", expected a symbol that the encoder knows/],
    [{ seed: -1 }, /options\.seed is -1/],
    [{ topk: 3 }, /options\.topk is not known; did you mean 'topK'/],
  ]) {
    refuse(() => generator.generate('a', options), /Error/, message);
  }
  refuse(() => generator.perplexity([]), 'RangeError', /texts is an array of 0/);
});

test('truncate learns a long text whole, with an update after every so many symbols', async () => {
  const text = 'abcbca'.repeat(60);
  const fitted = async (options) => {
    const generator = make();
    const { error } = await generator.fit([text], { epochs: 6, rate: 0.02, ...options });
    return { generator, error };
  };
  const carried = await fitted({ truncate: 12 });
  assert.ok(carried.generator.perplexity([text]) < 1.2, `${carried.generator.perplexity([text])}`);
  // Without, the text is gone through as often, with an update each time.
  const once = await fitted({ truncate: 12, stateful: false });
  assert.ok(once.error > 2 * carried.error, `${once.error} and ${carried.error}`);
});

test('carried states go on from a checkpoint, from a pack and with threads, to the bit', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `${'ab'[index % 2]}-ba--ab-a`.slice(0, 3 + (index % 8)));
  const make = () => new SequenceGenerator({ encoder: Encoder.oneHot('ab-'), hidden: [5], seed: 4 });
  const options = { truncate: 3, epochs: 3, batchSize: 36, validation: 0.1 };
  const bits = ({ network }) => [...network.weights, ...network.biases];
  const whole = make();
  await whole.fit(texts, { ...options, threads: 1 });
  const shared = make();
  await shared.fit(texts, { ...options, threads: 2 });
  assert.deepEqual(bits(shared), bits(whole));
  const run = make().fit(texts, { ...options, epochs: 300 });
  const inBetween = await run.checkpoint();
  run.abort();
  await run;
  const [long, first] = [make(), make()];
  await first.fit(texts, { ...options, epochs: 300, resume: inBetween });
  await long.fit(texts, { ...options, epochs: 300 });
  assert.deepEqual(bits(first), bits(long));
  const pack = unpack(await make().pack(texts, options));
  await pack.train();
  assert.deepEqual(bits(pack.model), bits(whole));
});

test('stateful needs truncate, and truncate no pieces', async () => {
  const make = () => new SequenceGenerator({ encoder: Encoder.oneHot('ab-'), hidden: [5], seed: 4 });
  await assert.rejects(make().fit(['ab'], { stateful: true }), {
    name: 'RangeError',
    message: /^SequenceGenerator\.fit: options\.stateful is true, expected false without options\.truncate/,
  });
  await assert.rejects(make().fit(['ab'], { truncate: 5, piece: 5 }), {
    message: /options\.piece is 5, expected left out with options\.truncate/,
  });
});
