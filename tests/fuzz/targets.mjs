// What is fuzzed through the package's own calls. A target has seeds, and an `execute` that calls
// engram with one mutated value; it gives true if the value was accepted.

import {
  Architect,
  configure,
  DataSet,
  Encoder,
  Network,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
  Trainer,
  unpack,
} from 'engram';

import { XOR } from '../support/sets.mjs';
import { exchange } from './exchange.mjs';
import { seriesTargets } from './series.mjs';

const plain = (value) => JSON.parse(JSON.stringify(value));
const small = () => new Architect.Perceptron(2, 2, 1, { seed: 1 });
const lstm = (options) => new Architect.LSTM(1, 2, 2, { seed: 1, ...options });
/** Numbers that a network may give: whatever it is fed, never NaN. */
function judgeOutputs(outputs) {
  for (const output of outputs) {
    if (Number.isNaN(output)) throw new Error('finding: an output is NaN');
  }
}

const standing = small();
const trainer = new Trainer(standing);
const sequenceTrainer = new Trainer(lstm({ variant: 'standard', output: 'softmax' }));
const sequences = [
  { input: [[0], [1]], output: [1, 0] },
  { input: [[1], [0], [1]], output: [null, [0, 1], [0, 1]] },
];

/** Options that end soon whatever they are. */
function brief(options) {
  if (typeof options !== 'object' || options === null) return options;
  if (typeof options.iterations === 'number' && options.iterations > 3) options.iterations = 3;
  if ('log' in options && options.log !== undefined) options.log = 0;
  return options;
}

/** A file of safetensors as plain data: what it says of its tensors, their numbers, and what stands in it as JSON. */
function partsOf(file) {
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const text = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
  const { __metadata__: metadata, ...entries } = text(file.subarray(8, start));
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]) => {
      const bytes = file.slice(start + begin, start + end);
      return { name, dtype, shape, ...(name === 'model' ? { json: text(bytes) } : { bytes }) };
    },
  );
  return { metadata: { ...metadata, run: text(new TextEncoder().encode(metadata.run)) }, tensors, cut: 0 };
}

/** The file that such data are; `cut` takes bytes from its end. */
function fileOf(parts) {
  const { metadata, tensors, cut } = Object(parts);
  const header = {};
  const bodies = [];
  let end = 0;
  if (metadata !== undefined) header.__metadata__ = { ...Object(metadata) };
  if (Object(metadata).run !== undefined) header.__metadata__.run = JSON.stringify(metadata.run) ?? null;
  for (const entry of Array.isArray(tensors) ? tensors : []) {
    const { name, dtype, shape, json, bytes, offsets } = Object(entry);
    const body = json === undefined ? bytes : new TextEncoder().encode(JSON.stringify(json));
    const known = body instanceof Uint8Array ? body : new Uint8Array();
    bodies.push(known);
    const size = json !== undefined && Array.isArray(shape) ? [known.length] : shape;
    header[typeof name === 'string' ? name : 'other'] = {
      dtype,
      shape: size,
      data_offsets: offsets ?? [end, end + known.length],
    };
    end += known.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const body of bodies) {
    file.set(body, at);
    at += body.length;
  }
  return typeof cut === 'number' && cut > 0 ? file.subarray(0, Math.max(0, file.length - cut)) : file;
}

export const targets = {
  ...exchange,
  ...seriesTargets,
  models: {
    seeds: [
      plain(small()),
      plain(lstm()),
      plain(lstm({ variant: 'standard' })),
      plain(lstm({ variant: 'standard', bidirectional: true, output: 'softmax' })),
      plain(lstm({ variant: 'standard', readout: 'attention' })),
      plain(lstm({ variant: 'standard', readout: 'max', bidirectional: true })),
      plain(small().toJSON(2)),
      plain(lstm().toJSON(2)),
      plain(lstm({ variant: 'standard', bidirectional: true, embedding: 2 }).toJSON(2)),
    ],
    execute(json) {
      const network = Network.fromJSON(json);
      try {
        const input = new Array(network.inputs()).fill(0.5);
        const steps = [input, input];
        judgeOutputs(network.activateSequence(steps).flat());
        if (!network.layout.layers.some(({ reversed }) => reversed)) judgeOutputs(network.activate(input));
        plain(network);
      } finally {
        network.free();
      }
    },
  },
  classifiers: {
    seeds: await (async () => {
      const samples = [
        { input: 'ab', label: 'x' },
        { input: 'ba', label: 'y' },
      ];
      const options = { labels: ['x', 'y'], hidden: [2], seed: 1 };
      const classifier = new SequenceClassifier({ ...options, encoder: Encoder.oneHot('ab') });
      const words = new SequenceClassifier({ ...options, encoder: Encoder.tokens({ embedding: 2 }) });
      const numbers = new SequencePredictor({ encoder: Encoder.numeric(), hidden: [2], seed: 1 });
      const tagger = new SequenceTagger({ ...options, encoder: Encoder.numeric({ channels: 2 }) });
      await classifier.fit(samples, { epochs: 1 });
      await words.fit(samples, { epochs: 1 });
      await numbers.fit([[1, 2, 3]], { epochs: 1 });
      const windows = Encoder.numeric({ channels: 2, normalize: false, window: 3, stride: 2 });
      const pooled = new SequenceClassifier({ ...options, encoder: windows, readout: 'mean', initializer: 'keras' });
      await pooled.fit([{ input: [[1, 2]], label: 'x' }], { epochs: 1 });
      const measures = new SequenceRegressor({ outputs: 2, hidden: [2], seed: 1 });
      await measures.fit([{ input: [1, 2], output: [3, 4] }], { epochs: 1 });
      const texts = new SequenceGenerator({ encoder: Encoder.oneHot('ab'), hidden: [2], seed: 1 });
      await texts.fit(['ab', 'b'], { epochs: 1 });
      const channels = Encoder.numeric({ channels: ['a', 'b'], difference: { a: 'relative' } });
      const ahead = { encoder: channels, outputs: ['a'], covariates: ['b'], horizon: 2, hidden: [2], seed: 1 };
      const sales = new SequencePredictor(ahead);
      await sales.fit(
        [
          [
            [1, 2],
            [2, 1],
            [3, 1],
          ],
        ],
        { epochs: 1 },
      );
      const letters = new SequenceTranscriber({ hidden: [2], seed: 1 });
      await letters.fit([{ input: [1, 2, 3], output: 'ab' }], { epochs: 1 });
      return [classifier, words, numbers, tagger, pooled, measures, texts, sales, letters].map(plain);
    })(),
    execute(json) {
      const kinds = new Map(
        [SequenceGenerator, SequencePredictor, SequenceRegressor, SequenceTagger, SequenceTranscriber].map((kind) => [
          kind.name,
          kind,
        ]),
      );
      const model = (kinds.get(json?.type) ?? SequenceClassifier).fromJSON(json);
      try {
        if (model instanceof SequenceClassifier && model.network !== null) {
          const input = model.encoder.toJSON().type === 'numeric' ? [[1, 2]] : 'ab';
          judgeOutputs(Object.values(model.classify(input).probabilities));
        }
      } finally {
        model.free();
      }
    },
  },
  sets: {
    seeds: [
      { set: plain(XOR) },
      { sequences },
      { stored: { inputSize: 1, outputSize: 2, inputs: [0, 1, 1], lengths: [1, 2], targets: [1, 0, 0, 1] } },
      { stored: { inputSize: 2, outputSize: 1, inputs: [0, 1, 1, 0], targets: [1, 0], targetsAt: 'each' } },
      {
        stored: {
          inputSize: 1,
          outputSize: 2,
          inputs: [0, 0, 0],
          inputsAre: 'symbols',
          lengths: [1, 2],
          targets: [1, 0],
          targetsAre: 'classes',
        },
      },
      { stored: { inputSize: 2, outputSize: 1, inputs: [3, 1], inputsAre: 'bits', targets: [1, 0], weights: [1, 2] } },
      {
        stored: {
          inputSize: 1,
          outputSize: 2,
          inputs: [0, 1, 1],
          lengths: [1, 2],
          targets: [0, 0],
          targetsAre: 'lists',
          targetLengths: [1, 1],
        },
      },
    ],
    execute(value) {
      const { set, sequences: given, stored } = value ?? {};
      if (stored !== undefined) {
        const kept = new DataSet(stored);
        try {
          (kept.inputSize === 1 ? sequenceTrainer : trainer).train(kept, { iterations: 1, error: 0 });
        } finally {
          kept.free();
        }
      } else if (set !== undefined) trainer.train(set, { iterations: 1, error: 0 });
      else sequenceTrainer.train(given, { iterations: 1, error: 0 });
      judgeOutputs(standing.weights);
    },
  },
  packs: {
    seeds: await (async () => {
      const options = { labels: ['x', 'y'], hidden: [2], seed: 1 };
      const texts = [
        { input: 'ab', label: 'x' },
        { input: 'ba', label: 'y' },
      ];
      const classifier = new SequenceClassifier({ ...options, encoder: Encoder.bits() });
      const words = new SequenceClassifier({ ...options, encoder: Encoder.tokens({ embedding: 2 }) });
      const numbers = new SequencePredictor({ encoder: Encoder.numeric(), hidden: [2], seed: 1 });
      const tagger = new SequenceTagger({ ...options, encoder: Encoder.numeric({ channels: 2 }) });
      const run = new Trainer(small()).trainAsync(XOR, { iterations: 1e6, error: -1 });
      const files = await Promise.all([
        classifier.pack(texts, { epochs: 1, validation: texts }),
        words.pack(texts, { epochs: 1, validation: 0.5, resume: new Uint8Array(16) }),
        numbers.pack([[1, 2, 3]], { epochs: 1 }),
        tagger.pack([{ input: [[1, 2]], labels: ['x'] }], { epochs: 1 }),
        run.pack(),
      ]);
      run.abort();
      await run;
      return files.map(partsOf);
    })(),
    execute(parts) {
      const pack = unpack(fileOf(parts));
      try {
        if (pack.samples < 1 || pack.iterations < 1) throw new Error('finding: a run of nothing');
        plain(pack.model);
      } finally {
        pack.model.free();
      }
    },
  },
  options: {
    seeds: [
      {
        train: {
          rate: 0.1,
          iterations: 2,
          error: 0.1,
          shuffle: true,
          batchSize: 2,
          clipNorm: 1,
          optimizer: 'adam',
          weightDecay: 0.1,
          warmUp: 1,
          truncate: 2,
          dropout: 0.5,
          groupByLength: true,
          precision: 'f64',
          patience: 2,
          validation: 0.5,
          decay: { type: 'step', every: 2, factor: 0.5 },
          seed: 3,
        },
      },
      { lstm: [1, 3, 2, { variant: 'standard', output: 'softmax', bidirectional: true, embedding: 2, seed: 1 }] },
      { lstm: [1, 3, 2, { peepholes: null, hiddenToHidden: true, outputToGates: true, inputToOutput: false }] },
      { perceptron: [2, 3, 1, { output: 'linear', seed: 1 }] },
      {
        classifier: {
          labels: ['a', 'b'],
          hidden: [3],
          dropout: 0.1,
          bidirectional: true,
          variant: 'standard',
          readout: 'attention',
          initializer: 'pytorch',
          seed: 1,
        },
      },
      { encoder: { most: 3, embedding: 4 } },
      { numeric: { channels: 3, normalize: true, window: 4, stride: 2 } },
      { activate: [0.1, 0.2], target: [1], rate: 0.1 },
    ],
    execute(given) {
      const { train, lstm: sizes, perceptron, classifier, encoder, numeric, activate, target, rate } = given ?? {};
      // Architects of a few thousand neurons are allowed, and slow.
      const few = (list) =>
        !Array.isArray(list) || !list.some((size) => typeof size === 'number' && size > 100 && size < 2 ** 31);
      if (train !== undefined) sequenceTrainer.train(sequences, brief(train));
      if (Array.isArray(sizes) && few(sizes)) new Architect.LSTM(...sizes).free();
      if (Array.isArray(perceptron) && few(perceptron)) new Architect.Perceptron(...perceptron).free();
      if (classifier !== undefined && typeof classifier === 'object' && classifier !== null) {
        new SequenceClassifier({ encoder: Encoder.bits(), ...classifier }).free();
      }
      if (encoder !== undefined) Encoder.tokens(encoder);
      if (numeric !== undefined) Encoder.numeric(numeric);
      if (activate !== undefined || target !== undefined) {
        const network = small();
        try {
          judgeOutputs(network.activate(activate));
          network.propagate(rate, target);
          judgeOutputs(network.activate([1, 0]));
        } finally {
          network.free();
        }
      }
      configure({});
    },
  },
  messages: {
    seeds: [
      { action: 'activate', input: [0, 1] },
      { action: 'propagate', target: [1], rate: 0.1 },
    ],
    execute(message) {
      const worker = standing.worker();
      // What is wrong with the values is told later, here.
      worker.onerror = () => {};
      worker.postMessage(message);
      worker.terminate();
    },
  },
};
