// How texts are cut into words: in every script, the same in every runtime, and as old models did it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequenceClassifier, SequenceTagger } from 'engram';

const plain = (value) => JSON.parse(JSON.stringify(value));

/** The words of a text, by what an encoder learns from it. */
function wordsOf(text, options) {
  const encoder = Encoder.tokens(options);
  encoder.fit([text]);
  const { vocabulary } = encoder.toJSON();
  return encoder.encode(text).map((step) => {
    assert.equal(step.length, encoder.size);
    assert.equal(step.filter(Boolean).length, 1);
    return vocabulary[step.indexOf(1)];
  });
}

/** What is written, and its words. */
const texts = {
  'plain words, without their case': ['Good day, GOOD people!', ['good', 'day', 'good', 'people']],
  'marks of Hindi': ['हिन्दी में लिखना', ['हिन्दी', 'में', 'लिखना']],
  'marks of Thai, which puts no spaces': ['ภาษาไทย นี้', ['ภาษาไทย', 'นี้']],
  'points of Hebrew': ['שָׁלוֹם עֲלֵיכֶם', ['שָׁלוֹם', 'עֲלֵיכֶם'].map((word) => word.normalize('NFC'))],
  'marks of Arabic': ['كِتَابٌ جَدِيد', ['كِتَابٌ', 'جَدِيد'].map((word) => word.normalize('NFC'))],
  'joiners within words of Persian': ['می\u200Cخواهم بروم', ['می\u200Cخواهم', 'بروم']],
  'Chinese and Japanese, one word per run of letters': ['日本語 です。', ['日本語', 'です']],
  'a Turkish capital with its dot': ['İstanbul istanbul ISTANBUL', ['istanbul', 'istanbul', 'istanbul']],
  'the two small sigmas of Greek': ['ΟΔΟΣ οδος', ['οδος', 'οδος']],
  'numbers with sign, point, comma and exponent': [
    '-3.5 +2 1,000 3,14 .5 -.5 2e-5 192.168.0.1',
    ['-3.5', '+2', '1,000', '3,14', '.5', '-.5', '2e-5', '192.168.0.1'],
  ],
  'a minus sign of typography': ['\u22127 degrees', ['-7', 'degrees']],
  'hyphens between numbers and words': ['10-5 2024-01-15 well-known', ['10', '5', '2024', '01', '15', 'well', 'known']],
  'points and commas that end a sentence': ['It was 3. Then, 4, or 5.', ['it', 'was', '3', 'then', '4', 'or', '5']],
  'numbers with units': ['3.5kg 3d v1.2', ['3.5kg', '3d', 'v1.2']],
  notes: ['C#4 E♭3 F# B', ['c#4', 'e♭3', 'f#', 'b']],
  'emoji that are joined, with skin tones, as flags, as keys': [
    'hi👋🏽 👩‍👩‍👧‍👦👩🏽‍⚕️🇩🇪🇫🇷🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣#️⃣',
    ['hi', '👋🏽', '👩‍👩‍👧‍👦', '👩🏽‍⚕', '🇩🇪', '🇫🇷', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1\u20E3', '#\u20E3'],
  ],
  'a heart, in colour or not': ['❤️ ❤', ['❤', '❤']],
  'soft hyphens': ['Donau\u00ADdampf', ['donaudampf']],
};
for (const [name, [text, words]] of Object.entries(texts)) {
  test(`words: ${name}`, () => {
    assert.deepEqual(wordsOf(text), words);
    assert.deepEqual(wordsOf(text, { split: 'words' }), words);
  });
}

test('composed and decomposed letters are the same words', () => {
  for (const text of ['café', 'Ångström', 'tiếng Việt', '한국어', 'שָׁלוֹם', 'İstanbul', '\u212B']) {
    const [composed, decomposed] = [text.normalize('NFC'), text.normalize('NFD')];
    assert.deepEqual(wordsOf(decomposed), wordsOf(composed), text);
    for (const split of ['words', 'whitespace', 'characters', ' ']) {
      assert.deepEqual(wordsOf(decomposed, { split }), wordsOf(composed, { split }), `${text}, ${split}`);
    }
  }
  const encoder = Encoder.tokens();
  encoder.fit(['café']);
  assert.deepEqual(encoder.encode('CAFE\u0301'), [[1, 0]]);
});

test('a text without a known word is one unknown word, also the empty text', async () => {
  const encoder = Encoder.tokens();
  encoder.fit(['one two', '...']);
  for (const text of ['', ' \n', '?!', 'three'])
    assert.deepEqual(encoder.encode(text), [[0, 0, 1]], JSON.stringify(text));
  for (const split of ['whitespace', 'characters', ',']) {
    const other = Encoder.tokens({ split });
    other.fit(['a']);
    assert.deepEqual(other.encode(''), [[0, 1]]);
  }
  const samples = [
    { input: 'yes please', label: 'yes' },
    { input: '', label: 'no' },
    { input: '---', label: 'no' },
  ];
  const classifier = new SequenceClassifier({ labels: ['yes', 'no'], encoder, hidden: [4], seed: 1 });
  await classifier.fit(samples, { epochs: 2 });
  assert.deepEqual(classifier.classify(''), classifier.classify('?'));
  const tagger = new SequenceTagger({ labels: ['yes', 'no'], encoder: Encoder.tokens(), hidden: [4], seed: 1 });
  await tagger.fit([{ input: '?', labels: ['no'] }], { epochs: 1 });
  assert.equal(tagger.tag('nothing').length, 1);
  assert.equal(tagger.encoder.size, 1);
});

test('texts are cut at spaces, into characters, or by a pattern', () => {
  assert.deepEqual(wordsOf(' Well-known,  C#4\n:-) ', { split: 'whitespace' }), ['well-known,', 'c#4', ':-)']);
  assert.deepEqual(wordsOf('日本, e\u0301न्', { split: 'characters' }), ['日', '本', ',', ' ', 'é', 'न्']);
  assert.deepEqual(wordsOf('a\r\n👩🏽‍⚕️🇩🇪', { split: 'characters' }), ['a', '\r\n', '👩🏽‍⚕', '🇩🇪']);
  assert.deepEqual(wordsOf('Ab, c;d,,', { split: '[,;]\\s*' }), ['ab', 'c', 'd']);
  // As String.prototype.split: groups are kept, also of alternatives; capitals stand as they are written.
  assert.deepEqual(wordsOf('1+2-x', { split: '(\\+)|-' }), ['1', '+', '2', 'x']);
  assert.deepEqual(wordsOf('camelCase', { split: '(?=\\p{Lu})' }), ['camel', 'case']);
});

test('how texts are cut is stored', () => {
  for (const split of ['words', 'whitespace', 'characters', '[,;]']) {
    const encoder = Encoder.tokens({ split, embedding: 3 });
    encoder.fit(['C#4, e\u0301; a']);
    const json = plain(encoder);
    assert.equal(json.split, split);
    const copy = Encoder.fromJSON(json);
    assert.deepEqual(copy.toJSON(), json);
    assert.deepEqual(copy.encode('c#4; A, É'), encoder.encode('c#4; A, É'));
  }
  assert.equal(Encoder.tokens().toJSON().split, 'words');
});

test('a stored encoder without a way to cut keeps the words that it has', () => {
  const json = { type: 'tokens', most: 9, embedding: 2, vocabulary: ['c', '4', 'stanbul', 'i'] };
  const encoder = Encoder.fromJSON(json);
  assert.deepEqual(plain(encoder), json);
  const slots = encoder.encode('C#4 İstanbul -4').map((step) => step.indexOf(1));
  assert.deepEqual(slots, [0, 1, 3, 2, 1]);
  const unfitted = Encoder.fromJSON({ ...json, vocabulary: null });
  unfitted.fit(['C#4 -3.5']);
  assert.deepEqual(unfitted.toJSON(), { ...json, vocabulary: ['3', '4', '5', 'c'] });
});

test('ways to cut that are none are refused by name', () => {
  const refusals = [
    [{ split: 7 }, TypeError, /options\.split is 7, expected 'words', 'whitespace', 'characters' or the source/],
    [{ split: null }, TypeError, /options\.split is null/],
    [{ split: /x/ }, TypeError, /options\.split is an object \(RegExp\)/],
    [{ split: '' }, RangeError, /options\.split is ""/],
    [{ split: 'word' }, RangeError, /options\.split is "word"/],
    [{ split: '[' }, RangeError, /options\.split is "\[".*with the flag u \(Invalid/],
    [{ split: '\\p{Nothing}' }, RangeError, /options\.split/],
    [{ split: `x${'?'.repeat(1000)}` }, RangeError, /options\.split .* at most 1000 characters/],
    [{ most: 0 }, RangeError, /options\.most/],
    [{ embedding: 0 }, RangeError, /options\.embedding/],
    [{ spilt: 'words' }, TypeError, /did you mean 'split'/],
  ];
  for (const [options, kind, message] of refusals) {
    assert.throws(() => Encoder.tokens(options), { name: kind.name, message }, JSON.stringify(options));
    if (!('split' in options)) continue;
    const json = { type: 'tokens', most: 5, embedding: 5, vocabulary: null, ...options };
    assert.throws(() => Encoder.fromJSON(json), { name: kind.name, message: /json\.split/ });
  }
  const stored = { type: 'tokens', most: 1, embedding: 5, split: 'words', vocabulary: null };
  for (const [vocabulary, kind] of [
    ['a', TypeError],
    [[1], TypeError],
    [['a', 'b'], RangeError],
  ]) {
    assert.throws(() => Encoder.fromJSON({ ...stored, vocabulary }), { name: kind.name, message: /json\.vocabulary/ });
  }
  const encoder = Encoder.tokens();
  assert.throws(() => encoder.encode('a'), { name: 'TypeError', message: /no vocabulary yet; fit it first/ });
  assert.throws(() => encoder.fit(['a', 7]), { name: 'TypeError', message: /Encoder\.fit: inputs\[1\] is 7/ });
  assert.equal(encoder.size, 0);
  assert.throws(() => encoder.fit('a'), { name: 'TypeError', message: /inputs is "a", expected an array/ });
});
