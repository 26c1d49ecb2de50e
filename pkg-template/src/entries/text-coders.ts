// The coders of text in the bundle for require. jsdom up to version 27 has none, and Jest's pages are made by it;
// the build puts these where the bundle names them.

import { builtin } from '../engine/builtin.js';

const { TextDecoder, TextEncoder } = (
  'TextEncoder' in globalThis ? globalThis : builtin<typeof import('node:util')>('node:util')
) as typeof globalThis;

export { TextDecoder, TextEncoder };
