// The package's worker, of which the engine traps 60 ms after a run has begun.

import { breakEngine } from './broken-engine.mjs';
import '/pkg/dist/worker.js';

addEventListener('message', ({ data }) => {
  if (data.type === 'engram:train') setTimeout(breakEngine, 60);
});
