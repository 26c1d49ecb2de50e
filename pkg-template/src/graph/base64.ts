// Numbers as text: base64 (RFC 4648, section 4) of doubles, little-endian.

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = '='.charCodeAt(0);
/** Bytes that become text at a time, and the other way round. Divisible by 3, so that parts join. */
const PART = 393_216;

/** The text of some numbers. */
export function textOfNumbers(numbers: Float64Array): string {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += PART) {
    parts.push(decoder.decode(charactersOf(bytes.subarray(start, start + PART))));
  }
  return parts.join('');
}

/** By hand, since `btoa` takes a string of the bytes, which costs ten times as much to make. */
function charactersOf(bytes: Uint8Array): Uint8Array {
  const characters = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const [a, b, c] = [bytes[from] as number, bytes[from + 1] ?? 0, bytes[from + 2] ?? 0];
    characters[to] = ALPHABET[a >> 2] as number;
    characters[to + 1] = ALPHABET[((a & 3) << 4) | (b >> 4)] as number;
    characters[to + 2] = from + 1 < bytes.length ? (ALPHABET[((b & 15) << 2) | (c >> 6)] as number) : PAD;
    characters[to + 3] = from + 2 < bytes.length ? (ALPHABET[c & 63] as number) : PAD;
  }
  return characters;
}

/** Characters that so many numbers take. */
export const lengthOfText = (count: number): number => 4 * Math.ceil((count * 8) / 3);

/** The numbers of a text of {@link lengthOfText} characters; undefined where it is no base64. */
export function numbersOfText(text: string, count: number): Float64Array | undefined {
  const numbers = new Float64Array(count);
  const bytes = new Uint8Array(numbers.buffer);
  const step = (PART / 3) * 4;
  try {
    for (let start = 0, at = 0; start < text.length; start += step) {
      const part = atob(text.slice(start, start + step));
      if (at + part.length > bytes.length) return undefined;
      for (let index = 0; index < part.length; index++) bytes[at++] = part.charCodeAt(index);
      if (start + step >= text.length && at !== bytes.length) return undefined;
    }
  } catch {
    return undefined;
  }
  return numbers;
}
