// What a script does not use is not made: no engine by the import alone, no code for a network that only stands there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const program = `
  import { createRequire } from 'node:module';
  import threads from 'node:worker_threads';
  const made = { Module: 0, Instance: 0, Memory: 0, Worker: 0 };
  for (const [owner, name] of [[WebAssembly, 'Module'], [WebAssembly, 'Instance'], [WebAssembly, 'Memory'], [threads, 'Worker']]) {
    owner[name] = new Proxy(owner[name], {
      construct(target, values) {
        made[name]++;
        return Reflect.construct(target, values);
      },
    });
  }
  const seen = {};
  const note = (what) => { seen[what] = { ...made }; };
  const { Architect, Encoder, Layer, Network, Neuron, Trainer } =
    process.argv[1] === 'import' ? await import('engram') : createRequire(process.argv[2])('engram');
  note('loaded');
  Encoder.bits().encode('a');
  class Own extends Network {}
  Neuron.squash.TANH(1);
  Trainer.cost.MSE([1], [0]);
  note('without a network');
  const network = new Architect.Perceptron(2, 3, 1);
  note('a network');
  network.activate([0, 1]);
  note('a step');
  network.activate([0, 1]);
  new Trainer(network).train([{ input: [0, 1], output: [1] }], { iterations: 5 });
  note('a training');
  console.log(JSON.stringify(seen));`;

for (const how of ['import', 'require']) {
  test(`${how}: nothing is compiled or started before it is used`, async () => {
    const args = ['--input-type=module', '--eval', program, how, import.meta.filename];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
    const seen = JSON.parse(stdout);
    const nothing = { Module: 0, Instance: 0, Memory: 0, Worker: 0 };
    assert.deepEqual(seen.loaded, nothing);
    assert.deepEqual(seen['without a network'], nothing);
    assert.deepEqual(seen['a network'], { Module: 1, Instance: 1, Memory: 1, Worker: 0 });
    // A network that is activated once is not worth code of its own.
    assert.deepEqual(seen['a step'], seen['a network']);
    assert.deepEqual(seen['a training'], { Module: 2, Instance: 2, Memory: 1, Worker: 0 });
  });
}
