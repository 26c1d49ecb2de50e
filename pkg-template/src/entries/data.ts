// engram/data, dist/data.js and data.cjs: readers of files, a library of its own.

export * from '../readers/index.js';
