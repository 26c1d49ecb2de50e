// Reads words out of noisy Morse code: nobody says at which step a letter is.
//
//   node examples/16-morse.mjs

import { SequenceTranscriber } from 'engram';

const MORSE = { e: '.', t: '-', a: '.-', n: '-.', s: '...', o: '---' };
let state = 1;
const random = () => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};
const pick = (list) => list[Math.floor(random() * list.length)];

/** The loudness at every step of some letters, keyed at a speed of their own. */
function key(word) {
  const dot = 1 + random();
  const keyed = (level, dots) => new Array(Math.round(dot * dots + random())).fill(level);
  const letter = (code) => [...code].flatMap((sign) => [...keyed(1, sign === '.' ? 1 : 3), ...keyed(0, 1)]);
  const signal = [...word].flatMap((each) => [...letter(MORSE[each]), ...keyed(0, 2)]);
  return [...keyed(0, 2), ...signal].map((level) => level + 0.3 * (random() - 0.5));
}
const words = (count) =>
  Array.from({ length: count }, () => {
    const output = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(Object.keys(MORSE))).join('');
    return { input: key(output), output };
  });

const transcriber = new SequenceTranscriber({ bidirectional: true, seed: 1 });
const { time } = await transcriber.fit(words(400), { epochs: 40, rate: 0.02, decay: { type: 'cosine' } });
const { errorRate, accuracy } = transcriber.evaluate(words(200), { beam: 10 });
console.log(`trained in ${Math.round(time)} ms`);
console.log(
  `new words: ${(100 * errorRate).toFixed(1)} % of the letters wrong, ${(100 * accuracy).toFixed()} % of the words right`,
);
console.log(`it says ${transcriber.transcribe(key('notes'), { beam: 10 })}`);
