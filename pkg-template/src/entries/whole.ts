// The whole library, offered to whoever loads it. Its entries say how the engine's module is made.

import { configuration, provide } from '../engine/engine.js';
import { carryWorker, locateFiles } from '../engine/files.js';
import { gather } from '../graph/home.js';
import * as api from './api.js';
import { nameClasses } from './class-names.js';
import { offer } from './shared.js';

nameClasses(api);
offer({ api, carryWorker, configuration, gather, locateFiles, provide });
