// Bytes that a script carries as base64.

/** The bytes of a text. */
export function bytesOfBase64(text: string): Uint8Array {
  const native = Uint8Array as { fromBase64?: (text: string) => Uint8Array };
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = letters.charCodeAt(index);
  return bytes;
}
