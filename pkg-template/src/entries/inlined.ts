// What entries carry: the engine's code in base64, and the worker's script.

import { bytesOfBase64 } from '../engine/base64.js';
import base64 from '../engine/generated/engram.wasm';

/** The module's code. */
export const inlinedCode = (): Uint8Array => bytesOfBase64(base64);

export { workerText } from './worker-text.js';
