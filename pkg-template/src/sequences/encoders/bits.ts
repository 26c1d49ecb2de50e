// Texts bit by bit.

import type { Codes } from './coding.js';
import { ByteCoding, bytesOfText } from './text.js';

/** A stored encoder of {@link Encoder.bits}. */
export interface BitsJSON {
  type: 'bits';
}

export class Bits extends ByteCoding<BitsJSON> {
  override readonly size = 1;
  protected override readonly stepsOfByte = 8;
  override codes(call: string, field: string, input: unknown): Codes {
    const bytes = bytesOfText(call, field, input);
    const steps = new Uint8Array(8 * bytes.length);
    for (let step = 0; step < steps.length; step++)
      steps[step] = ((bytes[step >> 3] as number) >> (7 - (step & 7))) & 1;
    return { form: 'bits', steps };
  }
  override toJSON(): BitsJSON {
    return { type: 'bits' };
  }
}
