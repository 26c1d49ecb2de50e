// The module of engram/rocket, compiled once, and the calling thread's instance of it.

import * as core from '../engine/generated/engram_rocket.js';
import code from '../engine/generated/engram_rocket.wasm';

let compiled: WebAssembly.Module | undefined;
let started = false;

/** The module. */
export function rocketModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const text = atob(code);
    compiled = new WebAssembly.Module(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }
  return compiled;
}

/** The engine of the calling thread. */
export function rocketCore(): typeof core {
  if (!started) {
    core.initSync({ module: rocketModule() });
    started = true;
  }
  return core;
}
