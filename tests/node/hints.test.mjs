// Messages lead on: to the option that another library calls otherwise, and from rows as objects to arrays.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Architect, DataSet, Encoder, SequenceClassifier, SequencePredictor, SequenceTagger, Trainer } from 'engram';

const network = () => new Architect.Perceptron(3, 2, 1, { seed: 1 });

test('names of other libraries lead to the option here', async () => {
  const classifier = new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.bits() });
  const tagger = new SequenceTagger({ labels: ['a', 'b'], encoder: Encoder.bits() });
  const trainer = new Trainer(network());
  const fits = [
    ['SequenceClassifier.fit', (options) => classifier.fit([], options)],
    ['SequenceTagger.fit', (options) => tagger.fit([], options)],
    ['SequencePredictor.fit', (options) => new SequencePredictor().fit([], options)],
  ];
  // Synaptic's classes warn, and go on.
  const trains = [
    [
      'Trainer.trainAsync',
      (options) => {
        const warn = mock.method(console, 'warn', () => {});
        const run = trainer.trainAsync([], options);
        warn.mock.restore();
        run.catch(() => {});
        const [message = ''] = warn.mock.calls[0]?.arguments ?? [];
        return Promise.reject(new TypeError(message.replace(' and left out', '')));
      },
    ],
  ];
  const cases = [
    [[...fits, ...trains], ['lr', 'learningRate', 'learning_rate', 'LR'], 'rate'],
    [fits, ['iterations', 'max_iter', 'epoch', 'maxEpochs'], 'epochs'],
    [trains, ['epochs', 'epoch', 'maxIterations', 'iteration'], 'iterations'],
    [[...fits, ...trains], ['batch_size', 'batchsize', 'batch', 'miniBatchSize'], 'batchSize'],
    [[...fits, ...trains], ['validationSplit', 'validation_data'], 'validation'],
    [[...fits, ...trains], ['errorThresh'], 'error'],
    [[...fits, ...trains], ['verbose'], 'log'],
    [[...fits, ...trains], ['earlyStopping'], 'patience'],
    [trains, ['loss', 'criterion'], 'cost'],
    [trains, ['randomState'], 'seed'],
  ];
  for (const [calls, names, option] of cases) {
    for (const [call, act] of calls) {
      for (const name of names) {
        await assert.rejects(act({ [name]: 1 }), {
          name: 'TypeError',
          message: `${call}: options.${name} is not known; did you mean '${option}'?`,
        });
      }
    }
  }
  const make = (options) => new SequenceClassifier({ labels: ['a', 'b'], encoder: Encoder.bits(), ...options });
  assert.throws(() => make({ units: [3] }), /did you mean 'hidden'/);
  assert.throws(() => new SequenceClassifier({ classes: [], encoder: Encoder.bits() }), /did you mean 'labels'/);
  // What is not there is not suggested.
  assert.throws(
    () => make({ learningRate: 1 }),
    (error) => !/rate'\?/.test(error.message),
  );
});

test('rows as objects are refused with the array that they could be', async () => {
  const trainer = new Trainer(network());
  const row = { ax: 1, ay: 2, az: 3 };
  const message = (call, field) => `${call}: ${field} is an object (Object), expected an array of `;
  const hint = ', such as [ax, ay, az]';
  const refused = (start) => (error) => {
    assert.equal(error.name, 'TypeError');
    assert.ok(error.message.startsWith(start) && error.message.endsWith(hint), error.message);
    return true;
  };
  const steps = [{ input: [row, row], output: [1] }];
  for (const set of [steps, [{ input: [[1, 2, 3]], output: [1] }, ...steps]]) {
    const field = `set[${set.length - 1}].input[0]`;
    assert.throws(() => trainer.train(set), refused(message('Trainer.train', field)));
    await assert.rejects(trainer.trainAsync(set), refused(message('Trainer.trainAsync', field)));
    if (set.length > 1) assert.throws(() => new DataSet(set), refused(message('new DataSet', field)));
  }
  assert.throws(() => trainer.train([{ input: row, output: [1] }]), refused(message('Trainer.train', 'set[0].input')));
  assert.throws(
    () => trainer.train([{ input: [1, 2, 3], output: row }]),
    refused(message('Trainer.train', 'set[0].output')),
  );
  assert.throws(() => network().activate(row), refused(message('Network.activate', 'input')));
  assert.throws(() => network().activateSequence([row]), refused(message('Network.activateSequence', 'steps[0]')));
  // Not every object is a row.
  assert.throws(
    () => trainer.train([{ input: { a: 'x' }, output: [1] }]),
    (error) => !error.message.includes('such as'),
  );
});
