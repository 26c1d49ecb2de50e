// require('engram') in Node.

import './run-script.js';

export * from './library.js';
export { default } from './library.js';
