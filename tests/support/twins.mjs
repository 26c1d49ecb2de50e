// The same network in engram and in Synaptic, and numbers that are to be alike.

import assert from 'node:assert/strict';
import engram from 'engram';
import synaptic from 'synaptic';

/** A network of engram's in both libraries: [engram's, Synaptic's]. */
export function twins(network) {
  const json = JSON.parse(JSON.stringify(network));
  return [engram.Network.fromJSON(json), synaptic.Network.fromJSON(json)];
}

/** Numbers, or arrays of them, that differ by no more than `tolerance`. */
export function close(actual, expected, tolerance = 1e-9) {
  const [ours, theirs] = [actual, expected].map((value) => (Array.isArray(value) ? value : [value]));
  assert.equal(ours.length, theirs.length);
  ours.forEach((value, index) => {
    assert.ok(Math.abs(value - theirs[index]) <= tolerance, `${value} against Synaptic's ${theirs[index]}`);
  });
}

/** What a test prints is kept: gives the lines of `console.log` and `console.warn`. */
export function quiet(t) {
  const methods = ['log', 'warn'].map((name) => t.mock.method(console, name, () => {}));
  return () => methods.flatMap(({ mock }) => mock.calls.map((call) => call.arguments.join(' ')));
}
