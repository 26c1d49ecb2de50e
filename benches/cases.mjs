// What is measured: one row of the table per case.

/** Sizes of LSTM(inputs, cells, outputs) for the step-by-step cases. */
const nets = [
  [1, 6, 1],
  [6, 7, 6],
  [10, 20, 4],
  [20, 50, 10],
];

/** Sequence classification: T steps of I inputs, H cells, C classes, B sequences per batch. */
const sequences = [
  { T: 32, I: 8, H: 32, C: 4, B: 32 },
  { T: 100, I: 1, H: 16, C: 2, B: 32 },
  { T: 64, I: 32, H: 128, C: 10, B: 64 },
];

const stepwise = ['engram', 'synaptic', 'neataptic'];
const frameworks = ['engram', 'engram native', 'tfjs-cpu', 'tfjs-wasm', 'torch'];
const nameOf = ({ T, I, H, C, B }) => `T${T} I${I} H${H} C${C} B${B}`;

/**
 * Every case: `kind` names the function of a peer that measures it, `peers` who can; what is
 * measured is seconds per `unit`.
 */
export const cases = [
  ...nets.map((net) => ({ kind: 'online', name: `online step LSTM(${net})`, unit: 'step', net, peers: stepwise })),
  ...nets.map((net) => ({ kind: 'activate', name: `activate LSTM(${net})`, unit: 'step', net, peers: stepwise })),
  {
    kind: 'xor',
    name: 'train XOR Perceptron(2,3,1)',
    unit: 'example',
    peers: [...stepwise, 'brain.js'],
  },
  ...nets.map((net) => ({
    kind: 'construct',
    name: `construct LSTM(${net}) to first activation`,
    unit: 'network',
    net,
    peers: stepwise,
  })),
  {
    kind: 'construct',
    name: 'construct LSTM(100,200,50) to first activation',
    unit: 'network',
    net: [100, 200, 50],
    peers: ['engram'],
  },
  { kind: 'online', name: 'online step LSTM(100,200,50)', unit: 'step', net: [100, 200, 50], peers: ['engram'] },
  ...sequences.map((shape) => ({
    kind: 'train',
    name: `train ${nameOf(shape)}`,
    unit: 'sequence',
    shape,
    peers: frameworks,
  })),
  {
    kind: 'train',
    name: `train ${nameOf(sequences[2])}, 2 threads`,
    unit: 'sequence',
    shape: sequences[2],
    threads: 2,
    peers: ['engram', 'engram native', 'torch'],
  },
  ...sequences.map((shape) => ({
    kind: 'infer',
    name: `infer ${nameOf(shape)}`,
    unit: 'sequence',
    shape,
    peers: frameworks,
  })),
  ...[
    { texts: 1200, words: 100, vocabulary: 1000 },
    { texts: 1400, words: 100, vocabulary: 1000 },
    { texts: 5000, words: 100, vocabulary: 20_000 },
  ].map((corpus) => ({
    kind: 'texts',
    name: `fit ${corpus.texts} texts of ${corpus.words} words, vocabulary ${corpus.vocabulary}, one epoch`,
    unit: 'text',
    corpus,
    peers: ['engram', 'engram, Chromium'],
  })),
  ...[8, 32, 128].map((cells) => ({
    kind: 'push',
    name: `stream of a classifier, a push, ${cells} cells`,
    unit: 'step',
    cells,
    peers: ['engram'],
  })),
  ...['learn', 'generate'].map((kind) => ({
    kind,
    name: `${kind} letters, 32 cells`,
    unit: 'letter',
    peers: ['engram', 'brain.js'],
  })),
  { kind: 'start', name: 'import to first activate', unit: 'process', peers: ['engram', 'synaptic', 'neataptic'] },
];

const base = { T: 50, I: 4, H: 32, C: 4, B: 32, N: 256 };
const vary = (key, values) => values.map((value) => ({ ...base, [key]: value }));

/** How time and memory of engram's training grow, one quantity at a time. */
export const growth = {
  T: vary('T', [25, 50, 100, 200, 400]),
  H: vary('H', [16, 32, 64, 128, 256]),
  B: vary('B', [8, 16, 32, 64, 128]),
  N: vary('N', [128, 256, 512, 1024, 2048]),
  threads: [1, 2, 4].map((threads) => ({ ...base, H: 128, B: 64, threads })),
};

/** A reproducible stream of numbers in [0, 1), so that every peer sees the same data. */
export function stream(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Labelled texts whose words are drawn from a vocabulary, the first of it more often, and all of it at least once. */
export function corpusOf({ texts, words, vocabulary }) {
  const next = stream(1);
  return Array.from({ length: texts }, (_, text) => {
    const drawn = Array.from({ length: words }, (_, place) => {
      const every = text * words + place;
      return `w${every < vocabulary ? every : Math.floor(next() ** 3 * vocabulary)}`;
    });
    return { input: drawn.join(' '), label: next() < 0.5 ? 'a' : 'b' };
  });
}

/** Texts of ten letters, each of which makes the next a few times as probable as others. */
export function lettersOf(texts, length) {
  const next = stream(3);
  return Array.from({ length: texts }, () => {
    let letter = Math.floor(next() * 10);
    return Array.from({ length }, () => {
      letter = next() < 0.7 ? (letter * 3 + 1) % 10 : Math.floor(next() * 10);
      return 'abcdefghij'[letter];
    }).join('');
  });
}

/** `count` vectors of `size` numbers in [0, 1). */
export function vectors(count, size, seed) {
  const next = stream(seed);
  return Array.from({ length: count }, () => Array.from({ length: size }, next));
}
