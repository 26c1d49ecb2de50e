// Texts byte by byte.

import type { Codes } from './coding.js';
import { bytesOfText, charactersOfBytes, checkText, TextCoding } from './text.js';

/** A stored encoder of {@link Encoder.bytes}. */
export interface BytesJSON {
  type: 'bytes';
}

export class Bytes extends TextCoding<BytesJSON> {
  override readonly size = 8;
  override codes(call: string, field: string, input: unknown): Codes {
    return { form: 'bits', steps: bytesOfText(call, field, input) };
  }
  override parts(call: string, field: string, input: unknown): string[] {
    return charactersOfBytes(checkText(call, field, input), 1);
  }
  override toJSON(): BytesJSON {
    return { type: 'bytes' };
  }
}
