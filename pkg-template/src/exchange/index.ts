// What engram/exchange gives: models of other libraries in and out.

export { fromBrain } from './brain.js';
export { toC } from './c.js';
export { fromKeras, type KerasOptions } from './keras.js';
export { fromNeataptic, type NeatapticJSON, toNeataptic } from './neataptic.js';
export { type OnnxOptions, toOnnx } from './onnx.js';
export { fromPyTorch, type PyTorchOptions, toPyTorch } from './pytorch.js';
export { fromTfjs } from './tfjs.js';
