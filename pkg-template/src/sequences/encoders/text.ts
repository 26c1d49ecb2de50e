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

/** An encoding of texts by their bytes in UTF-8. */
export abstract class ByteCoding<JSON> extends TextCoding<JSON> {
  protected abstract readonly stepsOfByte: number;
  stepsOfCharacter(character: string): number {
    return this.stepsOfByte * utf8.encode(character).length;
  }
  override parts(call: string, field: string, input: unknown): string[] {
    return Array.from(checkText(call, field, input)).flatMap((character) =>
      new Array<string>(this.stepsOfCharacter(character)).fill(character),
    );
  }
}
