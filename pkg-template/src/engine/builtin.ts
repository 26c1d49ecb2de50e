// What only Node has, and what it has in a place of its own.

/** A module of Node; undefined elsewhere. A static import would break bundles for browsers. */
export function builtin<T>(name: string): T | undefined {
  const process = globalThis.process as (NodeJS.Process & { getBuiltinModule?: (name: string) => unknown }) | undefined;
  return process?.versions?.node === undefined ? undefined : (process.getBuiltinModule?.(name) as T);
}

/** How many threads this machine runs at once, as far as it tells. */
export function hardwareConcurrency(): number {
  const node = builtin<typeof import('node:os')>('node:os');
  return globalThis.navigator?.hardwareConcurrency ?? node?.availableParallelism() ?? 1;
}
