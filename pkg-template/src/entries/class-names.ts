// Bundlers and minifiers call classes otherwise, and a network is to be shown as Network.

import { Connection } from '../graph/neuron.js';
import type * as Api from './api.js';

/** Gives the classes of the library their names back. */
export function nameClasses(api: typeof Api): void {
  for (const names of [api, api.Architect, { Connection }]) {
    for (const [name, value] of Object.entries(names)) {
      if (typeof value === 'function' && value.name !== name) Object.defineProperty(value, 'name', { value: name });
    }
  }
}
