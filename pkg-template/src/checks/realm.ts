// What a value is, whichever realm made it. Frameworks for tests, frames and vm contexts have globals of their
// own, so their Uint8Array is another class than the package's, and `instanceof` says no.

/** The built-in kind of a value, such as 'Uint8Array' or 'AbortSignal'; 'Object' for classes of users. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** True for errors. */
export function isError(value: unknown): value is Error {
  return kindOf(value) === 'Error' || kindOf(value) === 'DOMException';
}

/** True for bytes, and so for a Buffer of Node. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && kindOf(value) === 'Uint8Array';
}

/** True for addresses. */
export function isURL(value: unknown): value is URL {
  return kindOf(value) === 'URL';
}

/** True for signals. By what it does: libraries make some of their own. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

const errors: Record<string, ErrorConstructor> = { RangeError, TypeError };

/** An error of this realm that says what was thrown. */
export function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (!isError(thrown)) return new Error(String(thrown));
  const { name, message, stack } = thrown;
  const error = new (errors[name] ?? Error)(message, { cause: thrown });
  if (error.name !== name) error.name = name;
  error.stack = stack;
  return error;
}

/** A message with its arrays as this realm's views of the same numbers. */
export function ofThisRealm<T>(message: T): T {
  if (ArrayBuffer.isView(message)) {
    const Own = Object(globalThis)[kindOf(message)] as Float64ArrayConstructor;
    const { buffer, byteOffset, length } = message as unknown as Float64Array;
    return message instanceof Own ? message : (new Own(buffer, byteOffset, length) as T);
  }
  if (kindOf(message) !== 'Object') return message;
  const fields = Object.entries(message as object).map(([name, value]) => [name, ofThisRealm(value)]);
  return Object.fromEntries(fields) as T;
}
