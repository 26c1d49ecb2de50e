// The lines of a text that comes whole or in pieces.

import { describe, wrongType } from '../checks/errors.js';
import { isBytes, kindOf } from '../checks/realm.js';

/**
 * What a reader reads: a text, its bytes in UTF-8, or either in pieces, as a stream (such as `response.body` or
 * `file.stream()`), or as what `for await` takes (such as a stream of Node).
 */
export type Source =
  | string
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** Characters of the longest line. */
const MOST_CHARACTERS = 2 ** 26;
/** Milliseconds after which the page gets a turn. */
const SLICE = 10;

/** A line and its number, from 1. */
export interface Line {
  text: string;
  number: number;
}

/** The pieces of a source. A stream that is left early is given up, so that what feeds it ends. */
async function* pieces(call: string, source: Source): AsyncGenerator<string | Uint8Array> {
  if (typeof source === 'string' || isBytes(source)) yield source;
  else if (kindOf(source) === 'ArrayBuffer') yield new Uint8Array(source as ArrayBuffer);
  else if (typeof source === 'object' && source !== null && 'getReader' in source) {
    if (source.locked) throw new TypeError(`${call}: source is a stream that has a reader, expected one without`);
    const reader = source.getReader();
    let ended = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        ended = done;
        if (done) return;
        yield value;
      }
    } finally {
      // Safari's streams are not async iterables.
      if (!ended) reader.cancel().catch(() => {});
    }
  } else if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) yield* source;
  else throw wrongType(call, 'source', 'a text, bytes, a stream or an async iterable of these', source);
}

/** The lines of a source; between two of many the page gets its turn. */
export async function* linesOf(call: string, source: Source): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (piece?: Uint8Array): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch (cause) {
      throw new RangeError(`${call}: source has bytes that are not UTF-8, expected such, or a text`, { cause });
    }
  };
  let [rest, number] = ['', 0];
  let start = performance.now();
  const tooLong = () => new RangeError(`${call}: line ${number + 1} has more than ${MOST_CHARACTERS} characters`);
  for await (const piece of pieces(call, source)) {
    if (typeof piece !== 'string' && !isBytes(piece)) {
      throw new TypeError(`${call}: source gives ${describe(piece)}, expected texts or bytes`);
    }
    const text = rest + (typeof piece === 'string' ? piece : decoded(piece));
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      if (end - from > MOST_CHARACTERS) throw tooLong();
      number++;
      yield { text: text.slice(from, end), number };
      from = end + 1;
      if (performance.now() - start >= SLICE) {
        await new Promise((resolve) => setTimeout(resolve));
        start = performance.now();
      }
    }
    rest = text.slice(from);
    if (rest.length > MOST_CHARACTERS) throw tooLong();
  }
  rest += decoded();
  if (rest !== '') yield { text: rest, number: number + 1 };
}
