// Arrays and attributes of HDF5 files, by jsfive. It follows addresses wherever they lead, so how much it may read is
// bounded: a file whose parts point at one another ends in an error, not in a loop.

import { DataView64, struct } from 'jsfive/esm/core.js';
import { Dataset, File, Group } from 'jsfive/esm/high-level.js';

import { checkFinite, checkShape, type Tensor } from './safetensors.js';

/** How many more reads the file that is open may cause. */
let readsLeft = 0;

function count(amount: number): void {
  readsLeft -= amount;
  if (readsLeft < 0) throw new RangeError('its parts point at one another, or it is read again and again');
}

/** Has a method counted whenever it is called. */
function counted<Name extends string>(owner: { [name in Name]: (...given: never[]) => unknown }, name: Name): void {
  const own = owner[name] as (...given: unknown[]) => unknown;
  owner[name] = function (this: unknown, ...given: unknown[]) {
    count(1);
    return own.apply(this, given);
  } as never;
}
counted(struct, 'unpack_from');
counted(DataView64.prototype, 'getString');
counted(DataView64.prototype, 'getVLENStruct');

/** A file's bytes, of which every copy is counted. */
class Bytes extends ArrayBuffer {
  static override get [Symbol.species](): ArrayBufferConstructor {
    return ArrayBuffer;
  }

  override slice(begin: number, end?: number): ArrayBuffer {
    const copy = super.slice(begin, end);
    count(copy.byteLength / 64);
    return copy;
  }
}

const FLOAT = /^[<>|]f[248]$/;

/** An HDF5 file. */
export class Hdf5 {
  readonly #file: File;
  /** Groups that were found, by their paths. */
  readonly #groups = new Map<string, Group>();

  constructor(
    readonly call: string,
    bytes: Uint8Array,
  ) {
    const copy = new Bytes(bytes.length);
    new Uint8Array(copy).set(bytes);
    // Keras' files cause a read per ten bytes and fewer.
    readsLeft = 5000 + bytes.length / 2;
    this.#file = this.#try(() => new File(copy, 'model'));
  }

  /** What jsfive throws is of many kinds, some no errors; here they are one. */
  #try<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new RangeError(
        `${this.call}: the file is no HDF5 that can be read: it is damaged, or not as Keras writes it`,
        {
          cause,
        },
      );
    }
  }

  #group(path: string): Group | undefined {
    const known = this.#groups.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf('/');
    const parent = end < 0 ? this.#file : this.#group(path.slice(0, end));
    const name = path.slice(end + 1);
    if (path === '' || !parent?.keys.includes(name)) return path === '' ? this.#file : undefined;
    const group = this.#try(() => parent.get(name));
    if (!(group instanceof Group)) return undefined;
    this.#groups.set(path, group);
    return group;
  }

  /** Names in a group; none where there is no such group. */
  names(path: string): string[] {
    return this.#group(path)?.keys ?? [];
  }

  /** An attribute of a group, undefined if it has none of the name. */
  attribute(path: string, name: string): unknown {
    return this.#try(() => {
      const attributes = this.#group(path)?.attrs ?? {};
      return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    });
  }

  /** An array of numbers; undefined where there is none. */
  tensor(path: string): Tensor | undefined {
    const { call } = this;
    const field = `tensor "${path}"`;
    const end = path.lastIndexOf('/');
    const group = this.#group(path.slice(0, end));
    const name = path.slice(end + 1);
    if (!group?.keys.includes(name)) return undefined;
    const { shape, dtype, isChunked, read } = this.#try(() => {
      const found = group.get(name);
      if (!(found instanceof Dataset)) return { shape: [], dtype: 'a group', isChunked: false, read: () => [] };
      return {
        shape: found.shape,
        dtype: found.dtype,
        isChunked: Boolean(found._dataobjects.chunks),
        read: () => found.value,
      };
    });
    if (typeof dtype !== 'string' || !FLOAT.test(dtype)) {
      throw new TypeError(`${call}: ${field} is of ${String(dtype)}, expected an array of floats`);
    }
    if (isChunked) throw new TypeError(`${call}: ${field} is kept in chunks, expected one as Keras writes it`);
    const sizes = checkShape(call, field, shape);
    const size = sizes.reduce((product, axis) => product * axis, 1);
    const values = this.#try(() => Float64Array.from(read() as ArrayLike<number>));
    if (values.length !== size)
      throw new RangeError(`${call}: ${field} has ${values.length} numbers, expected ${size}`);
    checkFinite(call, field, values);
    return { shape: sizes, values };
  }
}
