// Bundlers and minifiers call classes otherwise, and a network is to be shown as Network.

import { Connection } from '../graph/neuron.js';
import type * as Networks from './networks.js';

/** Gives classes of the library, all or those of networks, their names back. */
export function nameClasses(api: typeof Networks): void {
  for (const names of [api, api.Architect, { Connection }]) {
    for (const [name, value] of Object.entries(names)) {
      if (typeof value === 'function' && value.name !== name) Object.defineProperty(value, 'name', { value: name });
    }
  }
}
