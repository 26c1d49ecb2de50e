// Numbers as text: base64 (RFC 4648, section 4) of doubles, little-endian.

/** Bytes that become a string at a time: arguments of a call are limited. Divisible by 3, so that parts join. */
const PART = 24_576;

/** The text of some numbers. */
export function textOfNumbers(numbers: Float64Array): string {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += PART) {
    // Numbers in the engine's memory are copied, as a function may refuse memory that is shared.
    parts.push(btoa(String.fromCharCode(...bytes.slice(start, start + PART))));
  }
  return parts.join('');
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
