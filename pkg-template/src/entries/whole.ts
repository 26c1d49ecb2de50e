// The whole library, offered to whoever loads it. Its entries say how the engine's module is made.

import { configuration, provide } from '../engine/engine.js';
import { carryWorker, locateFiles } from '../engine/files.js';
import { tableOf, takeTable } from '../graph/table.js';
import * as api from './api.js';
import { nameClasses } from './class-names.js';
import { offer } from './shared.js';

nameClasses(api);
offer({ api, carryWorker, configuration, locateFiles, provide, tables: { tableOf, takeTable } });
