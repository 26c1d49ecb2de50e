// How a symbol is drawn from probabilities: the same in every runtime, so that one seed makes one text.

/** What shapes the draw, checked. */
export interface Sampling {
  /** From 0: below 1 the probable becomes more probable, above 1 less; 0 takes the most probable always. */
  temperature: number;
  /** How many of the most probable are drawn from. */
  topK: number;
  /** The most probable that together have this share are drawn from. */
  topP: number;
}

const bits = new DataView(new ArrayBuffer(8));

/** Two to the power of an integer from -1022 to 1023. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Natural logarithm of a normal number above 0, by sums and products alone: `Math.log` differs by runtime. */
function logarithm(value: number): number {
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0x000f_ffff) | (1023 << 20));
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), of which |s| is below 0.172.
  const s = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let power = 21; power >= 1; power -= 2) sum = sum * s * s + 1 / power;
  return 2 * s * sum + exponent * Math.LN2;
}

/** The exponential of a number of at most 0, likewise. */
function exponential(value: number): number {
  if (value < -700) return 0;
  const twos = Math.round(value / Math.LN2);
  const rest = value - twos * Math.LN2;
  let sum = 1;
  for (let term = 18; term >= 1; term--) sum = 1 + (sum * rest) / term;
  return sum * powerOfTwo(twos);
}

/** Least probability whose logarithm is taken: a normal number. */
const LEAST = 1e-300;

/** One of the places of `probabilities`; `random` is in [0, 1). */
export function draw(probabilities: Float64Array, { temperature, topK, topP }: Sampling, random: number): number {
  const order = Array.from(probabilities, (_, place) => place);
  // Of equal ones the first.
  order.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b);
  const [first = 0] = order;
  if (temperature === 0) return first;
  const top = Math.max(probabilities[first] as number, LEAST);
  const likely: { place: number; weight: number }[] = [];
  const all = probabilities.reduce((sum, probability) => sum + probability, 0);
  let share = 0;
  for (const place of order) {
    if (likely.length >= topK || share >= topP * all) break;
    const probability = Math.max(probabilities[place] as number, LEAST);
    share += probability;
    // As shares of the largest, so that no power is too large or all too small.
    const weight = temperature === 1 ? probability : exponential(logarithm(probability / top) / temperature);
    likely.push({ place, weight });
  }
  const total = likely.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  for (const { place, weight } of likely) {
    left -= weight;
    if (left < 0) return place;
  }
  return likely.at(-1)?.place ?? first;
}
