// The JavaScript side of test_javascript.py: does what the line on standard input says, and writes what came of it.
// Models come and go as files; checkpoints as base64.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  Architect,
  Encoder,
  Network,
  SequenceClassifier,
  SequencePredictor,
  SequenceTagger,
  Trainer,
  unpack,
} from 'engram';

const classes = { SequenceClassifier, SequencePredictor, SequenceTagger };
const read = (path) => {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  return (classes[json.type] ?? Network).fromJSON(json);
};
const write = (path, model) => writeFileSync(path, JSON.stringify(model));
/** The SHA-256 of a network's parameters, as support.py computes it. */
const hashOf = ({ network }) => {
  const { weights, biases } = network;
  return createHash('sha256').update(weights.slice()).update(biases.slice()).digest('hex');
};
/** A new model, and the run of it that never leaves. */
const modelOf = ({ type, options }) => new classes[type]({ ...options, encoder: Encoder.fromJSON(options.encoder) });
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));

const tasks = {
  /** Opens a model and asks it. */
  ask({ path, inputs }) {
    const model = read(path);
    if (model instanceof Network) return model.activateSequences(inputs);
    if (model instanceof SequencePredictor) return inputs.map((input) => model.generate(input, 3));
    const probabilities = ({ probabilities }) => model.labels.map((label) => probabilities[label]);
    if (model instanceof SequenceTagger) return inputs.map((input) => model.tag(input).map(probabilities));
    return model.classifyAll(inputs).map(probabilities);
  },
  /** Opens a model, trains it further, and writes it. */
  async further({ path, into, samples, fit }) {
    const model = read(path);
    const { error } = await model.fit(samples, fit);
    write(into, model);
    return { error };
  },
  /** Trains a new model, from a checkpoint if there is one; gives the checkpoints that were due. */
  async fit({ type, options, samples, fit, resume, into }) {
    const model = new classes[type]({ ...options, encoder: Encoder.fromJSON(options.encoder) });
    const checkpoints = [];
    const onCheckpoint = (checkpoint) => checkpoints.push(Buffer.from(checkpoint).toString('base64'));
    const given = { ...fit, onCheckpoint, ...(resume ? { resume: bytes(resume) } : {}) };
    const { error } = await model.fit(samples, given);
    write(into, model);
    return { error, checkpoints };
  },
  /** Packs a run before it begins; gives the hash of what it makes here. */
  async pack({ samples, fit, into, ...given }) {
    const model = modelOf(given);
    writeFileSync(into, await model.pack(samples, fit));
    await model.fit(samples, fit);
    return hashOf(model);
  },
  /**
   * Begins a run and packs it some time after checkpoint number `moment`, while it goes on; then ends it. Gives the hash
   * of what one that never leaves makes.
   */
  async leave({ samples, fit, moment, into, ...given }) {
    let file;
    let seen = 0;
    const run = modelOf(given).fit(samples, {
      ...fit,
      checkpointEvery: 1,
      onCheckpoint() {
        if (++seen === moment) file = run.pack().finally(() => run.abort());
      },
    });
    await run;
    writeFileSync(into, await file);
    const whole = modelOf(given);
    await whole.fit(samples, fit);
    return hashOf(whole);
  },
  /** Finishes a packed run. */
  async finish({ path }) {
    const pack = unpack(readFileSync(path));
    const { stopped } = await pack.train();
    return { hash: hashOf(pack.model instanceof Network ? { network: pack.model } : pack.model), stopped };
  },
  /** Packs a run of a network, some time after checkpoint number `moment`; gives the hash of one that never leaves. */
  async leaveNetwork({ sizes, options, set, train, moment, into }) {
    const make = () => new Architect.LSTM(...sizes, options);
    let file;
    let seen = 0;
    const run = new Trainer(make()).trainAsync(set, {
      ...train,
      checkpointEvery: 1,
      onCheckpoint() {
        if (++seen === moment) file = run.pack().finally(() => run.abort());
      },
    });
    await run;
    writeFileSync(into, await file);
    const network = make();
    await new Trainer(network).trainAsync(set, train);
    return hashOf({ network });
  },
  /** Trains a network of plain pairs or sequences. */
  async train({ path, into, set, options }) {
    const network = read(path);
    const { error, accuracy = null } = await new Trainer(network).trainAsync(set, options);
    write(into, network);
    return { error, accuracy };
  },
};

const { task, ...given } = JSON.parse(readFileSync(0, 'utf8'));
const answer = JSON.stringify((await tasks[task](given)) ?? null);
process.stdout.write(answer, () => process.exit(0));
