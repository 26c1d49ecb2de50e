// Classes and functions whose code is read when they are first used.

type Callable = new (...given: unknown[]) => object;

/**
 * Stands for a class or function, under its name, until it is used: called, made an object of, derived from, or asked
 * for a property. What is made of it calls it its constructor.
 */
export function lazy<T extends object>(name: string, load: () => T): T {
  let loaded: (T & Callable) | undefined;
  const real = () => {
    if (loaded === undefined) {
      loaded = load() as T & Callable;
      const { prototype } = loaded;
      if (prototype !== undefined) Object.defineProperty(prototype, 'constructor', { value: proxy });
    }
    return loaded;
  };
  // A bound class can be made an object of, and has no property that a proxy would have to repeat.
  const target = Object.defineProperty(Function.prototype.bind.call(class {}, undefined), 'name', { value: name });
  const proxy: T = new Proxy(target as unknown as T & Callable, {
    apply: (_, self, given) => Reflect.apply(real(), self, given),
    construct: (_, given, caller) => Reflect.construct(real(), given, caller === proxy ? real() : caller),
    get: (_, key) => Reflect.get(real(), key),
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    has: (_, key) => Reflect.has(real(), key),
    set: (_, key, value) => Reflect.set(real(), key, value),
  });
  return proxy;
}
