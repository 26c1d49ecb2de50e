// The names of the library's classes.

import { Connection } from '../graph/neuron.js';
import * as Architect from '../network/architect.js';
import { nameExports } from './names.js';

/** Gives classes of the library, all or some of them, their names back. */
export function nameClasses(classes: object): void {
  for (const exported of [classes, Architect, { Connection }]) nameExports(exported);
}
