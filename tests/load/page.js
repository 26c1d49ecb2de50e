// What the tests of load call in a page, by name.

import * as engram from '/pkg/dist/engram.js';
import { atOnce, lives, readers } from '/tests/load/soak.mjs';

const heap = () => (performance.memory ? { heap: Math.round(performance.memory.usedJSHeapSize / 2 ** 20) } : {});

globalThis.engramTests = {
  lives: (count) => lives(engram, count, heap),
  atOnce: (count) => atOnce(engram, count),
  readers: (milliseconds) => readers(engram, milliseconds),
};
