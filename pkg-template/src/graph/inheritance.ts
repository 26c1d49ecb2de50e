// Classes for programs of any age: called without `new` by constructors that inherit from them, and with instances
// for prototypes. `class` allows neither by itself.

/** Gives the object that it was given, so that private fields of a derived class are put on that one. */
export class Anchor {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for.
    return object;
  }
}

type Class = abstract new (...values: never[]) => object;

/**
 * Lets a class be called on an object that inherits from it: `Network.call(this, layers)` gives `this` the own
 * properties of a new instance.
 */
export function callable<C extends Class>(actual: C, _context: ClassDecoratorContext): C {
  function construct(this: unknown, ...values: never[]): object | undefined {
    // V8 remembers the shape of instances for the class itself and for classes that extend it.
    if (new.target === (construct as unknown)) return Reflect.construct(actual, values);
    if (new.target !== undefined) return Reflect.construct(actual, values, new.target);
    if (!(this instanceof actual)) throw new TypeError(`${construct.name}: called without new`);
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(Reflect.construct(actual, values)));
    return undefined;
  }
  Object.defineProperties(construct, {
    name: { value: actual.name },
    length: { value: actual.length },
    prototype: { value: actual.prototype, writable: false },
  });
  // Static members are found where they are.
  Object.setPrototypeOf(construct, actual);
  Object.defineProperty(actual.prototype, 'constructor', { value: construct });
  return construct as unknown as C;
}
