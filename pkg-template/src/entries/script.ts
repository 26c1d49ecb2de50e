// The whole library in one file, dist/engram.script.js: a script for pages without modules, and what
// the default entries stand on. So a package holds the engine twice, not once per entry.

import { provide } from '../engine/engine.js';
import { codeBeside, settle } from '../engine/files.js';
import * as api from './api.js';
import { nameClasses } from './class-names.js';
import { inlinedCode } from './inlined.js';
import { KEY, type Script } from './script-key.js';

export * from './api.js';
export { default } from './api.js';

nameClasses(api);

// Reading a file is several times as fast as unpacking.
provide(() => new WebAssembly.Module((codeBeside() ?? inlinedCode()) as BufferSource));

// Whoever comes first: a page that loads the script and imports the module has one engine.
(globalThis as { [KEY]?: Script })[KEY] ??= { api, settle };
