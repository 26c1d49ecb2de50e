// The engine's classes and functions of training, sets and runs, guarded: all that the worker's script has of the engine.

import * as generated from './generated/engram.js';
import { guarded, guardedClass } from './guard.js';

export const DataSet = guardedClass(generated.DataSet);
export type DataSet = generated.DataSet;
export const Run = guardedClass(generated.Run);
export type Run = generated.Run;
export const Session = guardedClass(generated.Session);
export type Session = generated.Session;
export const Sets = guardedClass(generated.Sets);
export type Sets = generated.Sets;
export const dropLoan = guarded(generated.dropLoan);
export const dropParcel = guarded(generated.dropParcel);
export const help = guarded(generated.help);
export const loseHelper = guarded(generated.loseHelper);
