// node --allow-natives-syntax deoptimised.mjs KIND: calls a function of WebAssembly from optimised code that is given up
// while the call runs, and prints the result. KIND is what the function returns: nothing, i32, f64 or externref. V8 up
// to 12 ends the process for the last one, so no function of the engine returns that (src/bindings/mod.rs).

// (import "host" "call" (func $call)), and for each KIND a function that calls it and returns 7; for externref what it is given.
const code =
  'AGFzbQEAAAABEQRgAABgAAF/YAABfGABbwFvAg0BBGhvc3QEY2FsbAAAAwUEAAECAwcjBAdub3RoaW5nAAEDaTMyAAIDZjY0AAMJZXh0ZXJucmVmAAQKIgQEABAACwYAEABBBwsNABAARAAAAAAAABxACwYAEAAgAAs=';

let host = () => {};
const module = new WebAssembly.Module(Buffer.from(code, 'base64'));
const { exports } = new WebAssembly.Instance(module, { host: { call: () => host() } });
const caller = new Function('exports', `return function caller() { return exports.${process.argv[2]}(); }`)(exports);
const native = (call) => new Function('caller', `%${call}(caller)`)(caller);

native('PrepareFunctionForOptimization');
caller();
caller();
native('OptimizeFunctionOnNextCall');
caller();
host = () => native('DeoptimizeFunction');
console.log(caller());
