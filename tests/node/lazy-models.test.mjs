// What Node imports has networks at once, and reads the classes of models when one of them is first used.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as engram from 'engram';
import {
  crossValidate,
  Encoder,
  LabelledModel,
  Network,
  SequenceClassifier,
  SequenceModel,
  SequenceTagger,
} from 'engram';
import { root } from '../../scripts/toolchain.mjs';

const options = { encoder: Encoder.bytes(), labels: ['a', 'b'] };

test('a program that names no model does not read their code', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-lazy-'));
  try {
    cpSync(join(root, 'pkg/dist'), folder, { recursive: true });
    const run = (name) => {
      const code = `import { Architect, ${name} } from './library.js';
        console.log(new Architect.LSTM(1, 2, 1, { seed: 1 }).activate([1]).length, typeof ${name});
        if (process.argv[1] === 'use') new ${name}({});`;
      const flags = ['--input-type=module', '-e', code];
      return (...rest) =>
        execFileSync(process.execPath, [...flags, ...rest], { cwd: folder, stdio: 'pipe' }).toString();
    };
    rmSync(join(folder, 'whole.js'));
    const classifier = run('SequenceClassifier');
    assert.equal(classifier(), '1 function\n');
    // It is that file that is read at first use.
    assert.throws(() => classifier('use'), /whole\.js/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('import has the names of require', async () => {
  const { createRequire } = await import('node:module');
  const required = createRequire(import.meta.url)('engram');
  assert.deepEqual({ ...engram }, { ...required });
  // One library: where import came first, require gives its classes.
  assert.equal(required.SequenceClassifier, SequenceClassifier);
});

test('the classes are classes: for new, instanceof, derived ones and their names', () => {
  class Mine extends SequenceClassifier {
    shout(input) {
      return this.classify(input).label.toUpperCase();
    }
  }
  for (const Class of [SequenceClassifier, Mine]) {
    const model = new Class(options);
    assert.equal(model.constructor, Class);
    assert.ok(Object.getPrototypeOf(model) === Class.prototype);
    for (const Base of [Class, SequenceClassifier, LabelledModel, SequenceModel]) assert.ok(model instanceof Base);
    assert.ok(!(model instanceof SequenceTagger) && !(model instanceof Network));
  }
  assert.equal(SequenceClassifier.name, 'SequenceClassifier');
  assert.ok('fromJSON' in SequenceClassifier && Object.getPrototypeOf(SequenceClassifier).name === 'LabelledModel');
  assert.throws(() => SequenceClassifier(options), TypeError);
  assert.throws(() => new crossValidate(), TypeError);
});

test('a static method that a test puts there is the one that is called', () => {
  const { fromJSON } = SequenceClassifier;
  try {
    SequenceClassifier.fromJSON = () => 'given';
    assert.equal(SequenceClassifier.fromJSON({}), 'given');
  } finally {
    SequenceClassifier.fromJSON = fromJSON;
  }
});

test('what is made of a class, or read from a file, is of the class that was imported', async () => {
  const model = new SequenceClassifier({ ...options, seed: 1 });
  await model.fit([
    { input: 'x', label: 'a' },
    { input: 'y', label: 'b' },
  ]);
  const read = SequenceClassifier.fromJSON(JSON.parse(JSON.stringify(model)));
  assert.ok(read instanceof SequenceClassifier && read.constructor === SequenceClassifier);
  assert.ok(read.network instanceof Network);
  assert.deepEqual(read.classify('x'), model.classify('x'));
});
