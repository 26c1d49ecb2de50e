// engram/slim in Node, and every way to give it the engine: node slim.mjs HOW.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as engram from 'engram/slim';

import { learn } from '../task.js';

const bytes = await readFile(fileURLToPath(import.meta.resolve('engram/engram.wasm')));
const response = () => new Response(bytes, { headers: { 'content-type': 'text/plain' } });
const sources = {
  file: () => undefined,
  module: () => ({ module: new WebAssembly.Module(bytes) }),
  buffer: () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  view: () => bytes,
  response,
  promise: () => Promise.resolve(response()),
};

for (const wrong of [null, 7, 'engram.wasm', {}, { module: bytes }, [bytes]]) {
  await assert.rejects(engram.init(wrong), { name: 'TypeError', message: /^init: source.* is .*, expected / });
}
await assert.rejects(engram.init(bytes.subarray(0, 1000)), /^Error: init: no engine in the bytes: /);
await assert.rejects(engram.init(new Response('', { status: 404 })), /in the response: the server answered 404$/);
await engram.init(sources[process.argv[2]]());
console.log(JSON.stringify(await learn(engram)));
