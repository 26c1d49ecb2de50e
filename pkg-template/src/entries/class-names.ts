// Bundlers and minifiers call classes otherwise, and a network is to be shown as Network.

import { Connection } from '../graph/neuron.js';
import * as Architect from '../network/architect.js';

/** Gives classes of the library, all or some of them, their names back. */
export function nameClasses(classes: object): void {
  for (const names of [classes, Architect, { Connection }]) {
    for (const [name, value] of Object.entries(names)) {
      if (typeof value === 'function' && value.name !== name) Object.defineProperty(value, 'name', { value: name });
    }
  }
}
