// import and require in one process share one engine.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as imported from 'engram';

import { fingerprint } from './fingerprint.js';

const required = createRequire(import.meta.url)('engram');
assert.equal(required.Network, imported.Network);
const memories = [imported, required].map(({ Architect }) => new Architect.Perceptron(1, 1, 1).memory.buffer);
assert.equal(memories[0], memories[1]);
console.log(await fingerprint(required));
