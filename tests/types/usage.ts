// Compiled, not run: what a TypeScript user writes, and what the compiler must refuse.

import engram, {
  Architect,
  type BlockLayout,
  configure,
  crossValidate,
  DataSet,
  Encoder,
  type EncoderJSON,
  type FlatSamples,
  Layer,
  Network,
  type NetworkJSON,
  Neuron,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  type SequenceReadout,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
  type Series,
  Trainer,
  type TrainingResult,
  type TrainingSet,
} from 'engram';

const network: Network = new Architect.LSTM(1, 4, 2, { variant: 'standard', output: 'softmax', seed: 1 });
const set: TrainingSet = [
  { input: [0, 1], output: [1] },
  { input: [[0], [1]], output: [null, [1, 0]] },
  { input: [new Float32Array(1)], output: new Float64Array(2) },
];
const arrays: FlatSamples = { inputSize: 1, outputSize: 1, inputs: new Float32Array(2), targets: [0, 1] };
const stored: TrainingSet = new DataSet(arrays);
new DataSet([{ input: [0], output: [1] }]).free();
const trainer = new Trainer(network, { rate: (iteration) => 1 / iteration });
const run = trainer.trainAsync(set, { schedule: { every: 1, do: ({ error }) => error < 1 }, cost: Trainer.cost.MSE });
const result: Promise<TrainingResult> = run.finally(() => run.abort());
for await (const { iteration } of run) iteration.toFixed();
const { stopped } = await result;
stopped satisfies string;
const block: BlockLayout | undefined = network.layout.blocks[0];
const json: NetworkJSON = Network.fromJSON(network.toJSON()).toJSON();
const outputs: number[] = network.activate([0]);
const answer: Float64Array = await network.worker().activate(outputs);
configure({ maxMemory: 2 ** 28 });
new Layer(2).project(new Layer(2), Layer.connectionType.ONE_TO_ONE)?.list[0]?.weight.toFixed();
new engram.Architect.Perceptron(2, 3, 1, { output: 'linear' }).layers.hidden[0]?.set({ squash: Neuron.squash.RELU });

const numbers: Encoder<Series> = Encoder.numeric({ channels: 2 });
numbers.encode([[1, 2], new Float32Array(2)]);
const rows = Encoder.numeric({ channels: ['x', 'y'] });
rows.fit([
  [
    { x: 1, y: 2 },
    { x: 1, y: 2 },
  ],
  [[1, 2]],
]);
const gaps = Encoder.numeric({ channels: ['x', 'y'], missing: 'mask' });
gaps.encode([{ x: 1 }, { x: null, y: undefined }, null, { x: 1, y: 2 }]);
Encoder.numeric({ missing: 'mask' }).encode([1, null, undefined]);
const notes = new SequenceClassifier({
  labels: ['minor', 'major'],
  encoder: Encoder.symbols({ symbols: ['C4', 64], embedding: 8 }),
});
await notes.fit([{ input: ['C4', 'E4', 7], label: 'major' }]);
notes.classify(new Uint8Array(3)).probabilities.minor.toFixed();
const predictor = new SequencePredictor({ encoder: gaps });
await predictor.fit([[{ x: 1 }, { x: 2, y: 1 }]]);
predictor.generate([{ y: 2 }], 3)[0]?.[1]?.toFixed();
new SequencePredictor().predict([1, 2]).map(Math.round);
const ages = new SequenceRegressor({ encoder: Encoder.bytes() });
await ages.fit([{ input: 'a', output: 3 }]);
ages.predict('b').toFixed();
const places = new SequenceRegressor({ outputs: 2, readout: 'mean' });
await places.fit([{ input: [1, 2], output: [3, 4] }]);
places.predictAll([[1], [2]])[0]?.[1]?.toFixed();
const codes = new SequenceTranscriber<string[]>({ symbols: ['up', 'down'] });
codes.fit([{ input: [1, 2], output: ['up'], weight: 2 }], { epochs: 1 });
const said: string[] = codes.transcribe([1, 2], { beam: 8 });
// @ts-expect-error: a list is no text
codes.fit([{ input: [1, 2], output: 'up' }]);
const levels = new SequenceRegressor({ encoder: gaps, targetsAt: 'each' });
await levels.fit([{ input: [{ x: 1 }, null], output: [null, 2] }]);
levels.predict([{ x: 1 }])[0]?.toFixed();
levels.evaluate([{ input: [{ x: 1 }], output: [2] }]).mean.rmse.toFixed();
const sales = new SequencePredictor({
  encoder: Encoder.numeric({ channels: ['price', 'offer'], difference: { price: 'relative' } }),
  outputs: ['price'],
  covariates: ['offer'],
  horizon: 3,
});
await sales.fit([[{ price: 1, offer: 0 }]], { validation: 0.2, holdOut: 'end' });
sales.forecast([{ price: 1, offer: 0 }], { covariates: [0, [1], { offer: null }] })[0]?.[0]?.toFixed();
sales.evaluate([[[1, 2]]], { season: 7 }).ahead[0]?.season?.rmse.toFixed();
const tags = new SequenceTagger({ labels: ['B-x', 'O'], encoder: Encoder.tokens() });
await tags.fit([{ input: 'a b', labels: ['O', null] }], { classWeights: { 'B-x': 2, O: 1 }, labelSmoothing: 0.1 });
tags.spans('a b')[0]?.label.toUpperCase();
tags.evaluate([{ input: 'a', labels: ['O'] }]).classes['B-x'].f1.toFixed();
const validated = await crossValidate(
  () => new SequenceClassifier({ labels: [0, 1], encoder: Encoder.numeric() }),
  [{ input: [1], label: 1 }],
  { folds: 3, fit: { epochs: 3, classWeights: 'balanced' } },
);
validated.mean.accuracy.toFixed();
validated.folds[0]?.classes[1].recall.toFixed();
// @ts-expect-error: a confusion has no mean
validated.deviation.confusion;
const poems = new SequenceGenerator({ encoder: Encoder.tokens() });
await poems.fit(['a b'], { piece: 50 });
poems.generate('a', { temperature: 0.5, until: '.' }).toUpperCase();
const tunes = new SequenceGenerator({ encoder: Encoder.symbols() });
tunes.generate(['C4'], { seed: 1 }).length.toFixed();
tunes.next([1]).probabilities.get(1)?.toFixed();
const encoded: EncoderJSON = Encoder.tokens({ split: 'characters' }).toJSON();
Encoder.fromJSON(encoded).size.toFixed();
Encoder.tokens({ split: '[,;]' }).encode('a');

const live = notes.stream();
live.push('C4').probabilities.major.toFixed();
// @ts-expect-error: a step is a symbol, not a list of some
live.push(['C4', 64]);
predictor.stream().push({ x: 1, y: null })[0]?.[1]?.toFixed();
sales
  .stream()
  .push({ price: 1, offer: 0 }, { covariates: [0, 1, 1] })[0]?.[0]
  ?.toFixed();
// @ts-expect-error: a regressor has no covariates
ages.stream().push('a', { covariates: [] });
ages.stream().push('a').toFixed();
places.stream().push(1)[1]?.toFixed();
tags.stream().push('word').label.toUpperCase();
poems.stream().push('and').end.toFixed();
const topics = new SequenceClassifier({ labels: ['art', 'sport'], encoder: Encoder.tokens(), multiLabel: true });
await topics.fit([{ input: 'a', labels: ['art', 'sport'] }], { supervise: 'end' });
topics.classify('a').labels.includes('sport');
topics.evaluate([{ input: 'a', labels: [] }], { early: true }).early?.[0]?.share.toFixed();
topics.evaluate([{ input: 'a', labels: [] }]).classes.art.averagePrecision.toFixed();
// @ts-expect-error: samples of several labels have a list of them
topics.fit([{ input: 'a', label: 'art' }]);
const wider = topics.extend({
  labels: ['news'],
  thresholds: { news: 0.4 },
  samples: [{ input: 'b', labels: ['news'] }],
});
wider.classify('a').probabilities.news.toFixed();
poems
  .extend({ samples: ['new words'] })
  .next('new')
  .end.toFixed();
const switches = new SequenceClassifier({ labels: [0, 1], encoder: Encoder.numeric() });
switches.fit([{ input: [1, 2], label: 1 }], { classWeights: { 0: 1, 1: 2 } });
const { label, probabilities } = switches.classify([3]);
label satisfies 0 | 1;
probabilities[1].toFixed();
const truths = new SequenceClassifier({ labels: [true, false], encoder: Encoder.bits() });
truths.evaluate([{ input: 'a', label: true }]).classes.true.recall.toFixed();
const windows = Encoder.numeric({ channels: 2, window: 10, stride: 5 });
const pooled = new SequenceClassifier({ labels: ['a', 'b'], encoder: windows, readout: 'mean', initializer: 'keras' });
pooled.readout satisfies SequenceReadout;
const convolved = new SequenceClassifier({
  labels: ['a', 'b'],
  encoder: windows,
  convolution: [{ filters: 8, width: 5 }],
  hidden: [],
  readout: 'mean+max',
});
convolved.convolution[0]?.dilation.toFixed();
new Layer(2).project(new Layer(3), Layer.connectionType.ALL_TO_ALL, undefined, { delay: 2 }).delay.toFixed();
new engram.Architect.GRU(2, 3, { convolution: [{ filters: 2, width: 2, dilation: 4 }] }).layout.blocks[0]?.delays?.at(
  1,
);
// @ts-expect-error: a convolution has filters
new SequenceRegressor({ convolution: [{ width: 3 }] });
new engram.Architect.LSTM(2, 3, 1, { variant: 'standard', readout: 'attention', initializer: 'pytorch' }).activate([
  0, 1,
]);
new engram.Architect.Perceptron(2, 3, 1, { initializer: 'he' }).layout.layers[0]?.pooling?.startsWith('m');
trainer.test(set).accuracy?.toFixed();

export { answer, block, json, stored };

// @ts-expect-error: linear outputs have no accuracy
trainer.test(set).accuracy.toFixed();
// @ts-expect-error: no label is an object
new SequenceClassifier({ labels: [{}, null], encoder: Encoder.bits() });
// @ts-expect-error: 2 is none of the labels
switches.fit([{ input: [1], label: 2 }]);

// @ts-expect-error: flat arrays say how wide they are
new DataSet({ inputs: [1], targets: [1] });

// @ts-expect-error: a rate is no text
trainer.train(set, { rate: 'fast' });
// @ts-expect-error: no such option
trainer.train(set, { iteration: 3 });
// @ts-expect-error: no such output
new Architect.LSTM(1, 2, 1, { output: 'tanh' });
// @ts-expect-error: weights are read only
network.weights = new Float64Array(1);

// @ts-expect-error: the class cannot be extended
class Morse extends Encoder {}
// @ts-expect-error: encoders are made by its functions
new Encoder();
// @ts-expect-error: not of this model's kind
new SequencePredictor({ encoder: rows }).predict([{ x: 1, z: 2 }]);
// @ts-expect-error: gaps are refused
rows.encode([{ x: 1, y: null }]);
// @ts-expect-error: a text is no list of symbols
notes.classify('C4 E4');
// @ts-expect-error: an answer of two numbers is a list
places.fit([{ input: [1], output: 3 }]);
// @ts-expect-error: no such way with gaps
Encoder.numeric({ missing: 'zero' });

export { Morse, said };

// Explanations know labels, and where a step may be named.
const reason = tags.explain('a b', { at: 1, label: 'O' });
reason.label satisfies 'B-x' | 'O';
reason.parts.map(({ part, attribution, channels }) => `${part} ${attribution.toFixed(2)} ${channels?.length}`);
// @ts-expect-error: no such label
tags.explain('a b', { label: 'I-x' });
ages.explain('a', { method: 'gradient', baseline: 'b' }).answer.toFixed();
// @ts-expect-error: the answer is that of the whole sequence
ages.explain('a', { at: 1 });
levels.explain([{ x: 1, y: null }], { at: 0, output: 0 });
sales.explain([], { covariates: [], channel: 'price', ahead: 2 });
