// Whether the page shares its memory with the worker that trains, said in a sentence.

import { find } from './elements.js';

/** Before a training: what is to be expected. */
export function showIsolation() {
  find('sharing').textContent = globalThis.crossOriginIsolated
    ? 'The page is cross-origin isolated: it will share its memory with the worker.'
    : 'The page is not cross-origin isolated: the worker may have to work on a copy of the memory.';
}

/** Once a network is trained: what came of it. */
export function showSharing({ isShared }) {
  const why = globalThis.crossOriginIsolated
    ? 'the page is cross-origin isolated'
    : 'the page is not cross-origin isolated (it came without the headers COOP and COEP)';
  find('sharing').textContent = isShared
    ? 'Memory is shared: the worker trains on the very numbers that this page reads.'
    : `Memory is copied: ${why}, so the worker sends the weights about every 50 ms.`;
}
