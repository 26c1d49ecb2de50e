// What `rocket-page.mjs` calls in its page.

import { RocketClassifier } from '/pkg/dist/rocket.js';
import { fastest } from './rocket.js';

globalThis.rocket = (threads, rounds) => fastest(RocketClassifier, threads, rounds);
