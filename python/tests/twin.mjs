// The JavaScript side of test_javascript.py: does what the line on standard input says, and writes what came of it.
// Models come and go as files; checkpoints as base64.

import { readFileSync, writeFileSync } from 'node:fs';
import * as engram from 'engram';

import { madeOf, readOf } from '../../tests/vectors/cases.mjs';
import { tasksOf } from './host.mjs';

const { Architect, Network, Trainer } = engram;
const { SequenceGenerator, SequencePredictor, SequenceRegressor, SequenceTagger, SequenceTranscriber } = engram;
const { classes, hashOf, modelOf, ...both } = tasksOf(engram);
const read = (path) => {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  return (classes[json.type] ?? Network).fromJSON(json);
};
const write = (path, model) => writeFileSync(path, JSON.stringify(model));
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));

const tasks = {
  ...both,
  /** Opens a model and asks it. */
  ask({ path, inputs }) {
    const model = read(path);
    if (model instanceof Network) return model.activateSequences(inputs);
    if (model instanceof SequenceGenerator) return madeOf(model, inputs);
    if (model instanceof SequenceTranscriber) return readOf(model, inputs);
    if (model instanceof SequencePredictor) return inputs.map((input) => model.generate(input, 3));
    if (model instanceof SequenceRegressor) return model.predictAll(inputs);
    const probabilities = ({ probabilities }) => model.labels.map((label) => probabilities[label]);
    if (model instanceof SequenceTagger) return inputs.map((input) => model.tag(input).map(probabilities));
    return model.classifyAll(inputs).map(probabilities);
  },
  /** Opens a predictor, and tells what it foresees of series and how well. */
  judge({ path, inputs, ahead, options }) {
    const model = read(path);
    const forecasts = inputs.map((input, index) => model.forecast(input, ahead && { covariates: ahead[index] }));
    return { forecasts, scores: model.evaluate(inputs, options) };
  },
  /** Opens a model, and tells what a stream of it says after each step. */
  stream({ path, steps, ahead }) {
    const model = read(path);
    const stream = model.stream();
    return steps.map((step, index) => {
      const said = stream.push(step, ahead ? { covariates: ahead[index] } : undefined);
      return Array.isArray(said) ? said.map((row) => [...row]) : model.labels.map((label) => said.probabilities[label]);
    });
  },
  /** Opens a model, extends it, and trains it further; writes what came of both. */
  async extend({ path, options, samples, fit, into }) {
    const model = read(path).extend(options);
    write(into[0], model);
    await model.fit(samples, fit);
    write(into[1], model);
  },
  /** Opens a model, and tells why it answers what it answers. */
  explain({ path, input, options }) {
    return read(path).explain(input, options);
  },
  /** Opens a classifier, and tells how it does on samples and which labels it gives them. */
  classify({ path, samples }) {
    const model = read(path);
    const said = model.classifyAll(samples.map(({ input }) => input));
    return { labels: said.map(({ label, labels }) => labels ?? label), scores: model.evaluate(samples) };
  },
  /** Opens a transcriber, and tells how well it reads samples. */
  transcribe({ path, samples, beam }) {
    return read(path).evaluate(samples, beam === null ? {} : { beam });
  },
  /** Opens a generator, and tells how surprising texts are to it. */
  perplexity({ path, texts }) {
    return read(path).perplexity(texts);
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
    const model = modelOf({ type, options });
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
