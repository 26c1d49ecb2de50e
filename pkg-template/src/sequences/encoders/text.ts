// Texts, and their bytes in UTF-8.

import { wrongType } from '../../checks/errors.js';
import { FixedCoding } from './coding.js';

const utf8 = new TextEncoder();

/** Checks a text, which may be empty. */
export function checkText(call: string, field: string, input: unknown): string {
  if (typeof input !== 'string') throw wrongType(call, field, 'a string', input);
  return input;
}

/** An encoding of texts that is the same whatever the training set. */
export abstract class TextCoding<JSON> extends FixedCoding<JSON> {
  protected override check(call: string, field: string, input: unknown): void {
    checkText(call, field, input);
  }
}

/** The bits of every byte of a text in UTF-8, most significant first, as -1 and 1: (bytes, 8). */
export function bitsOfText(call: string, field: string, input: unknown): number[][] {
  return Array.from(utf8.encode(checkText(call, field, input)), (byte) =>
    [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((byte >> bit) & 1) * 2 - 1),
  );
}

/** The character that each byte of a text in UTF-8 belongs to, `times` times. */
export function charactersOfBytes(text: string, times: number): string[] {
  return Array.from(text).flatMap((character) => new Array(times * utf8.encode(character).length).fill(character));
}
