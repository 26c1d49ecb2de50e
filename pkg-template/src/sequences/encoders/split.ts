// How a text is cut into words. The rules are regular expressions over properties of Unicode, not
// Intl.Segmenter, whose words depend on the version of ICU that a runtime has.

import { outOfRange, wrongType } from '../../checks/errors.js';

/** Names of the ways in which texts are cut, besides regular expressions. */
export const splitNames = ['words', 'whitespace', 'characters'] as const;

/** Longest regular expression. */
const LONGEST = 1000;

// One picture, whatever it is made of: a flag of two letters; or people, things and tones of skin that are
// joined, with the tags of regional flags; a key (the mark of a key is one that stays with its letter).
const flag = String.raw`\p{Regional_Indicator}{2}`;
const picture = String.raw`\p{Extended_Pictographic}\p{Emoji_Modifier}?[\u{E0020}-\u{E007F}]*`;
const emoji = String.raw`${flag}|${picture}(?:\u200D${picture})*|[#*]\u20E3`;

// Letters and digits with their marks, and the joiners that are written within words of Persian and Hindi.
const run = String.raw`[\p{L}\p{N}\p{M}\u200C\u200D]`;
// Sign and point before the first digit, where nothing stands before that they could belong to.
const sign = String.raw`(?<![\p{L}\p{N}\p{M}.])[+\-]?\.?(?=\p{Nd})`;
// What does not end a word: point and comma between digits (Unicode's Annex 29, rules WB11 and WB12), the sign
// of an exponent, a sharp or flat after a letter.
const joiner = String.raw`(?<=\p{Nd})[.,](?=\p{Nd})|(?<=\p{Nd}[eE])[+\-](?=\p{Nd})|(?<=\p{L}\p{M}*)[#♯♭♮](?!\u20E3)`;
const word = String.raw`(?:${sign})?[\p{L}\p{N}]${run}*(?:(?:${joiner})${run}*)*`;

const patterns = {
  words: new RegExp(`${emoji}|${word}|\\p{Emoji_Presentation}`, 'gu'),
  whitespace: /\S+/gu,
  characters: new RegExp(String.raw`${emoji}|\r\n|\P{M}[\p{M}\u200C\u200D]*|\p{M}+`, 'gu'),
};

/** The word without its case. A Turkish capital I with its dot is an i; Unicode would leave the dot behind. */
const fold = (word: string): string => word.toLowerCase().replaceAll('i\u0307', 'i');

/** Composed letters, plain minus signs, and nothing that is invisible: soft hyphens, choices of how a symbol looks. */
const normalised = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/\u00AD|\uFE0E|\uFE0F/g, '')
    .replaceAll('\u2212', '-');

/** The rule of models that were stored before there was a choice: their vocabularies are made of such words. */
const wordsOfOldModels = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * The function that cuts a text in the way that was asked for.
 *
 * @param split a name, or the source of a regular expression for what lies between words; undefined in models
 *   that were stored before there was a choice.
 */
export function splitter(call: string, field: string, split: unknown): (text: string) => string[] {
  if (split === undefined) return wordsOfOldModels;
  const names = splitNames.map((name) => `'${name}'`).join(', ');
  const expected = `${names} or the source of a regular expression`;
  if (typeof split !== 'string') throw wrongType(call, field, expected, split);
  if ((splitNames as readonly string[]).includes(split)) {
    const pattern = patterns[split as keyof typeof patterns];
    return (text) => Array.from(normalised(text).match(pattern) ?? [], fold);
  }
  // Letters alone are a name that is misspelt. Whoever means the letters writes (?:...) around them.
  if (/^[a-z]*$/i.test(split)) throw outOfRange(call, field, expected, split);
  if (split.length > LONGEST) throw outOfRange(call, field, `${expected} of at most ${LONGEST} characters`, split);
  let separator: RegExp;
  try {
    separator = new RegExp(split, 'u');
  } catch (error) {
    throw outOfRange(call, field, `${expected} with the flag u (${(error as Error).message})`, split);
  }
  // Groups that took no part are undefined.
  return (text) => normalised(text).split(separator).filter(Boolean).map(fold);
}
