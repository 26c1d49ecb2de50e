// Texts bit by bit.

import type { Codes } from './coding.js';
import { bytesOfText, charactersOfBytes, checkText, TextCoding } from './text.js';

/** A stored encoder of {@link Encoder.bits}. */
export interface BitsJSON {
  type: 'bits';
}

export class Bits extends TextCoding<BitsJSON> {
  override readonly size = 1;
  override codes(call: string, field: string, input: unknown): Codes {
    const bytes = bytesOfText(call, field, input);
    const steps = new Uint8Array(8 * bytes.length);
    for (let step = 0; step < steps.length; step++)
      steps[step] = ((bytes[step >> 3] as number) >> (7 - (step & 7))) & 1;
    return { form: 'bits', steps };
  }
  override parts(call: string, field: string, input: unknown): string[] {
    return charactersOfBytes(checkText(call, field, input), 8);
  }
  override toJSON(): BitsJSON {
    return { type: 'bits' };
  }
}
