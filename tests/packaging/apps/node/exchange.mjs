// engram/exchange shares the engine and the classes of engram, however it is loaded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Architect, Network } from 'engram';
import * as exchange from 'engram/exchange';

const network = new Architect.GRU(2, 3, 2, { seed: 1 });
const required = createRequire(import.meta.url)('engram/exchange');
for (const { fromPyTorch, toPyTorch, toOnnx } of [exchange, required]) {
  const back = fromPyTorch(toPyTorch(network));
  assert.ok(back instanceof Network);
  assert.ok(toOnnx(back).length > 100);
}
console.log('shared');
