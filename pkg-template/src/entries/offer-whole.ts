// The whole library, offered at once.

import * as api from './api.js';
import { nameClasses } from './class-names.js';
import { offerLibrary } from './offered.js';

nameClasses(api);
offerLibrary(api);
