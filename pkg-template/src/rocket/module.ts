// The module of engram/rocket, compiled once, and the calling thread's instance of it.

import { bytesOfBase64 } from '../engine/base64.js';
import * as core from '../engine/generated/engram_rocket.js';
import code from '../engine/generated/engram_rocket.wasm';

let compiled: WebAssembly.Module | undefined;
let started = false;

/** The module. */
export function rocketModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(bytesOfBase64(code) as BufferSource);
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
