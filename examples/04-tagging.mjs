// A label for every step: where numbers and words stand in a line. Each character is a step, and both
// directions are read, since what a character belongs to may show after it.
//
//   node examples/04-tagging.mjs

import { Encoder, SequenceTagger } from 'engram';

const kinds = { price: ['€5', '€12', '€340'], code: ['A12', 'B7', 'C305'] };
const words = ['for', 'the', 'ticket', 'take', 'and', 'see'];
let state = 3;
const pick = (list) => {
  state = (state * 16_807) % 2_147_483_647;
  return list[state % list.length];
};

/** A line of words, prices and codes, with the kind of every character. */
function line() {
  const parts = Array.from({ length: 5 }, () => {
    const kind = pick(['word', 'price', 'code']);
    return { kind, text: pick(kinds[kind] ?? words) };
  });
  const input = parts.map(({ text }) => text).join(' ');
  const tags = parts.flatMap(({ kind, text }, index) => [
    ...(index > 0 ? ['word'] : []),
    ...Array.from(text, () => kind),
  ]);
  return { input, labels: tags };
}

const tagger = new SequenceTagger({
  labels: ['word', 'price', 'code'],
  encoder: Encoder.oneHot('abcdefghijklmnopqrstuvwxyzABC0123456789€ '),
  hidden: [16],
  bidirectional: true,
  seed: 1,
});
await tagger.fit(Array.from({ length: 80 }, line), { epochs: 30 });
console.log(`accuracy ${tagger.evaluate(Array.from({ length: 20 }, line)).accuracy.toFixed(3)}`);
const text = 'take A7 and see €41';
console.log(text);
console.log(
  tagger
    .tag(text)
    .map(({ label }) => label[0])
    .join(''),
);
