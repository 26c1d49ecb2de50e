// import 'engram': ready at once, the engine travels inside the script.

import './engram.script.js';

export * from './library.js';
export { default } from './library.js';
