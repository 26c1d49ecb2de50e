// What entries carry: the engine's code in base64, and the worker's script.

import base64 from '../engine/generated/engram.wasm';

/** The module's code. */
export function inlinedCode(): Uint8Array {
  const native = Uint8Array as { fromBase64?: (text: string) => Uint8Array };
  if (native.fromBase64 !== undefined) return native.fromBase64(base64);
  const letters = atob(base64);
  const code = new Uint8Array(letters.length);
  for (let index = 0; index < code.length; index++) code[index] = letters.charCodeAt(index);
  return code;
}

export { workerText } from './worker-text.js';
