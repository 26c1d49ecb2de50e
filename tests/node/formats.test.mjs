// Files of every released format load for ever, and answer as they did; newer ones are refused.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  Architect,
  Encoder,
  Network,
  SequenceClassifier,
  SequenceGenerator,
  SequencePredictor,
  SequenceRegressor,
  SequenceTagger,
  SequenceTranscriber,
  Trainer,
} from 'engram';
import { RocketClassifier, RocketFeatures } from 'engram/rocket';

const fixtures = new URL('../fixtures/', import.meta.url);
const formats = readdirSync(fixtures).filter((name) => name.startsWith('format-'));
const read = (format, name) => readFileSync(new URL(`${format}/${name}`, fixtures));
const ask = {
  network: ({ model, steps }) => Network.fromJSON(model).activateSequence(steps),
  classifier: ({ model, input }) => SequenceClassifier.fromJSON(model).classify(input),
  tagger: ({ model, input }) => SequenceTagger.fromJSON(model).tag(input),
  transcriber: ({ model, input }) => SequenceTranscriber.fromJSON(model).transcribe(input, { beam: 5 }),
  predictor: ({ model, input, options }) => SequencePredictor.fromJSON(model).predict(input, options),
  regressor: ({ model, input }) => SequenceRegressor.fromJSON(model).predict(input),
  generator: ({ model, input, options }) => SequenceGenerator.fromJSON(model).generate(input, options),
  rocket: ({ model, input }) => RocketClassifier.fromJSON(model).classify(input),
  features: ({ model, input }) => [...RocketFeatures.fromJSON(model).transform([input])[0]],
};

/** Equal but for rounding in double precision: versions may compute the same function in other steps. */
function assertSame(actual, expected, where = 'answer') {
  if (typeof expected === 'number') {
    assert.ok(Math.abs(actual - expected) <= 1e-13 * Math.abs(expected), `${where}: ${actual}, not ${expected}`);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
    for (const key of Object.keys(expected)) assertSame(actual[key], expected[key], `${where}.${key}`);
  } else assert.equal(actual, expected, where);
}

for (const format of formats) {
  const names = readdirSync(new URL(`${format}/`, fixtures)).filter((name) => name.endsWith('.json'));
  for (const name of names.filter((name) => !['run.json', 'patient.json'].includes(name))) {
    test(`${format}: ${name} answers as it did`, () => {
      const file = JSON.parse(read(format, name));
      assertSame(ask[/^[a-z]+/.exec(name)[0]](file), file.outputs ?? file.answer);
    });
  }

  for (const name of readdirSync(new URL(`${format}/`, fixtures)).filter((file) => file.endsWith('.checkpoint'))) {
    test(`${format}: ${name} goes on to where it went`, async () => {
      const { set, options, error, weights } = JSON.parse(read(format, name.replace('.checkpoint', '.json')));
      // Other weights than the run began with: where it went comes from the checkpoint.
      const network = new Architect.LSTM(1, 3, 2, { variant: 'standard', output: 'softmax', seed: 2 });
      const result = await new Trainer(network).resume(set, new Uint8Array(read(format, name)), options);
      assert.equal(result.error, error);
      assert.deepEqual([...network.weights], weights);
    });
  }
}

test('there are fixtures of every format', () => assert.deepEqual(formats, ['format-1', 'format-2']));

test('formats of versions to come are refused by name', async () => {
  const newer = { name: 'RangeError', message: /engram is 3, expected 1 or 2 \(the formats that this version reads\)/ };
  const { model: network } = JSON.parse(read('format-1', 'network-standard.json'));
  const { model: classifier } = JSON.parse(read('format-1', 'classifier-bits.json'));
  assert.throws(() => Network.fromJSON({ ...network, engram: 3 }), newer);
  assert.throws(() => SequenceClassifier.fromJSON({ ...classifier, engram: 3 }), newer);
  const { set, options } = JSON.parse(read('format-1', 'run.json'));
  const bytes = new Uint8Array(read('format-1', 'run.checkpoint'));
  bytes[7] = 3;
  const trainer = new Trainer(new Architect.LSTM(1, 3, 2, { variant: 'standard', output: 'softmax', seed: 1 }));
  await assert.rejects(trainer.resume(set, bytes, options), {
    name: 'RangeError',
    message: /has a format that this version does not read/,
  });
});

test('a file whose options are not those of its network is refused', async () => {
  const convolution = [{ filters: 2, width: 3 }];
  const made = new SequenceClassifier({
    labels: ['x', 'y'],
    encoder: Encoder.symbols(),
    hidden: [2],
    convolution,
    seed: 1,
  });
  const samples = [
    { input: ['a'], label: 'x' },
    { input: ['b'], label: 'y' },
  ];
  await made.fit(samples, { epochs: 1 });
  const stored = JSON.parse(JSON.stringify(made));
  assert.equal(SequenceClassifier.fromJSON(stored).readout, 'mean+max');
  for (const [changed, message] of [
    [{ readout: 'max' }, /json.readout is 'max', expected 'mean\+max', as json.network has it/],
    [{ readout: undefined }, /json.readout is 'last', expected 'mean\+max'/],
    [{ hidden: [3] }, /json.hidden is \[3\], expected \[2\]/],
    [{ hidden: [2, 2] }, /json.hidden is \[2,2\], expected \[2\]/],
    [{ bidirectional: true }, /json.bidirectional is true, expected false/],
    [{ variant: 'gru' }, /json.variant is 'gru', expected 'standard'/],
    [{ convolution: undefined }, /json.convolution is \[\], expected \[/],
    [{ convolution: [{ filters: 2, width: 3, dilation: 2 }] }, /json.convolution is .*"dilation":2.*, expected/],
  ]) {
    assert.throws(() => SequenceClassifier.fromJSON({ ...stored, ...changed }), { name: 'RangeError', message });
  }
});

test('files of every topology load', async () => {
  const samples = [
    { input: [1, 2, 3], label: 'x' },
    { input: [3, 2, 1], label: 'y' },
  ];
  const layers = [
    undefined,
    [
      { filters: 3, width: 1, dilation: 4 },
      { filters: 2, width: 5, dilation: 2 },
    ],
  ];
  for (const convolution of layers) {
    for (const hidden of convolution ? [[2, 1], []] : [[2], [1, 2]]) {
      for (const variant of convolution ? ['standard', 'gru'] : ['standard', 'gru', 'synaptic']) {
        for (const bidirectional of variant === 'synaptic' ? [false] : [false, true]) {
          for (const readout of variant === 'synaptic' ? ['last'] : ['last', 'mean', 'mean+max', 'attention']) {
            const encoder = Encoder.numeric();
            const options = {
              encoder,
              labels: ['x', 'y'],
              hidden,
              variant,
              bidirectional,
              readout,
              convolution,
              seed: 1,
            };
            const made = new SequenceClassifier(options);
            await made.fit(samples, { epochs: 1 });
            const read = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(made)));
            assert.deepEqual(read.classify([1, 2]), made.classify([1, 2]));
            for (const model of [made, read]) model.free();
          }
        }
      }
    }
  }
});
