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

/** The bytes of a text in UTF-8. */
export function bytesOfText(call: string, field: string, input: unknown): Uint8Array {
  return utf8.encode(checkText(call, field, input));
}

/** The character that each byte of a text in UTF-8 belongs to, `times` times. */
export function charactersOfBytes(text: string, times: number): string[] {
  return Array.from(text).flatMap((character) => new Array(times * utf8.encode(character).length).fill(character));
}
