// import 'engram' in Node, Deno and Bun, dist/library.js: networks at once, the classes of models when they are used.
// A third of the time from import to a first answer went into reading code of models that most programs do not name.

import './offer-networks.js';
import { engineFromFile } from './from-file.js';

engineFromFile();

export * from './exported.js';
export { default } from './exported.js';
