// What is required keeps its engine when entries are imported after it, before the engine has been used.
const assert = require('node:assert/strict');
const required = require('engram');

async function main() {
  const imported = await import('engram');
  await import('engram/compare');
  await import('engram/exchange');
  await import('engram/slim');
  assert.equal(required.Network, imported.Network);
  const { fingerprint } = await import('./fingerprint.js');
  console.log(await fingerprint(required));
}

main();
