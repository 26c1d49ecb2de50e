// New names in the manner of Turkish first names, letter by letter.
//
//   node examples/10-names.mjs

import { readFileSync } from 'node:fs';
import { Encoder, SequenceGenerator } from 'engram';

const { turkish } = JSON.parse(readFileSync(new URL('names/first-names.json', import.meta.url), 'utf8'));
const heldOut = turkish.filter((_, index) => index % 10 === 0);
const names = turkish.filter((_, index) => index % 10 !== 0);
const generator = new SequenceGenerator({ encoder: Encoder.oneHot('abcdefghijklmnopqrstuvwxyz'), seed: 1 });
const { time } = await generator.fit(names, { epochs: 40, rate: 0.02, decay: { type: 'cosine' } });
console.log(`trained in ${Math.round(time)} ms, perplexity ${generator.perplexity(heldOut).toFixed(1)} of 27`);
const made = Array.from({ length: 10 }, (_, seed) => generator.generate('', { temperature: 0.7, seed }));
console.log(made.join(', '));
const [[likely, share]] = generator.next('yasemi').probabilities;
console.log(`after yasemi: ${likely}, ${(100 * share).toFixed()} %`);
