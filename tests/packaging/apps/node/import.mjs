import assert from 'node:assert/strict';
import engram, * as all from 'engram';

import { learn } from '../task.js';

assert.equal(engram.Network, all.Network);
console.log(JSON.stringify(await learn(all)));
