// Texts byte by byte.

import type { Codes } from './coding.js';
import { ByteCoding, bytesOfText } from './text.js';

/** A stored encoder of {@link Encoder.bytes}. */
export interface BytesJSON {
  type: 'bytes';
}

export class Bytes extends ByteCoding<BytesJSON> {
  override readonly size = 8;
  protected override readonly stepsOfByte = 1;
  override codes(call: string, field: string, input: unknown): Codes {
    return { form: 'bits', steps: bytesOfText(call, field, input) };
  }
  override toJSON(): BytesJSON {
    return { type: 'bytes' };
  }
}
