// engram/rocket, dist/rocket.js and rocket.cjs: a library of its own, with an engine of its own, all in one file.

import * as rocket from '../rocket/index.js';
import { nameExports } from './names.js';

nameExports(rocket);

export * from '../rocket/index.js';
