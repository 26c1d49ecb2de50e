// How each library does a job: asynchronous functions that yield a result per job, in order.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SequenceClassifier } from 'engram';

import { target } from '../../scripts/toolchain.mjs';
import { encode, python } from './sets.mjs';

async function* engram(loaded, jobs) {
  for (const { set, ways, readout, initializer, hidden, epochs, batch, rate, seed } of jobs) {
    const { train, test, labels, encoder } = loaded.get(set);
    const started = performance.now();
    const classifier = new SequenceClassifier({
      labels,
      encoder,
      hidden: [hidden],
      bidirectional: ways === 2,
      readout,
      initializer,
      seed,
    });
    await classifier.fit(train, { epochs, batchSize: batch, rate });
    const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
    const [heldOut, trained] = [test, train].map((samples) => classifier.evaluate(samples).accuracy);
    classifier.free();
    yield { heldOut, trained, seconds };
  }
}

async function* pytorch(loaded, jobs) {
  const names = new Set(jobs.map(({ set }) => set));
  const file = join(target, 'accuracy/encoded.json');
  mkdirSync(join(target, 'accuracy'), { recursive: true });
  writeFileSync(file, JSON.stringify(Object.fromEntries([...names].map((name) => [name, encode(loaded.get(name))]))));
  const child = spawn(python, [join(import.meta.dirname, 'pytorch.py'), file], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
  const [status] = await ended;
  if (status !== 0) throw new Error(`${python} pytorch.py: exit ${status}`);
}

export const libraries = { engram, pytorch };
