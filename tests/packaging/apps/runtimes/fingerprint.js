// What every runtime computes: two networks, trained, as one hash of their weights.

/** The hash, wherever it was trained: a change of it is a change of what seeds give. */
export const EXPECTED = '9db1403d';

const bits = (count, length) =>
  Array.from({ length: count }, (_, index) => {
    const input = Array.from({ length: length + (index % 3) }, (_, step) => [(index >> (step % 5)) & 1 ? 1 : -1]);
    return { input, output: input[0][0] > 0 ? [1, 0] : [0, 1] };
  });
const xor = [
  { input: [0, 0], output: [0] },
  { input: [0, 1], output: [1] },
  { input: [1, 0], output: [1] },
  { input: [1, 1], output: [0] },
];

/** FNV-1a over the bytes of numbers. */
function hash(numbers) {
  let sum = 0x811c9dc5;
  for (const byte of new Uint8Array(Float64Array.from(numbers).buffer)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/** Trains by sequences and by pairs, in a worker or with `how` another way; gives the hash. */
export async function fingerprint({ Architect, Trainer }, how = 'trainAsync') {
  const byTime = new Architect.LSTM(1, 5, 2, {
    variant: 'standard',
    output: 'softmax',
    initializer: 'scaled',
    seed: 6,
  });
  await new Trainer(byTime)[how](bits(80, 8), { iterations: 20, error: 0, seed: 7 });
  const byStep = new Architect.Perceptron(2, 3, 1, { seed: 6 });
  await new Trainer(byStep)[how](xor, { iterations: 500, error: -1, rate: 0.3, shuffle: true, seed: 7 });
  for (let step = 0; step < 100; step++) byStep.activate([0, 1]); // compiled by then, where that is allowed
  return hash(
    [byTime, byStep].flatMap(({ weights, biases }) => [...weights, ...biases]).concat(byStep.activate([1, 0])),
  );
}
