// What Node and Python must do alike, as plain data: the cases, and how the JavaScript side answers them.

import { createHash } from 'node:crypto';
import {
  Encoder,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
} from 'engram';

const classes = {
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
};

const words = [
  'hello',
  'world',
  'apple',
  'grape',
  'stone',
  'river',
  'cloud',
  'night',
  'plum',
  'sea',
  'größe',
  '👍🏽 ok',
];
const labelled = words.map((input, index) => ({ input, label: index % 3 === 0 ? 'a' : 'b' }));
const wave = (speed, steps) => Array.from({ length: steps }, (_, step) => Math.sin(step / (2 + speed)));
const pairs = (count) =>
  Array.from({ length: count }, (_, index) => {
    const input = Array.from({ length: 3 + (index % 5) }, (_, step) => [
      Math.cos(index + step),
      (index % 7) - step / 3,
    ]);
    return { input, label: (index * 7) % 3 };
  });
const several = (input, index) => {
  const fit = { even: index % 2 === 0, long: input.length > 4, 3: index % 3 === 0 };
  return ['even', 3, 'long'].filter((label) => fit[label]);
};
const rated = pairs(40).map(({ input }, index) => ({ input, output: [1e6 * input.length + index, -0.001 * index] }));
const running = [3, 5, 2].map((count, index) => {
  const input = wave(index, 4 * count);
  return { input, output: input.map((value, step) => (step % 4 === index ? null : 300 + 20 * value * step)) };
});
const markets = [0, 1, 2].map((which) =>
  Array.from({ length: 14 + which }, (_, step) => ({
    price: (80 + which) * (1.03 + 0.01 * Math.sin(step)) ** step,
    sold: 1000 * step - (step % 3),
    day: step % 7,
  })),
);
const stairs = (count) =>
  Array.from({ length: count }, (_, step) => [
    step % 6 === 4 ? null : 3 * step + Math.cos(step),
    step % 5 ? step : null,
  ]);
const gaps = (rows) => rows.map((row, step) => (step % 4 === 1 ? { ...row, y: null } : row));
const named = (count) => Array.from({ length: count }, (_, step) => ({ x: Math.sin(step), y: step / 9 - 2, other: 7 }));
const rhymes = [
  'one, two, buckle my shoe; three, four, knock at the door',
  'five, six, pick up sticks',
  'seven, eight, lay them straight',
  'Größe 👍🏽 x',
  'nine',
];
/** Bumps up and down that say so. */
const bumps = ['ud', 'du', 'uud', 'd', '', 'dduu', 'udu', 'uu'].map((output, index) => {
  const bump = { u: [index / 4, 4, 5, 1], d: [-1, -5, -3 - index, 0] };
  return { input: [0.5, ...Array.from(output).flatMap((symbol) => bump[symbol]), 0.1 * index], output };
});
const sentences = [
  { input: 'One two THREE four', labels: ['x', 'y', null, 'x'] },
  { input: 'four -2.5', labels: ['y', 'x'] },
  { input: 'three C#4 one', labels: [null, 'y', 'x'] },
];

/** Models that are trained: the class, its options (the encoder as it is stored), samples and options of `fit`. */
export const training = {
  'bits, by bytes of UTF-8': {
    type: 'SequenceClassifier',
    options: { labels: ['a', 'b'], encoder: Encoder.bits(), hidden: [6], seed: 3 },
    samples: labelled,
    fit: { epochs: 5 },
  },
  'gated recurrent units, read out by attention': {
    type: 'SequenceClassifier',
    options: {
      labels: ['a', 'b'],
      encoder: Encoder.bytes(),
      hidden: [5],
      variant: 'gru',
      readout: 'attention',
      seed: 8,
    },
    samples: labelled,
    fit: { epochs: 4 },
  },
  'two layers that read both ways, with dropout, smoothing and a share held out, in double precision': {
    type: 'SequenceClassifier',
    options: {
      labels: ['a', 'b'],
      encoder: Encoder.bytes(),
      hidden: [7, 5],
      bidirectional: true,
      dropout: 0.2,
      seed: 4,
    },
    samples: labelled,
    fit: { epochs: 6, validation: 0.25, precision: 'f64', labelSmoothing: 0.1 },
  },
  'rows of numbers, weighted labels, clipping, a batch of more than one shard': {
    type: 'SequenceClassifier',
    options: { labels: [0, 1, 2], encoder: Encoder.numeric({ channels: 2 }), hidden: [9], seed: 5 },
    samples: pairs(90),
    fit: { epochs: 4, batchSize: 40, classWeights: 'balanced', clipNorm: 0.1, rate: 0.02, threads: 3 },
  },
  'samples of their own to be judged by, with patience and a rate that falls': {
    type: 'SequenceClassifier',
    options: { labels: ['a', 'b'], encoder: Encoder.oneHot('abcdefghilmnopr'), hidden: [5], seed: 6 },
    samples: labelled.slice(0, 8),
    fit: {
      epochs: 30,
      validation: labelled.slice(8),
      patience: 3,
      warmUp: 2,
      decay: { type: 'cosine', floor: 0.1 },
      rate: 0.05,
      classWeights: { a: 2, b: 0.5 },
    },
  },
  'truth values as labels, a rate per share, gradients without bound': {
    type: 'SequenceClassifier',
    options: {
      labels: [false, true],
      encoder: Encoder.tokens({ embedding: 3, split: 'characters' }),
      hidden: [4],
      seed: 7,
    },
    samples: words.map((input, index) => ({ input, label: index > 5 })),
    fit: { epochs: 7, rate: [0.05, 0.01], clipNorm: null, groupByLength: true, optimizer: 'rmsprop' },
  },
  'convolutions alone, mean and maximum': {
    type: 'SequenceClassifier',
    options: {
      labels: [0, 1, 2],
      encoder: Encoder.numeric({ channels: 2 }),
      hidden: [],
      convolution: [
        { filters: 5, width: 3, dilation: 1 },
        { filters: 4, width: 2, dilation: 2 },
      ],
      seed: 21,
    },
    samples: pairs(40),
    fit: { epochs: 4, threads: 2 },
  },
  'convolutions both ways below gated recurrent units': {
    type: 'SequenceTagger',
    options: {
      labels: ['x', 'y'],
      encoder: Encoder.tokens({ embedding: 3 }),
      hidden: [4],
      convolution: [{ filters: 3, width: 2, dilation: 1 }],
      bidirectional: true,
      variant: 'gru',
      seed: 22,
    },
    samples: sentences,
    fit: { epochs: 5 },
  },
  'the topology of Synaptic': {
    type: 'SequenceClassifier',
    options: { labels: ['a', 'b'], encoder: Encoder.bytes(), hidden: [3, 2], variant: 'synaptic', seed: 8 },
    samples: labelled,
    fit: { epochs: 3, decay: { type: 'step', every: 2, factor: 0.5 }, optimizer: 'sgd', weightDecay: 0.01 },
  },
  'windows of rows, pooled by attention from both sides, weights as in Keras': {
    type: 'SequenceClassifier',
    options: {
      labels: [0, 1, 2],
      encoder: Encoder.numeric({ channels: 2, window: 3, stride: 2 }),
      hidden: [5],
      bidirectional: true,
      readout: 'attention',
      initializer: 'keras',
      seed: 15,
    },
    samples: pairs(40),
    fit: { epochs: 4 },
  },
  'samples that count differently, a share of them held out': {
    type: 'SequenceClassifier',
    options: { labels: [0, 1, 2], encoder: Encoder.numeric({ channels: 2 }), hidden: [4], seed: 18 },
    samples: pairs(40).map((sample, index) => ({ ...sample, weight: 0.25 + (index % 5) })),
    fit: { epochs: 4, validation: 0.2, classWeights: 'balanced' },
  },
  'several labels at once, or none, smoothed, a share held out': {
    type: 'SequenceClassifier',
    options: {
      labels: ['long', 'even', 3],
      encoder: Encoder.numeric({ channels: 2 }),
      hidden: [5],
      multiLabel: true,
      thresholds: { long: 0.4 },
      seed: 19,
    },
    samples: pairs(40).map(({ input }, index) => ({ input, labels: several(input, index), weight: 1 + (index % 2) })),
    fit: { epochs: 5, validation: 0.25, labelSmoothing: 0.1 },
  },
  'the first of two layers frozen': {
    type: 'SequenceClassifier',
    options: { labels: ['a', 'b'], encoder: Encoder.bytes(), hidden: [4, 3], bidirectional: true, seed: 17 },
    samples: labelled,
    fit: { epochs: 4, freeze: ['layer 0'], clipNorm: 0.1 },
  },
  'the largest of the steps, weights as in PyTorch': {
    type: 'SequenceClassifier',
    options: {
      labels: ['a', 'b'],
      encoder: Encoder.bytes(),
      hidden: [4, 3],
      readout: 'max',
      initializer: 'pytorch',
      seed: 16,
    },
    samples: labelled,
    fit: { epochs: 4, precision: 'f64' },
  },
  'lists of symbols': {
    type: 'SequenceClassifier',
    options: { labels: ['p', 'q'], encoder: Encoder.symbols({ most: 4, embedding: 2 }), hidden: [4], seed: 9 },
    samples: [
      { input: ['C4', 7, 'E4'], label: 'p' },
      { input: [7, '7', 2.5, 'C4'], label: 'q' },
      { input: ['😀', '\uffff', 'E4', 7], label: 'p' },
    ],
    fit: { epochs: 8 },
  },
  'words of sentences, truncated': {
    type: 'SequenceTagger',
    options: { labels: ['x', 'y'], encoder: Encoder.tokens({ embedding: 4 }), seed: 10 },
    samples: sentences,
    fit: { epochs: 9, truncate: 2, optimizer: 'adamw', shuffle: false },
  },
  'words of sentences, a share of them held out': {
    type: 'SequenceTagger',
    options: {
      labels: ['x', 'y'],
      encoder: Encoder.tokens({ most: 3, embedding: 2 }),
      hidden: [3],
      bidirectional: true,
      seed: 11,
    },
    samples: sentences,
    fit: { epochs: 4, validation: 0.34 },
  },
  'several series, by momentum, some held out': {
    type: 'SequencePredictor',
    options: { encoder: Encoder.numeric(), hidden: [6], seed: 12 },
    samples: [wave(1, 40), wave(2, 40), wave(3, 21), wave(4, 33)],
    fit: { epochs: 7, optimizer: 'momentum', groupByLength: true, validation: 0.34 },
  },
  'the end of one series held out': {
    type: 'SequencePredictor',
    options: { encoder: Encoder.numeric({ normalize: false }), hidden: [4], seed: 13 },
    samples: [wave(2, 50)],
    fit: { epochs: 6, validation: 0.2, decay: { type: 'plateau', patience: 1, factor: 0.5 } },
  },
  'two numbers for a sequence, in units of their own, the largest of the steps from both sides': {
    type: 'SequenceRegressor',
    options: { encoder: Encoder.numeric({ channels: 2 }), hidden: [6], outputs: 2, bidirectional: true, seed: 12 },
    samples: rated,
    fit: { epochs: 5, validation: 0.25 },
  },
  'a number for most steps': {
    type: 'SequenceRegressor',
    options: { encoder: Encoder.numeric(), hidden: [5, 4], targetsAt: 'each', seed: 13 },
    samples: running,
    fit: { epochs: 6, precision: 'f64', validation: [{ input: [1, 2, 3], output: [310, null, 320] }] },
  },
  'letters of texts in pieces, some of them not known, a share held out': {
    type: 'SequenceGenerator',
    options: { encoder: Encoder.oneHot('abcdefghiklmnoprstuvwxy ,;'), hidden: [9], seed: 23 },
    samples: rhymes,
    fit: { epochs: 12, piece: 7, validation: 0.2, rate: 0.03, batchSize: 3 },
  },
  'words of texts that are read whole, in double precision': {
    type: 'SequenceGenerator',
    options: { encoder: Encoder.tokens({ embedding: 4, most: 12 }), hidden: [5, 4], dropout: 0.1, seed: 24 },
    samples: rhymes,
    fit: { epochs: 8, truncate: 3, precision: 'f64' },
  },
  'notes that go on, by gated recurrent units, above convolutions': {
    type: 'SequenceGenerator',
    options: {
      encoder: Encoder.symbols(),
      hidden: [5],
      convolution: [{ filters: 4, width: 3, dilation: 1 }],
      variant: 'gru',
      seed: 25,
    },
    samples: [
      ['C4', 'E4', 7, '7', 'C4', 'E4', 7],
      ['E4', 7, '7'],
      [7, 'C4', 'E4', 7, '7', 'C4'],
    ],
    fit: { epochs: 9, piece: 4, validation: [['C4', 'E4', 'x', 7]] },
  },
  'texts that are read, of weighted samples, some of them held out': {
    type: 'SequenceTranscriber',
    options: { encoder: Encoder.numeric(), hidden: [6], seed: 26 },
    samples: bumps.map((sample, index) => ({ ...sample, weight: 1 + (index % 3) })),
    fit: { epochs: 9, validation: 0.25, rate: 0.03, batchSize: 2 },
  },
  'lists that are read from both sides, of symbols that are given, in double precision': {
    type: 'SequenceTranscriber',
    options: {
      encoder: Encoder.tokens({ embedding: 3, split: 'characters' }),
      symbols: ['long', 7, 'short', '7'],
      hidden: [5],
      bidirectional: true,
      variant: 'gru',
      dropout: 0.1,
      seed: 27,
    },
    samples: words
      .map((input, index) => ({ input, output: [input.length > 5 ? 'long' : 'short', 7, 7].slice(0, index % 4) }))
      .filter(({ input }) => input.length > 4),
    fit: { epochs: 6, precision: 'f64', validation: [{ input: 'abcdefg', output: ['short', '7'] }] },
  },
  'changes of one channel of three, two rows at once, the end of each held out': {
    type: 'SequencePredictor',
    options: {
      encoder: Encoder.numeric({ channels: ['price', 'sold', 'day'], difference: { price: 'relative', sold: true } }),
      outputs: ['price'],
      covariates: ['day'],
      horizon: 2,
      hidden: [5],
      seed: 14,
    },
    samples: markets,
    ahead: markets.map(() => [[3], { day: 4 }]),
    fit: { epochs: 5, validation: 0.3, holdOut: 'end' },
  },
  'differences with gaps, known ahead': {
    type: 'SequencePredictor',
    options: {
      encoder: Encoder.numeric({ channels: 2, difference: true, missing: 'mask' }),
      covariates: [1],
      hidden: [4],
      variant: 'gru',
      seed: 15,
    },
    samples: [stairs(30), stairs(17)],
    ahead: [[null], [9]],
    fit: { epochs: 4 },
  },
  'channels with names and gaps': {
    type: 'SequencePredictor',
    options: { encoder: Encoder.numeric({ channels: ['x', 'y'], missing: 'mask' }), hidden: [5], seed: 14 },
    samples: [gaps(named(20)), gaps(named(11))],
    fit: { epochs: 5 },
  },
};

const hash = (...arrays) => {
  const sum = createHash('sha256');
  for (const array of arrays) sum.update(Float64Array.from(array));
  return sum.digest('hex');
};

/** What a generator makes from the begin of texts, drawn in several ways, and what it says may follow. */
export const madeOf = (model, inputs) =>
  inputs.map((input, seed) => {
    const { probabilities, end } = model.next(input);
    const made = [
      model.generate(input, { count: 12, seed }),
      model.generate(input, { count: 9, seed, temperature: 0.6, topK: 5 }),
      model.generate(input, { count: 9, seed, temperature: 1.7, topP: 0.8, until: model.encoder.known[0] }),
      model.generate(input, { count: 5, temperature: 0 }),
    ];
    return [made, [...probabilities], end];
  });

/** What a transcriber reads, by the most probable outputs and by searches. */
export const readOf = (model, inputs) => [
  model.transcribeAll(inputs),
  ...[1, 3, 50].map((beam) => model.transcribeAll(inputs, { beam })),
];

const askAll = (model, inputs, ahead) => {
  if (model instanceof SequenceTranscriber) return readOf(model, inputs);
  if (model instanceof SequenceGenerator) return madeOf(model, inputs);
  if (model instanceof SequencePredictor) {
    return inputs.map((input, index) => model.predict(input, ahead && { covariates: ahead[index] }));
  }
  if (model instanceof SequenceRegressor) return model.predictAll(inputs);
  const probabilities = ({ probabilities }) => model.labels.map((label) => probabilities[label]);
  if (model instanceof SequenceTagger) return inputs.map((input) => model.tag(input).map(probabilities));
  return model.classifyAll(inputs).map(probabilities);
};

const inputsOf = ({ type, samples }) =>
  ['SequenceGenerator', 'SequencePredictor'].includes(type) ? samples : samples.map(({ input }) => input);

/** How a case ends: the weights as a hash, what the model answers, what it has learnt, and what the run told. */
async function train(given) {
  const { type, options, samples, fit, ahead } = given;
  const model = new classes[type](options);
  const result = await model.fit(samples, fit);
  const { network } = model;
  const { stopped, iterations, error, accuracy = null, training, advice = null } = result;
  return {
    weights: hash(network.weights, network.biases),
    answers: askAll(model, inputsOf(given), ahead),
    encoder: model.encoder.toJSON(),
    result: { stopped, iterations, error, accuracy, trainingError: training.error, advice },
  };
}

const texts = [
  '',
  'Play C#4, -3.5!',
  'naïve Café e\u0301te\u0301',
  '👍🏽👨‍👩‍👧 🇩🇪🇫🇷 ok',
  'İstanbul ΣΑΣ',
  'a\u00adb 1,000.5e-3 x',
  '漢字 かな',
  '\r\n\t ',
  'नमस्ते',
  '#5 *⃣ ♯',
];
const encoders = () => ({
  bits: [Encoder.bits(), texts],
  bytes: [Encoder.bytes(), texts],
  oneHot: [Encoder.oneHot('abcabc é👍'), texts],
  words: [Encoder.tokens({ most: 9 }), texts],
  whitespace: [Encoder.tokens({ split: 'whitespace' }), texts],
  characters: [Encoder.tokens({ split: 'characters' }), texts],
  pattern: [Encoder.tokens({ split: '([,;])\\s*|(?<=\\d)(?=\\p{L})|-' }), [...texts, 'a,b; c,,d', '1a2b-', ';', 'x-']],
  symbols: [Encoder.symbols(), [['b', 2, 'a', 10, 1, 'b'], [], ['😀', '\uffff', 2.5]]],
  'given symbols': [Encoder.symbols({ symbols: ['x', 3, '3'] }), [['3', 3, 4, 'x']]],
  series: [
    Encoder.numeric(),
    [
      [1, 2, 4],
      [0.1, 0.2, 0.3, 1e-9],
      [true, false],
    ],
  ],
  channels: [
    Encoder.numeric({ channels: 3 }),
    [
      [
        [1e300, -1e-300, 5],
        [-1e300, 2e-300, 5],
      ],
      [[3e307, 0, 5.000000000001]],
    ],
  ],
  gaps: [
    Encoder.numeric({ channels: ['a', 'b'], missing: 'mask' }),
    [[{ a: 1, b: null }, [null, 3], null, { b: 7, c: 1 }]],
  ],
  'windows with gaps': [
    Encoder.numeric({ missing: 'mask', window: 3, stride: 2 }),
    [[1, 2, null, 4, 5, 6], [7], [], [1, 2, 3, 4, 5]],
  ],
  changes: [
    Encoder.numeric({ channels: 3, difference: { 0: 'relative', 2: true } }),
    [
      [
        [1e300, 4, -1e308],
        [1e-300, 5, 1e308],
        [7, 6, 3],
      ],
      [[2, 1, 0]],
    ],
  ],
  'changes with gaps': [
    Encoder.numeric({ missing: 'mask', difference: true, window: 2, stride: 1 }),
    [[1, null, 4, null, null, 2], [null, 3, 9], [5]],
  ],
  'as they are': [
    Encoder.numeric({ channels: 2, normalize: false }),
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
});

/** What encoders know, what steps they make of inputs, and what these stand for. */
function encoded() {
  return Object.fromEntries(
    Object.entries(encoders()).map(([name, [encoder, inputs]]) => {
      const given = encoder.toJSON();
      encoder.fit(inputs);
      const steps = inputs.map((input) => encoder.encode(input));
      const parts = inputs.map((input) => encoder.parts(input));
      return [name, { given, inputs, fitted: encoder.toJSON(), steps, parts }];
    }),
  );
}

const tagged = words.map((input, index) => ({ input, labels: ['a', 'b'].slice(index % 3) }));

/** What is refused: a class, its options, samples and options of `fit`; the answer is the message. */
const refused = {
  'an unknown label': [{}, [{ input: 'ab', label: 'z' }], {}],
  'a number too large': [{ hidden: [70000] }, labelled, {}],
  'no cells': [{ hidden: [] }, labelled, {}],
  'dropout of 1': [{ dropout: 1 }, labelled, {}],
  'an unknown topology': [{ variant: 'elman' }, labelled, {}],
  'both ways in Synaptic’s topology': [{ variant: 'synaptic', bidirectional: true }, labelled, {}],
  'a seed that is none': [{ seed: 1.5 }, labelled, {}],
  'an initializer in Synaptic’s topology': [{ variant: 'synaptic', initializer: 'keras' }, labelled, {}],
  'a pool in Synaptic’s topology': [{ variant: 'synaptic', readout: 'mean' }, labelled, {}],
  'an unknown read-out': [{ readout: 'median' }, labelled, {}],
  'one label': [{ labels: ['a'] }, labelled, {}],
  'a label twice': [{ labels: ['1', 1] }, labelled, {}],
  'thresholds of one label': [{ thresholds: 0.5 }, labelled, {}],
  'a threshold of 0': [{ multiLabel: true, thresholds: 0 }, tagged, {}],
  'class weights of several labels': [{ multiLabel: true }, tagged, { classWeights: 'balanced' }],
  'a label of several that is unknown': [{ multiLabel: true }, [{ input: 'ab', labels: ['a', 'z'] }], {}],
  'a label of several twice': [{ multiLabel: true }, [{ input: 'ab', labels: ['a', 'b', 'a'] }], {}],
  'no samples': [{}, [], {}],
  'an empty text': [{}, [{ input: '', label: 'a' }], {}],
  'a number for a text': [{}, [{ input: 7, label: 'a' }], {}],
  'an unknown optimiser': [{}, labelled, { optimizer: 'adamx' }],
  'no epochs': [{}, labelled, { epochs: 0 }],
  'half a batch': [{}, labelled, { batchSize: 0.5 }],
  'a negative rate': [{}, labelled, { rate: -1 }],
  'no rates': [{}, labelled, { rate: [] }],
  'all held out': [{}, labelled, { validation: 1 }],
  'all certainty spread': [{}, labelled, { labelSmoothing: 1 }],
  'an unknown decay': [{}, labelled, { decay: { type: 'linear' } }],
  'a decay without its factor': [{}, labelled, { decay: { type: 'step', every: 2 } }],
  'too many threads': [{}, labelled, { threads: 65 }],
  'a precision that is none': [{}, labelled, { precision: 16 }],
  'a truth value as text': [{}, labelled, { shuffle: 'yes' }],
  'gradients of negative length': [{}, labelled, { clipNorm: -1 }],
  'a layer to freeze that is none': [{}, labelled, { freeze: ['layer 2'] }],
  'all layers frozen': [{}, labelled, { freeze: ['output', 'layer 0'] }],
  'a number for a layer to freeze': [{}, labelled, { freeze: [3] }],
};

async function refusals() {
  const answers = {};
  for (const [name, [options, samples, fit]] of Object.entries(refused)) {
    const complete = { labels: ['a', 'b'], encoder: Encoder.bits(), ...options };
    try {
      await new SequenceClassifier(complete).fit(samples, fit);
      throw new Error(`${name} is not refused`);
    } catch (error) {
      answers[name] = { options: complete, samples, fit, error: error.name, message: error.message };
    }
  }
  return answers;
}

/** All vectors, by the names of their files. */
export async function vectors() {
  const trained = {};
  for (const [name, given] of Object.entries(training)) trained[name] = { ...given, answer: await train(given) };
  return { training: trained, encoders: encoded(), refusals: await refusals() };
}
