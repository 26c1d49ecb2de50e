// The types of 'engram/slim': those of the library, and of `init`.

export * from './api.js';
export { default } from './api.js';
export { type EngineSource, init } from './init.js';
