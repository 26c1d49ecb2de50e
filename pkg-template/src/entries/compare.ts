// engram/compare, dist/compare.js and compare.cjs: which model does best on samples. It shares the library of the realm and
// engram/rocket, which the build's first line loads.

import { useLibraries } from '../compare/realm.js';
import type * as Rocket from '../rocket/index.js';
import { taken } from './shared.js';

/** Set by the build's first line. */
declare const engramRocket: typeof Rocket;

const { Encoder, SequenceClassifier } = taken().api;
useLibraries({ Encoder, SequenceClassifier, RocketClassifier: engramRocket.RocketClassifier });

export * from '../compare/index.js';
