// safetensors: named arrays of numbers in one file (https://github.com/huggingface/safetensors). What is read comes from
// outside: every offset and size is checked before an array is made.

import { describe, outOfRange, wrongType } from '../checks/errors.js';
import { isBytes, kindOf } from '../checks/realm.js';
import { single } from './refusals.js';

/** An array of numbers, row by row. */
export interface Tensor {
  /** Sizes of its axes. */
  shape: number[];
  values: Float64Array;
}

/** What a file of safetensors holds. */
export interface Tensors {
  tensors: Map<string, Tensor>;
  /** Texts that the file carries beside the arrays. */
  metadata: Map<string, string>;
}

/** Longest header that the format allows, in bytes. */
const MOST_HEADER = 100_000_000;
/** Most numbers that a file may have. */
const MOST_NUMBERS = 2 ** 27;

const SIZES: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1 };

/** The bytes of an ArrayBuffer or of a view of bytes. */
export function bytesOf(call: string, field: string, value: unknown): Uint8Array {
  if (isBytes(value)) return value;
  if (kindOf(value) === 'ArrayBuffer') return new Uint8Array(value as ArrayBuffer);
  throw wrongType(call, field, 'a Uint8Array or an ArrayBuffer', value);
}

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
const READ: Record<string, (view: DataView, at: number) => number> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => half(view.getUint16(at, true)),
  BF16: (view, at) => {
    word.setUint16(0, view.getUint16(at, true));
    return word.getFloat32(0);
  },
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  I8: (view, at) => view.getInt8(at),
  U8: (view, at) => view.getUint8(at),
};

/** An object of a file's JSON. */
export function checkObject(call: string, field: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrongType(call, field, 'an object', value);
}

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

/** Parses the JSON of a file. */
export function parseJSON(call: string, field: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RangeError(`${call}: ${field} is no JSON`, { cause });
  }
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

/** Reads a file, from its bytes. */
export function readTensors(call: string, given: unknown): Tensors {
  const bytes = bytesOf(call, 'file', given);
  const other = otherFormat(bytes);
  if (other !== undefined) throw new TypeError(`${call}: the file is ${other}`);
  if (bytes.length < 8) throw new RangeError(`${call}: the file has ${bytes.length} bytes, expected at least 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > MOST_HEADER || Number(length) > bytes.length - 8) {
    throw new RangeError(`${call}: the header has ${length} bytes, the file ${bytes.length - 8} after its length`);
  }
  const start = 8 + Number(length);
  const header = checkObject(call, 'the header', parseJSON(call, 'the header', bytes.subarray(8, start)));
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  const spans: { name: string; begin: number; end: number }[] = [];
  let numbers = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(checkObject(call, name, entry))) metadata.set(key, String(text));
      continue;
    }
    const field = `tensor ${describe(name)}`;
    const { dtype, shape: given, data_offsets: offsets } = checkObject(call, field, entry);
    if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype)) {
      throw outOfRange(call, `${field}.dtype`, `one of ${Object.keys(SIZES).join(', ')}`, dtype);
    }
    const shape = checkShape(call, `${field}.shape`, given);
    const size = SIZES[dtype] as number;
    const count = shape.reduce((product, axis) => product * axis, 1);
    numbers += count;
    if (numbers > MOST_NUMBERS) throw new RangeError(`${call}: the file has more than ${MOST_NUMBERS} numbers`);
    const [begin, end] = (Array.isArray(offsets) ? offsets : []) as unknown[];
    const within = Number.isSafeInteger(begin) && Number.isSafeInteger(end) && (begin as number) >= 0;
    if (!within || (end as number) > bytes.length - start || (end as number) - (begin as number) !== count * size) {
      const expected = `[begin, end] of ${count * size} bytes within ${bytes.length - start}`;
      throw new RangeError(`${call}: ${field}.data_offsets is [${String(offsets)}], expected ${expected}`);
    }
    spans.push({ name: field, begin: begin as number, end: end as number });
    const read = READ[dtype] as (view: DataView, at: number) => number;
    const values = Float64Array.from({ length: count }, (_, index) =>
      read(view, start + (begin as number) + index * size),
    );
    checkFinite(call, field, values);
    tensors.set(name, { shape, values });
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const span of spans) {
    if (span.begin !== end) {
      throw new RangeError(
        `${call}: ${span.name} begins at ${span.begin}, expected ${end}: neither holes nor overlaps`,
      );
    }
    end = span.end;
  }
  if (end !== bytes.length - start) {
    throw new RangeError(`${call}: the file has ${bytes.length - start} bytes of numbers, its header tells of ${end}`);
  }
  return { tensors, metadata };
}

/** Writes a file, in single precision. */
export function writeTensors(call: string, { tensors, metadata }: Tensors): Uint8Array {
  const header: Record<string, unknown> = {};
  if (metadata.size > 0) header.__metadata__ = Object.fromEntries(metadata);
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + values.length * 4] };
    end += values.length * 4;
  }
  const text = JSON.stringify(header);
  // The numbers begin at a multiple of eight.
  const coded = new TextEncoder().encode(
    text.padEnd(text.length + ((8 - (new TextEncoder().encode(text).length % 8)) % 8)),
  );
  const file = new Uint8Array(8 + coded.length + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(coded.length), true);
  file.set(coded, 8);
  let at = 8 + coded.length;
  for (const { values } of tensors.values()) {
    for (const value of values) {
      view.setFloat32(at, single(call, value), true);
      at += 4;
    }
  }
  return file;
}
