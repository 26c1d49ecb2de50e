// The whole library without its engine, dist/whole.js. `module.ts` adds the engine as text for bundles and pages, `slim.ts`
// a function that fetches it, and `library.ts` takes the classes of models from here when one of them is used.

import './offer-whole.js';
import { engineFromFile } from './from-file.js';

engineFromFile();

export * as api from './api.js';
