// A program that does the page's training elsewhere.

import { alphabetOf, fitOptions, modelOptions } from './model.js';

/** A program that trains the same network on the same samples, downloaded beside it. */
export function code(settings, data) {
  const encoder = {
    bits: 'Encoder.bits()',
    bytes: 'Encoder.bytes()',
    characters: `Encoder.oneHot(${settings.encoder === 'characters' ? JSON.stringify(alphabetOf(data)) : ''})`,
    words: 'Encoder.tokens()',
    numeric: `Encoder.numeric({ channels: ${data.channels}${settings.window > 1 ? `, window: ${settings.window}` : ''} })`,
  }[settings.encoder];
  const lines = (options) =>
    Object.entries(options)
      .map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`)
      .join('');
  const hasHeldOut = data.heldOut.length > 0;
  return `// npm install engram; engram-data.json is what "Download data" gives
import { readFileSync } from 'node:fs';
import { Encoder, SequenceClassifier } from 'engram';

const { training, heldOut } = JSON.parse(readFileSync('engram-data.json', 'utf8'));
const classifier = new SequenceClassifier({
  labels: ${JSON.stringify(data.labels)},
  encoder: ${encoder},
${lines(modelOptions(settings))}});
await classifier.fit(training, {
${lines(fitOptions(settings))}${hasHeldOut ? '  validation: heldOut,\n' : ''}  log: true,
});
console.log(classifier.evaluate(${hasHeldOut ? 'heldOut' : 'training'}).accuracy);
console.log(classifier.classify(training[0].input));
`;
}
