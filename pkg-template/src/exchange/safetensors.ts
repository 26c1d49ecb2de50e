// The numbers of a file of safetensors, and what all readers here check of numbers. The file itself is read and written
// by `data/safetensors.ts`.

import { outOfRange, wrongType } from '../checks/errors.js';
import { bytesOf, type Dtype, readTensors as readFile, writeTensors as writeFile } from '../data/safetensors.js';
import { single } from './refusals.js';

export { bytesOf, parseJSON } from '../data/safetensors.js';

/** An array of numbers, row by row. */
export interface Tensor {
  /** Its size along each axis; none for a single number. */
  shape: number[];
  values: Float64Array;
}

/** What a file holds. */
export interface Tensors {
  /** Its arrays by name. */
  tensors: Map<string, Tensor>;
  /** Its texts by name. */
  metadata: Map<string, string>;
}

/** Most numbers that a file may have. */
const MOST_NUMBERS = 2 ** 27;

/** A number of half precision. */
export function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits >> 15 === 1 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** Reads a number of a type at a place. */
const READ: Record<Dtype, (view: DataView, at: number) => number> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => half(view.getUint16(at, true)),
  BF16: (view, at) => {
    word.setUint16(0, view.getUint16(at, true));
    return word.getFloat32(0);
  },
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  I8: (view, at) => view.getInt8(at),
  U8: (view, at) => view.getUint8(at),
};

/** Sizes of an array, whose product is bounded. */
export function checkShape(call: string, field: string, value: unknown, most = MOST_NUMBERS): number[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array of sizes', value);
  if (value.length > 8) throw outOfRange(call, field, 'at most 8 axes', value);
  let count = 1;
  for (const size of Array.from(value) as unknown[]) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) throw outOfRange(call, field, 'sizes from 0', size);
    count *= size as number;
  }
  if (count > most) throw new RangeError(`${call}: ${field} has ${count} numbers, at most ${most} are allowed`);
  return value as number[];
}

/** Refuses what is not a number. */
export function checkFinite(call: string, name: string, values: Float64Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw outOfRange(call, `${name}[${bad}]`, 'a finite number', values[bad]);
}

/** What a file's first bytes say that it is, where it is something else than what was asked for. */
function otherFormat(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  // After a header's length stands its JSON.
  if (bytes[8] === 0x7b) return undefined;
  const zip = a === 0x50 && b === 0x4b;
  // Pickles begin with their protocol: those of torch.save are in a zip, or were before 1.6.
  if (zip || (a === 0x80 && (b ?? 9) <= 5)) {
    return (
      'a pickle, which can run code when it is read; write safetensors instead: ' +
      "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
    );
  }
  return a === 0x89 && b === 0x48 && c === 0x44 && d === 0x46 ? 'HDF5; use fromKeras' : undefined;
}

/** Reads a file. */
export function readTensors(call: string, value: unknown): Tensors {
  const file = bytesOf(call, 'file', value);
  const other = otherFormat(file);
  if (other !== undefined) throw new TypeError(`${call}: the file is ${other}`);
  const { tensors, metadata } = readFile(call, file);
  let numbers = 0;
  for (const { shape } of tensors.values()) numbers += shape.reduce((product, size) => product * size, 1);
  if (numbers > MOST_NUMBERS) throw new RangeError(`${call}: the file has more than ${MOST_NUMBERS} numbers`);
  const read = new Map<string, Tensor>();
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = shape.reduce((product, size) => product * size, 1);
    const size = bytes.length / Math.max(count, 1);
    const values = Float64Array.from({ length: count }, (_, index) => READ[dtype](view, index * size));
    checkFinite(call, `tensor ${JSON.stringify(name)}`, values);
    read.set(name, { shape: [...shape], values });
  }
  return { tensors: read, metadata };
}

/** Writes a file, in single precision. */
export function writeTensors(call: string, { tensors, metadata }: Tensors): Uint8Array {
  const written = new Map(
    Array.from(tensors, ([name, { shape, values }]) => {
      const bytes = new Uint8Array(4 * values.length);
      const view = new DataView(bytes.buffer);
      values.forEach((value, index) => view.setFloat32(4 * index, single(call, value), true));
      return [name, { dtype: 'F32' as const, shape, bytes }];
    }),
  );
  return writeFile({ tensors: written, metadata });
}
