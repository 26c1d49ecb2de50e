// The engine's classes that hold networks, guarded. Only who trains on its thread needs `runs.ts`, too.

import * as generated from './generated/engram.js';
import { guardedClass } from './guard.js';

export const Blueprint = guardedClass(generated.Blueprint);
export type Blueprint = generated.Blueprint;
export const Graph = guardedClass(generated.Graph);
export type Graph = generated.Graph;
export const Network = guardedClass(generated.Network);
export type Network = generated.Network;
export const Stream = guardedClass(generated.Stream);
export type Stream = generated.Stream;
