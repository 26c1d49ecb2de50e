// Makes the engine of a thread trap in earnest, in the middle of whatever it does next.

const instances = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, given) {
    const instance = new Instance(...given);
    instances.push(instance);
    return instance;
  },
});

/** Empties the tables of functions of this thread's instances; other threads have tables of their own. */
export function breakEngine() {
  for (const { exports } of instances) {
    for (const table of Object.values(exports)) {
      if (!(table instanceof WebAssembly.Table)) continue;
      for (let index = 0; index < table.length; index++) {
        if (typeof table.get(index) === 'function') table.set(index, null);
      }
    }
  }
}
