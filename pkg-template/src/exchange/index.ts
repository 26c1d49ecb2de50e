// What engram/exchange gives: models of other libraries in and out.

export { fromPyTorch, type PyTorchOptions, toPyTorch } from './pytorch.js';
