// The names task: which language is a first name of? The name is fed bit by bit, and the network
// is asked after the last one.

export const LANGUAGES = ['turkish', 'italian'];
export const LONGEST_NAME = 20;

/** The bits of a text's UTF-8 bytes, the most significant first, as steps of one value: -1 or 1. */
export function bits(text) {
  return [...new TextEncoder().encode(text.toLowerCase())].flatMap((byte) =>
    Array.from({ length: 8 }, (_, index) => [(byte >> (7 - index)) & 1 ? 1 : -1]),
  );
}

/** Training and held-out samples: of each language every fourth name is held out. */
export function samples(names) {
  const split = { training: [], heldOut: [] };
  LANGUAGES.forEach((language, label) => {
    const output = LANGUAGES.map((_, index) => Number(index === label));
    names[language].forEach((name, index) => {
      split[index % 4 === 3 ? 'heldOut' : 'training'].push({ input: bits(name), output });
    });
  });
  return split;
}

/** Class probabilities of a name, by language. */
export function classify(network, name) {
  const probabilities = network.activateSequence(bits(name)).at(-1);
  return Object.fromEntries(LANGUAGES.map((language, index) => [language, probabilities[index]]));
}
