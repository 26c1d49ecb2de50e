// import 'engram' in Node, Deno and Bun, dist/engram.mjs: the bundle for require, so that both give one library.

import './bundle.js';

export * from './library.js';
export { default } from './library.js';
