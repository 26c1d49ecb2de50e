import assert from 'node:assert/strict';
import * as engram from 'engram/slim';

import { learn } from '../task.js';

assert.throws(() => new engram.Architect.Perceptron(2, 3, 1), /await init\(\) first/);
await engram.init();
console.log(JSON.stringify(await learn(engram)));
