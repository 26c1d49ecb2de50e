// What is required keeps its engine when entries are imported after it, before the engine has been used.
const assert = require('node:assert/strict');
const required = require('engram');

async function main() {
  const { fingerprint, Network } = await import('./entries.mjs');
  assert.equal(required.Network, Network);
  console.log(await fingerprint(required));
}

main();
