// Mutations of plain data: most of a value stays right, so that what is behind the first checks is
// reached too.

import { below, pick } from '../support/random.mjs';

/** Values that are most likely to hurt; functions give new ones each time. */
const EDGES = [
  undefined,
  null,
  true,
  NaN,
  Infinity,
  -Infinity,
  -1,
  -0,
  0.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e9,
  '',
  '0',
  'input',
  'output',
  'TANH',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  10n,
  Symbol('engram'),
  () => [],
  () => ({}),
  () => [[]],
  () => [[1, 2]],
  () => [NaN],
  () => new Array(3),
  () => new Float64Array(2),
  () => new BigInt64Array(2),
  () => new Uint8Array(4096),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => ({ length: 1e9 }),
  () => ({ length: -1, 0: 1 }),
  () => () => 0,
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => new Proxy({}, {}),
  () => ({
    get input() {
      return [0];
    },
  }),
];

const edge = (random) => {
  const value = pick(random, EDGES);
  return typeof value === 'function' ? value() : value;
};

const isPlain = (value) => typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

/** Every place of a value: the object that holds it, and its key there. */
function places(value, found = [], depth = 0) {
  if (!isPlain(value) || depth > 6) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    places(value[key], found, depth + 1);
  }
  return found;
}

/** Words that are most likely to hurt, for lists of 64-bit words. */
const WORDS = [0n, 1n, 2n, 0xffn, 0xffffffffn, 1n << 32n, 1n << 62n, (1n << 64n) - 1n];

/** Changes some of a file's bytes, or how many it has. */
function mutateBytes(file, random) {
  const place = below(random, file.length);
  const copy = file.slice();
  switch (below(random, 6)) {
    case 0:
      copy[place] ^= 1 << below(random, 8);
      return copy;
    case 1:
      copy[place] = pick(random, [0, 1, 0x7f, 0x80, 0xff]);
      return copy;
    case 2: {
      // A number that may be a size or an address.
      const value = pick(random, [...WORDS, BigInt(below(random, file.length))]);
      if (place + 8 <= copy.length) new DataView(copy.buffer).setBigUint64(place, value, true);
      return copy;
    }
    case 3:
      return copy.slice(0, place);
    case 4:
      copy.copyWithin(place, below(random, file.length), below(random, file.length));
      return copy;
    default: {
      const longer = new Uint8Array(file.length + 1);
      longer.set(file.subarray(0, place));
      longer[place] = below(random, 256);
      longer.set(file.subarray(place), place + 1);
      return longer;
    }
  }
}

function mutateOnce(holder, random) {
  const all = places(holder);
  const [object, key] = pick(random, all);
  const held = object[key];
  if (held instanceof Uint8Array && held.length > 0 && random() < 0.9) {
    object[key] = mutateBytes(held, random);
    return;
  }
  if (ArrayBuffer.isView(held) && held.length > 0 && random() < 0.7) {
    const place = below(random, held.length);
    if (held instanceof BigUint64Array) held[place] = random() < 0.5 ? pick(random, WORDS) : held[place] + 1n;
    else held[place] = pick(random, [0, -1, 1, 0.5, 1e308, NaN, Infinity]);
    return;
  }
  switch (below(random, 8)) {
    case 0:
      delete object[key];
      return;
    case 1: {
      const [other, from] = pick(random, all);
      object[key] = other[from];
      return;
    }
    case 2:
      if (typeof object[key] === 'number') object[key] += pick(random, [1, -1, 0.5, 1e308, -1e308]);
      else object[key] = edge(random);
      return;
    case 3:
      if (isPlain(object[key])) {
        const name = pick(random, ['extra', '__proto__', 'length', '0', 'then']);
        // As JSON.parse makes it: a property, whatever its name.
        Object.defineProperty(object[key], name, { value: edge(random), enumerable: true, configurable: true });
      }
      return;
    case 4:
      if (Array.isArray(object)) object.push(object[key]);
      return;
    case 5:
      if (Array.isArray(object)) object.length = below(random, object.length + 1);
      return;
    default:
      object[key] = edge(random);
  }
}

/** A copy of a value with one to three changes; the value itself may be replaced. */
export function mutate(value, random) {
  const holder = { value: structuredClone(value) };
  for (let count = 1 + below(random, 3); count > 0; count--) {
    try {
      mutateOnce(holder, random);
    } catch (error) {
      // What can't be changed (a frozen length, a typed array) stays as it is.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
  }
  return holder.value;
}

/** Text that shows a value whatever it is, for the report of a finding. */
export function show(value, depth = 0) {
  if (depth > 6) return '…';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function' || value === undefined) return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.length})`;
  if (!isPlain(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const entries = Object.entries(value).slice(0, 50);
  const inner = entries.map(([key, entry]) => `${JSON.stringify(key)}: ${show(entry, depth + 1)}`);
  return Array.isArray(value) ? `[${inner.join(', ')}]` : `{${inner.join(', ')}}`;
}
