// Texts bit by bit.

import { bitsOfText, charactersOfBytes, checkText, TextCoding } from './text.js';

/** A stored encoder of {@link Encoder.bits}. */
export interface BitsJSON {
  type: 'bits';
}

export class Bits extends TextCoding<BitsJSON> {
  override readonly size = 1;
  override steps(call: string, field: string, input: unknown): number[][] {
    return bitsOfText(call, field, input).flatMap((bits) => bits.map((bit) => [bit]));
  }
  override parts(call: string, field: string, input: unknown): string[] {
    return charactersOfBytes(checkText(call, field, input), 8);
  }
  override toJSON(): BitsJSON {
    return { type: 'bits' };
  }
}
