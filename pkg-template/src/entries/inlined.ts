// The engine's module as it travels inside the script: packed by Zstandard, in base64.

import { decompress } from 'fzstd';

import { bytes, SIZE } from '../engine/generated/bytes.js';

function fromBase64(text: string): Uint8Array {
  const native = Uint8Array as { fromBase64?: (text: string) => Uint8Array };
  return native.fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/*! Unpacked by fzstd, copyright (c) 2020 Arjun Barrett, MIT License. */

/** The module's code. */
export function inlinedCode(): Uint8Array {
  return decompress(fromBase64(bytes), new Uint8Array(SIZE));
}
