// safetensors: named arrays of numbers in one file (https://github.com/huggingface/safetensors). A file is the length of
// its header (8 bytes), the header as JSON, and the bytes of the arrays one after the other. What is read comes from
// outside: every size and offset is checked before an array is made.

import { checkObject, describe, outOfRange, wrongType } from '../checks/errors.js';
import { isBytes, kindOf } from '../checks/realm.js';

/** Bytes of a number, by its type. */
const SIZES = { F64: 8, I64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, I8: 1, U8: 1 } as const;

/** A type of numbers, little-endian. */
export type Dtype = keyof typeof SIZES;

/** An array of numbers as bytes, row by row. */
export interface Tensor {
  dtype: Dtype;
  /** Sizes of its axes. */
  shape: readonly number[];
  /** Where it was read, a view of the file, which need not begin at a multiple of a number's size. */
  bytes: Uint8Array;
}

/** What a file of safetensors holds. */
export interface Tensors {
  tensors: Map<string, Tensor>;
  /** Texts that the file carries beside the arrays. */
  metadata: Map<string, string>;
}

/** Longest header that the format allows, in bytes. */
const MOST_HEADER = 100_000_000;
/** Most axes of an array. */
const MOST_AXES = 8;

/** The bytes of an ArrayBuffer or of a view of bytes. */
export function bytesOf(call: string, field: string, value: unknown): Uint8Array {
  // Not the value itself: what `slice` of Node's Buffer gives is no copy.
  if (isBytes(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (kindOf(value) === 'ArrayBuffer') return new Uint8Array(value as ArrayBuffer);
  throw wrongType(call, field, 'a Uint8Array or an ArrayBuffer', value);
}

/** Whole numbers from 0, few of them. */
function sizesOf(call: string, field: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw wrongType(call, field, 'an array of sizes', value);
  if (value.length > MOST_AXES) throw outOfRange(call, field, `at most ${MOST_AXES} entries`, value);
  const bad = value.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad !== undefined) throw outOfRange(call, field, 'integers from 0', bad);
  return value as number[];
}

/** Parses JSON that stands in a file. */
export function parseJSON(call: string, field: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RangeError(`${call}: ${field} is no JSON`, { cause });
  }
}

/** Reads a file, from its bytes. */
export function readTensors(call: string, given: unknown): Tensors {
  const bytes = bytesOf(call, 'file', given);
  if (bytes.length < 8) throw new RangeError(`${call}: the file has ${bytes.length} bytes, expected at least 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > MOST_HEADER || length > bytes.length - 8) {
    throw new RangeError(`${call}: the header has ${length} bytes, the file ${bytes.length - 8} after its length`);
  }
  const start = 8 + Number(length);
  const body = bytes.subarray(start);
  const header = checkObject(call, 'the header', parseJSON(call, 'the header', bytes.subarray(8, start)));
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  const spans: { field: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(checkObject(call, name, entry))) {
        if (typeof text !== 'string') throw wrongType(call, `${name}.${key}`, 'a text', text);
        metadata.set(key, text);
      }
      continue;
    }
    const field = `tensor ${describe(name)}`;
    const { dtype, shape: sizes, data_offsets: offsets } = checkObject(call, field, entry);
    if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype)) {
      throw outOfRange(call, `${field}.dtype`, `one of ${Object.keys(SIZES).join(', ')}`, dtype);
    }
    const shape = sizesOf(call, `${field}.shape`, sizes);
    const [begin = -1, end = -1] = sizesOf(call, `${field}.data_offsets`, offsets);
    const size = shape.reduce((product, axis) => product * axis, SIZES[dtype as Dtype]);
    if (begin < 0 || end > body.length || end - begin !== size) {
      const expected = `[begin, end] of ${size} bytes within ${body.length}`;
      throw new RangeError(`${call}: ${field}.data_offsets is [${String(offsets)}], expected ${expected}`);
    }
    spans.push({ field, begin, end });
    tensors.set(name, { dtype: dtype as Dtype, shape, bytes: body.subarray(begin, end) });
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let last = 0;
  for (const { field, begin, end } of spans) {
    if (begin !== last) {
      throw new RangeError(`${call}: ${field} begins at ${begin}, expected ${last}: neither holes nor overlaps`);
    }
    last = end;
  }
  if (last !== body.length) {
    throw new RangeError(`${call}: the file has ${body.length} bytes of numbers, its header tells of ${last}`);
  }
  return { tensors, metadata };
}

/** Writes a file. Arrays of wide numbers come first: each begins at a multiple of its numbers' size. */
export function writeTensors({ tensors, metadata }: Tensors): Uint8Array {
  const header: Record<string, unknown> = {};
  if (metadata.size > 0) header.__metadata__ = Object.fromEntries(metadata);
  const sorted = [...tensors].sort(([, a], [, b]) => SIZES[b.dtype] - SIZES[a.dtype]);
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  let at = 8 + padded;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
