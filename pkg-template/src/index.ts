// The default entry: ready at once, since the engine travels inside the script.

import { codeBeside } from './beside.js';
import { provide } from './engine.js';
import { inlinedCode } from './inlined.js';

export * from './api.js';
export { default } from './api.js';

// Reading a file is several times as fast as unpacking.
provide(() => new WebAssembly.Module((codeBeside() ?? inlinedCode()) as BufferSource));
