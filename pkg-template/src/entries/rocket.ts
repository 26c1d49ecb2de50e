// engram/rocket, dist/rocket.js and rocket.cjs: a library of its own, with an engine of its own, all in one file.

export * from '../rocket/index.js';
