// Sequence models around networks that came from elsewhere, fine-tuned and written back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Encoder, SequenceClassifier, SequencePredictor, SequenceTagger } from 'engram';
import { fromPyTorch, toPyTorch } from 'engram/exchange';

import { assertClose } from './support.mjs';

const samples = ['ab', 'abb', 'aab', 'ba', 'bba', 'baa'].map((input) => ({ input, label: input[0] }));
// A channel per symbol, and one for all others.
const encoder = Encoder.oneHot('ab');
const labels = ['a', 'b'];

/** A network as it comes from PyTorch: standard layers, softmax outputs. */
function imported(options = {}, outputs = 2) {
  const network = new Architect.LSTM(3, 4, 3, outputs, { variant: 'standard', output: 'softmax', seed: 2, ...options });
  return fromPyTorch(toPyTorch(network));
}

test('a classifier around an imported network answers, learns on, is stored, and goes back', async () => {
  const network = imported({ bidirectional: true, embedding: 3 });
  const classifier = SequenceClassifier.fromNetwork(network, { labels, encoder, seed: 1 });
  assert.equal(classifier.network, network);
  assert.deepEqual([classifier.hidden, classifier.bidirectional, classifier.variant], [[4, 3], true, 'standard']);
  const [last] = network
    .activateSequence([
      [1, 0, 0],
      [0, 1, 0],
    ])
    .slice(-1);
  assert.deepEqual(classifier.classify('ab').probabilities, { a: last[0], b: last[1] });

  const before = classifier.network.activateSequence([[1, 0, 0]]);
  await classifier.fit(samples, { epochs: 60, rate: 0.05, freeze: ['embedding', 'layer 0'] });
  assert.equal(classifier.evaluate(samples).accuracy, 1);
  assert.notDeepEqual(classifier.network.activateSequence([[1, 0, 0]]), before);

  const stored = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)));
  assert.deepEqual(stored.classify('abba'), classifier.classify('abba'));
  const back = fromPyTorch(toPyTorch(classifier.network));
  const steps = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 1, 0],
  ];
  assertClose(back.activateSequence(steps), classifier.network.activateSequence(steps), 1e-6);
});

test('taggers and predictors are made around networks, too', async () => {
  const tagger = SequenceTagger.fromNetwork(imported(), { labels, encoder });
  assert.equal(tagger.tag('abb').length, 3);
  await tagger.fit([{ input: 'ab', labels: ['a', 'b'] }], { epochs: 1 });
  const gru = new Architect.GRU(1, 5, 1, { output: 'linear', seed: 1 });
  const predictor = SequencePredictor.fromNetwork(fromPyTorch(toPyTorch(gru)));
  assert.equal(predictor.variant, 'gru');
  const wave = Array.from({ length: 40 }, (_, step) => Math.sin(step / 3));
  assert.throws(() => predictor.predict(wave), /has not seen a training set yet/);
  await predictor.fit([wave], { epochs: 2, freeze: ['output'] });
  assert.equal(predictor.generate(wave, 3).length, 3);
});

test('what does not fit is refused', () => {
  const make = (network, options) => () => SequenceClassifier.fromNetwork(network, options);
  assert.throws(make({}, { labels, encoder }), /^TypeError: SequenceClassifier.fromNetwork: network is an object/);
  assert.throws(make(imported(), null), /^TypeError: SequenceClassifier.fromNetwork: options is null/);
  assert.throws(make(imported(), { labels }), /options.encoder is undefined/);
  assert.throws(make(imported(), { labels: ['a', 'b', 'c'], encoder }), /network has 3 inputs and 2 outputs.*3 and 3/);
  assert.throws(make(imported(), { labels, encoder: Encoder.oneHot('abc') }), /ask for 4 and 2/);
  assert.throws(make(imported({ output: 'logistic' }), { labels, encoder }), /outputs that are not softmax/);
  assert.throws(make(imported(), { labels, encoder, hidden: [3] }), /options.hidden is given, expected left out/);
  const both = new Architect.LSTM(1, 2, 1, { variant: 'standard', bidirectional: true, output: 'linear' });
  assert.throws(
    () => SequencePredictor.fromNetwork(both),
    /^TypeError: SequencePredictor.fromNetwork: the network reads from both ends/,
  );
});
