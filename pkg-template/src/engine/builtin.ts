// What only Node has.

/** A module of Node; undefined elsewhere. A static import would break bundles for browsers. */
export function builtin<T>(name: string): T | undefined {
  const process = globalThis.process as (NodeJS.Process & { getBuiltinModule?: (name: string) => unknown }) | undefined;
  return process?.versions?.node === undefined ? undefined : (process.getBuiltinModule?.(name) as T);
}
