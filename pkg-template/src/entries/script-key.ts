// How the default entries find the script that they load: a module cannot import from a script.

import type { Place } from '../engine/files.js';
import type * as api from './api.js';

/** Set by the build. */
declare const VERSION: string;

/** The script's name in `globalThis`; two versions on one page keep apart. */
export const KEY: unique symbol = Symbol.for(`engram ${VERSION}`);

/** What the script leaves there. */
export interface Script {
  api: typeof api;
  settle(place: Place): void;
}

/** The library, once its script has run. */
export function fromScript(place: Place): typeof api {
  const script = (globalThis as unknown as Record<typeof KEY, Script>)[KEY];
  script.settle(place);
  return script.api;
}
