// Bundlers and minifiers call classes otherwise, and a network is to be shown as Network.

/** Gives the classes among what a module exports the names that they have there. */
export function nameExports(exported: object): void {
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value === 'function' && value.name !== name) Object.defineProperty(value, 'name', { value: name });
  }
}
