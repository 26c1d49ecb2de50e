// The engine's module as it travels inside the script: deflated, in base64. That is a third of the
// plain base64 on disk, and as small over a network.

import { inflateSync } from 'fflate';

import { bytes, SIZE } from './generated/bytes.js';

function fromBase64(text: string): Uint8Array {
  const native = Uint8Array as { fromBase64?: (text: string) => Uint8Array };
  return native.fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The module's code. */
export function inlinedCode(): Uint8Array {
  return inflateSync(fromBase64(bytes), { out: new Uint8Array(SIZE) });
}
