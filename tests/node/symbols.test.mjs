// Sets of symbols, bits and classes: they give the bits of the rows that they stand for, wherever a set goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Architect, configure, DataSet, Trainer } from 'engram';
import { below, randomFrom, SEED } from '../support/random.mjs';
import { share } from '../support/sharing.mjs';

const random = randomFrom(SEED);
const SYMBOLS = 11;
const CLASSES = 3;
const lengths = Array.from({ length: 45 }, () => 1 + below(random, 6));
const steps = lengths.reduce((sum, length) => sum + length, 0);
const classes = lengths.map(() => below(random, CLASSES));
const oneHot = (size, place) => Array.from({ length: size }, (_, index) => Number(index === place));
const targets = { targets: classes, targetsAre: 'classes' };
const rowsOfTargets = { targets: classes.flatMap((label) => oneHot(CLASSES, label)) };

/** Inputs as codes, and as the rows that they stand for. */
const forms = {
  symbols: (() => {
    const codes = Array.from({ length: steps }, () => below(random, SYMBOLS));
    const rows = codes.flatMap((code) => oneHot(SYMBOLS, code));
    return { inputSize: SYMBOLS, coded: { inputs: codes, inputsAre: 'symbols' }, rows: { inputs: rows } };
  })(),
  bits: (() => {
    const codes = Array.from({ length: steps }, () => below(random, 256));
    const rows = codes.flatMap((code) => Array.from({ length: 8 }, (_, place) => ((code >> (7 - place)) & 1) * 2 - 1));
    return { inputSize: 8, coded: { inputs: codes, inputsAre: 'bits' }, rows: { inputs: rows } };
  })(),
};
const common = { outputSize: CLASSES, lengths };
const OPTIONS = { iterations: 3, error: 0, seed: 1, batchSize: 20, shuffle: true };

const builds = {
  standard: { variant: 'standard' },
  embedded: { variant: 'standard', embedding: 4 },
  bidirectional: { variant: 'standard', bidirectional: true },
  synaptic: {},
};

for (const [form, { inputSize, coded, rows }] of Object.entries(forms)) {
  const setOf = (inputs, goals) => new DataSet({ ...common, inputSize, ...inputs, ...goals });
  const pair = () => [setOf(coded, targets), setOf(rows, rowsOfTargets)];
  for (const [name, build] of Object.entries(builds)) {
    const make = () => new Architect.LSTM(inputSize, 5, CLASSES, { ...build, output: 'softmax', seed: 3 });
    /** Weights and scores after training on a set. */
    const outcome = async (set, options, train = (trainer) => trainer.trainAsync(set, options)) => {
      const network = make();
      const { error, accuracy, training, validation } = await train(new Trainer(network), network);
      return { weights: [...network.weights], biases: [...network.biases], error, accuracy, training, validation };
    };

    test(`${form} of a ${name} network have the bits of rows, by any precision and number of threads`, async () => {
      const [codes, written] = pair();
      for (const precision of ['f32', 'f64']) {
        const options = { ...OPTIONS, precision, dropout: name === 'synaptic' ? 0 : 0.3 };
        const expected = await outcome(written, options);
        for (const threads of [1, 2]) {
          assert.deepEqual(await outcome(codes, { ...options, threads }), expected, `${precision}, ${threads} threads`);
        }
      }
    });

    test(`${form} of a ${name} network have the bits of rows on the page, on copies and held out`, async (t) => {
      const [codes, written] = pair();
      const expected = await outcome(written, { ...OPTIONS, validation: written });
      const options = { ...OPTIONS, validation: codes };
      assert.deepEqual(await outcome(codes, options, (trainer) => trainer.train(codes, options)), expected);
      for (const shared of ['auto', 'never']) {
        share(t, shared);
        assert.deepEqual(await outcome(codes, options), expected);
      }
    });
  }

  test(`a run on ${form} goes on from a checkpoint to the same bits`, async () => {
    const make = () => new Architect.LSTM(inputSize, 4, CLASSES, { variant: 'standard', output: 'softmax', seed: 5 });
    const [codes, written] = pair();
    const [whole, resumed] = [make(), make()];
    let checkpoint;
    const options = { ...OPTIONS, iterations: 4 };
    await new Trainer(whole).trainAsync(written, {
      ...options,
      checkpointEvery: 2,
      onCheckpoint: (bytes) => {
        checkpoint ??= bytes;
      },
    });
    await new Trainer(resumed).resume(codes, checkpoint, options);
    assert.deepEqual([...resumed.weights], [...whole.weights]);
  });

  test(`the online rule, tests and a cost of one's own take ${form}`, async () => {
    const make = () => new Architect.LSTM(inputSize, 4, CLASSES, { output: 'softmax', seed: 5 });
    const [codes, written] = pair();
    const cost = (target, output) => target.reduce((sum, value, index) => sum + (value - output[index]) ** 2, 0);
    const tell = (set) => {
      const network = make();
      const trainer = new Trainer(network);
      const { error } = trainer.train(set, { iterations: 2, error: 0, learner: 'online', seed: 1 });
      const own = trainer.train(set, { ...OPTIONS, cost }).error;
      const tested = [trainer.test(set), trainer.test(set, { cost })].map(({ error, accuracy }) => [error, accuracy]);
      return { error, own, tested, weights: [...network.weights] };
    };
    assert.deepEqual(tell(codes), tell(written));
  });
}

test('symbols that no block can gather are written out', async () => {
  const { coded, rows, inputSize } = forms.symbols;
  const run = async (inputs, goals) => {
    const network = new Architect.Liquid(inputSize, 8, CLASSES, 20, 5, { seed: 4 });
    const set = new DataSet({ ...common, inputSize, ...inputs, ...goals });
    await new Trainer(network).trainAsync(set, OPTIONS);
    return [...network.weights];
  };
  assert.deepEqual(await run(coded, targets), await run(rows, rowsOfTargets));
});

test('one bit a step is a bit of its own', () => {
  const bits = new DataSet({ inputSize: 1, outputSize: 1, inputs: [0, 1, 1], inputsAre: 'bits', targets: [1, 0, 0] });
  const rows = new DataSet({ inputSize: 1, outputSize: 1, inputs: [-1, 1, 1], targets: [1, 0, 0] });
  const trained = [bits, rows].map((set) => {
    const network = new Architect.Perceptron(1, 2, 1, { seed: 1 });
    new Trainer(network).train(set, { iterations: 3, error: 0 });
    return [...network.weights];
  });
  assert.deepEqual(trained[0], trained[1]);
});

test('a worker refuses sets that are none, and trains the next one', async () => {
  const { postMessage } = Worker.prototype;
  const network = () => new Architect.LSTM(SYMBOLS, 3, CLASSES, { variant: 'standard', output: 'softmax', seed: 1 });
  const set = new DataSet({ ...common, inputSize: SYMBOLS, ...forms.symbols.coded, ...targets });
  const train = () => new Trainer(network()).trainAsync(set, OPTIONS);
  configure({ shareMemory: 'never' });
  try {
    for (const [change, message] of [
      [(cargo) => cargo.set.inputs.fill(SYMBOLS, 3, 4), /the inputs are not \d+ steps of 11 values/],
      [(cargo) => cargo.set.targetOfStep.fill(CLASSES), /the targets are not of 3 values, or not all there/],
      [
        (cargo) => {
          cargo.set.form = 'rows';
        },
        /set\.inputs is not what the page posts/,
      ],
      [
        (cargo) => {
          cargo.set.form = 'toString';
        },
        /set\.form is not what the page posts/,
      ],
      [
        (cargo) => {
          cargo.set.targetsAre = undefined;
        },
        /set\.targetsAre is not what the page posts/,
      ],
      [
        (cargo) => {
          cargo.set.targets = new Float64Array(5);
        },
        /the targets are not of 3 values/,
      ],
      [
        (cargo) => {
          cargo.set.targets[0] = Number.NaN;
        },
        /finite numbers only/,
      ],
      [
        (cargo) => {
          cargo.set.inputs = new Uint8Array(cargo.set.inputs);
          cargo.set.form = 'bits';
        },
        /the inputs are not/,
      ],
    ]) {
      Worker.prototype.postMessage = function (posted, transfer) {
        const copy = posted.type === 'engram:train' ? structuredClone(posted) : posted;
        if (posted.type === 'engram:train') change(copy.cargo);
        return postMessage.call(this, copy, transfer);
      };
      await assert.rejects(train(), { message });
      Worker.prototype.postMessage = postMessage;
      assert.equal((await train()).stopped, 'iterations');
    }
  } finally {
    Worker.prototype.postMessage = postMessage;
    configure({ shareMemory: 'auto' });
  }
});

test('codes that are none are refused by their place', () => {
  const make = (change) => () =>
    new DataSet({
      inputSize: 3,
      outputSize: 2,
      inputs: [0, 1],
      inputsAre: 'symbols',
      targets: [0, 1, 1, 0],
      ...change,
    });
  for (const [change, message] of [
    [{ inputs: [0, 3] }, /set\.inputs\[1\] is 3, expected .*2/],
    [{ inputs: [0.5, 1] }, /set\.inputs\[0\] is 0\.5/],
    [{ inputs: [-1, 1] }, /set\.inputs\[0\] is -1/],
    [{ inputs: [0, 8], inputsAre: 'bits' }, /set\.inputs\[1\] is 8, expected .*7/],
    [{ inputSize: 9, inputsAre: 'bits' }, /set\.inputSize is 9, expected .*8/],
    [{ targetsAre: 'classes' }, /set\.targets has 4 values, 2 targets make 2/],
    [{ targetsAre: 'classes', targets: [0, 2] }, /set\.targets\[1\] is 2, expected .*1/],
    [{ inputsAre: 'words' }, /set\.inputsAre is .*'rows'/],
    [{ targetsAre: 'labels' }, /set\.targetsAre is .*'classes'/],
  ]) {
    assert.throws(make(change), { name: 'RangeError', message });
  }
  assert.throws(make({ inputs: [0, '1'] }), { name: 'TypeError', message: /set\.inputs\[1\]/ });
});
