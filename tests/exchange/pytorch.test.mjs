// PyTorch's modules in and out, against what PyTorch itself has answered (make_pytorch.py).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Network, Neuron, Trainer } from 'engram';
import { fromPyTorch, toPyTorch } from 'engram/exchange';

import { assertClose, bytes, stepsOf, vectors } from './support.mjs';

const { cases } = vectors('pytorch');

for (const [index, { kind, shape, file, sequences, outputs }] of cases.entries()) {
  test(`${kind} ${index}: ${JSON.stringify(shape)} answers as in PyTorch, and once more after the way back`, () => {
    const network = fromPyTorch(bytes(file));
    assert.ok(network instanceof Network);
    const back = fromPyTorch(toPyTorch(network));
    sequences.forEach((steps, at) => {
      const given = stepsOf(network.inputs(), steps);
      assertClose(network.activateSequence(given), outputs[at], 1e-6);
      assertClose(back.activateSequence(given), outputs[at], 1e-6);
    });
    network.free();
    back.free();
  });
}

test('networks of layers of different sizes and of several dense layers come back as they were', () => {
  for (const cell of ['LSTM', 'GRU']) {
    const variant = cell === 'LSTM' ? { variant: 'standard' } : {};
    const options = { ...variant, output: 'softmax', bidirectional: true, embedding: 3, seed: 4 };
    const network = new Architect[cell](5, 4, 2, 3, options);
    const back = fromPyTorch(toPyTorch(network));
    const steps = stepsOf(5, [0, 3, 4, 1]);
    assertClose(back.activateSequence(steps), network.activateSequence(steps), 1e-6);
    assert.deepEqual(
      back.layers.output.list.map(({ squash }) => squash),
      network.layers.output.list.map(({ squash }) => squash),
    );
  }
});

test('networks with read-outs come back as they were', () => {
  for (const readout of ['last', 'mean', 'max', 'attention']) {
    for (const bidirectional of [false, true]) {
      const network = new Architect.GRU(2, 3, 2, { readout, bidirectional, output: 'softmax', seed: 9 });
      const back = fromPyTorch(toPyTorch(network));
      const steps = Array.from({ length: 5 }, (_, step) => [Math.sin(step), Math.cos(step)]);
      const expected = network.activateSequence(steps);
      assertClose(back.activateSequence(steps), expected, 1e-6);
      // One direction's last step needs no read-out: it is the last output.
      assert.equal(expected.length, readout === 'last' && !bidirectional ? 5 : 1);
    }
  }
});

test('an imported network learns on, and its file has what it learnt', () => {
  const { file } = cases.find(({ shape }) => shape.embedding > 0 && shape.outputs === 3);
  const network = fromPyTorch(bytes(file), { output: 'softmax' });
  const set = [0, 1, 0, 1].map((symbol, at) => ({
    input: stepsOf(network.inputs(), [symbol, 1 - symbol, at % 2]),
    output: symbol === 0 ? [1, 0, 0] : [0, 0, 1],
  }));
  const before = network.activateSequence(set[0].input);
  const { error } = new Trainer(network).train(set, { iterations: 200, rate: 0.05, error: 0.001, seed: 1 });
  assert.ok(error < 0.05, `error ${error}`);
  const back = fromPyTorch(toPyTorch(network));
  assertClose(back.activateSequence(set[0].input), network.activateSequence(set[0].input), 1e-6);
  assert.notDeepEqual(network.activateSequence(set[0].input), before);
});

/** A file of safetensors with this header and these numbers. */
function fileOf(header, values = []) {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + values.length * 4);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(new Uint8Array(Float32Array.from(values).buffer), 8 + text.length);
  return file;
}
/** A file of single-precision zeros of these shapes. */
function zeros(shapes) {
  let end = 0;
  const header = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = 4 * shape.reduce((product, axis) => product * axis, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + size] };
    end += size;
  }
  return fileOf(header, new Array(end / 4).fill(0));
}
const lstm = {
  'lstm.weight_ih_l0': [8, 3],
  'lstm.weight_hh_l0': [8, 2],
  'lstm.bias_ih_l0': [8],
  'lstm.bias_hh_l0': [8],
};
const one = (entry) => fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...entry } }, [0]);

test('what cannot be told, and what is damaged, is refused by name', () => {
  const refused = [
    [Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), TypeError, /pickle.*save_file/],
    [Uint8Array.of(0x80, 2, 0x8a, 0, 0, 0, 0, 0), TypeError, /pickle/],
    ['text', TypeError, /file is "text", expected a Uint8Array/],
    [new Uint8Array(3), RangeError, /3 bytes/],
    [fileOf('{').subarray(0, 8), RangeError, /header has 1 bytes, the file 0/],
    [fileOf('{'), RangeError, /header is no JSON/],
    [fileOf('[]'), TypeError, /header is an array of 0/],
    [
      fileOf({ a: { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 4] } }),
      RangeError,
      /tensor "a".data_offsets is \[0,4\], expected \[begin, end\] of 4398046511104 bytes/,
    ],
    [one({ dtype: 'C64' }), RangeError, /tensor "a".dtype is "C64"/],
    [one({ data_offsets: [0, 8] }), RangeError, /data_offsets is \[0,8\]/],
    [one({ shape: [2] }), RangeError, /expected \[begin, end\] of 8 bytes/],
    [fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, [0, 0]), RangeError, /begins at 4, expected 0/],
    [fileOf({}, [1]), RangeError, /4 bytes of numbers, its header tells of 0/],
    [fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, [NaN]), RangeError, /tensor "a"\[0\] is NaN/],
    [fileOf({}), RangeError, /no weight_ih_l0/],
    [zeros({ ...lstm, 'lstm.weight_hr_l0': [1, 2] }), RangeError, /"lstm.weight_hr_l0".*proj_size/],
    [zeros({ ...lstm, 'lstm.weight_hh_l0': [8, 3] }), RangeError, /"lstm.weight_hh_l0" has shape \(8, 3\)/],
    [zeros({ ...lstm, 'lstm.bias_hh_l0': [7] }), RangeError, /"lstm.bias_hh_l0" has shape \(7\), expected \(8\)/],
    [zeros({ ...lstm, 'lstm.weight_hh_l0': [2, 2] }), RangeError, /expected \(4 h, h\) of an nn.LSTM/],
    [zeros({ ...lstm, 'norm.weight': [2], 'norm.bias': [2] }), RangeError, /"norm.weight", "norm.bias".*no layer/],
    [
      zeros({ ...lstm, 'fc.weight': [2, 5], 'fc.bias': [2] }),
      RangeError,
      /"fc.weight" has shape \(2, 5\), expected \(2, 2\)/,
    ],
    [
      zeros({ ...lstm, 'a.weight': [2, 2], 'a.bias': [2], 'b.weight': [2, 2], 'b.bias': [2] }),
      RangeError,
      /"a", "b" can't be told apart; say in options.map.head/,
    ],
  ];
  for (const [file, kind, message] of refused) {
    assert.throws(
      () => fromPyTorch(file),
      (error) => error instanceof kind && /^fromPyTorch: /.test(error.message) && message.test(error.message),
    );
  }
  const file = zeros(lstm);
  assert.throws(() => fromPyTorch(file, { output: 'relu' }), /options.output is "relu"/);
  assert.throws(() => fromPyTorch(file, { maps: {} }), /options.maps is not known; did you mean 'map'/);
  assert.throws(() => fromPyTorch(file, { map: { rnn: 'gru' } }), /no tensor "gru.weight_ih_l0"/);
  assert.throws(() => fromPyTorch(file, { map: { head: 3 } }), /options.map.head is 3/);
  assert.throws(() => toPyTorch(new Architect.Perceptron(2, 3, 1)), /TypeError|none of standard LSTM/);
  assert.throws(() => toPyTorch(new Architect.LSTM(2, 3, 1)), /none of standard LSTM/);
  assert.throws(() => toPyTorch(new Architect.GRU(2, 3, 1, { reset: 'before' })), /before the matrix/);
});

test('a network that only looks like a stack is not written as one', () => {
  const network = new Architect.LSTM(2, 3, 1, { variant: 'standard' });
  network.layers.input.project(network.layers.output);
  assert.throws(() => toPyTorch(network), /none of standard LSTM/);
});

test('options say what shapes cannot', () => {
  const file = zeros({ ...lstm, 'a.weight': [3, 2], 'a.bias': [3], 'b.weight': [4, 3], 'b.bias': [4] });
  const map = { head: ['a', 'b'] };
  const network = fromPyTorch(file, { map, hidden: 'relu', output: 'logistic' });
  assert.equal(network.outputs(), 4);
  assert.equal(network.activate([1, 2, 3])[0], 0.5);
  assert.equal(network.layers.hidden.at(-1).list[0].squash, Neuron.squash.RELU);
  assert.throws(
    () => fromPyTorch(file, { map }),
    /^RangeError: fromPyTorch: a state dict does not say what stands between "a", "b"; say it in options.hidden/,
  );
  assert.throws(() => fromPyTorch(file, { map, hidden: 'gelu' }), /options.hidden is "gelu"/);
});
