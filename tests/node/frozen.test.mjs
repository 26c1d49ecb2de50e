// Lists that a model or a network hands out: what a program does to them does nothing to the model.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Encoder, SequenceClassifier, SequenceTagger, SequenceTranscriber } from 'engram';
import { RocketClassifier } from 'engram/rocket';

const options = { labels: ['u', 'd'], encoder: Encoder.numeric(), hidden: [3], seed: 1 };

test('lists of labels, symbols, thresholds and layers can not be changed', async () => {
  const several = new SequenceClassifier({ ...options, multiLabel: true });
  await several.fit([{ input: [1], labels: ['u'] }], { epochs: 1 });
  several.extend({ labels: ['x'] });
  const transcriber = new SequenceTranscriber({ hidden: [3], seed: 1 });
  await transcriber.fit([{ input: [1, 2, 3], output: 'ab' }], { epochs: 1 });
  const convolved = new SequenceClassifier({ ...options, convolution: [{ filters: 2, width: 2 }] });
  const { layout } = several.network;
  for (const list of [
    several.labels,
    several.thresholds,
    several.hidden,
    convolved.convolution,
    new SequenceTagger(options).labels,
    new RocketClassifier({ labels: ['u', 'd'] }).labels,
    new SequenceTranscriber({ symbols: ['a'] }).symbols,
    transcriber.symbols,
    transcriber.extend({ symbols: ['c'] }).symbols,
    layout.layers,
    layout.parts,
  ]) {
    const before = [...list];
    assert.throws(() => list.push(null), TypeError);
    assert.throws(() => list.pop(), TypeError);
    assert.throws(() => {
      list[0] = null;
    }, TypeError);
    assert.deepEqual([...list], before);
  }
  for (const object of [convolved.convolution[0], layout, layout.blocks[0]]) assert.ok(Object.isFrozen(object));
});

test('lists that were given are copied', () => {
  const labels = ['u', 'd'];
  const hidden = [3];
  const classifier = new SequenceClassifier({ ...options, labels, hidden });
  labels.reverse();
  hidden[0] = 9;
  assert.deepEqual(classifier.labels, ['u', 'd']);
  assert.deepEqual(classifier.hidden, [3]);
});
