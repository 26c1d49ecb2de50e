// A library, offered to whoever loads it. Its entries say how the engine's module is made.

import { configuration, provide, suggest } from '../engine/engine.js';
import { carryWorker, locateFiles } from '../engine/files.js';
import { gather } from '../graph/home.js';
import type * as Api from './api.js';
import { offer } from './shared.js';

/** Offers a library of these classes and functions. */
export function offerLibrary(api: typeof Api): void {
  offer({ api, carryWorker, configuration, gather, locateFiles, provide, suggest });
}
