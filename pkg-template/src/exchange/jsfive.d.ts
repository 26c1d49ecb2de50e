// What exchange uses of jsfive's modules, which have no types of their own.

declare module 'jsfive/esm/high-level.js' {
  export class Group {
    readonly keys: string[];
    readonly attrs: Record<string, unknown>;
    get(path: string): Group | Dataset | null;
  }
  export class Dataset {
    readonly shape: number[];
    readonly dtype: unknown;
    readonly _dataobjects: { readonly chunks: unknown };
    readonly value: unknown;
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string);
  }
}

declare module 'jsfive/esm/core.js' {
  export const struct: { unpack_from(format: string, buffer: ArrayBuffer, offset: number): unknown[] };
  export class DataView64 extends DataView {
    getString(offset: number, littleEndian: boolean, length: number): string;
    getVLENStruct(offset: number, littleEndian: boolean, length: number): number[];
  }
}
