// What is imported keeps its engine when entries are required after it, before the engine has been used.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as imported from 'engram';

import { fingerprint } from './fingerprint.js';

const require = createRequire(import.meta.url);
const [required] = ['engram', 'engram/compare', 'engram/exchange'].map((name) => require(name));
assert.equal(required.Network, imported.Network);
console.log(await fingerprint(imported));
