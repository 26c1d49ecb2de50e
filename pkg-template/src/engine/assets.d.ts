// What the bundler makes of files that are no code: the text of one, and the bytes of one in base64.

declare module '*.txt' {
  const text: string;
  export default text;
}
declare module '*.wasm' {
  const base64: string;
  export default base64;
}
