// Learns to tell Turkish from Italian first names, one bit per step, in a worker.
//
//   node examples/classify-names.mjs [--epochs 60] [--variant standard|synaptic] [--seed 1]
//                                    [--model names.json] [name ...]

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Architect, Network, Trainer } from 'engram';

import { classify, LANGUAGES, samples } from './names/task.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epochs: { type: 'string', default: '60' },
    variant: { type: 'string', default: 'standard' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'names.json' },
  },
});
const names = JSON.parse(readFileSync(new URL('./names/first-names.json', import.meta.url), 'utf8'));
const seed = Number(values.seed);

async function train() {
  const { training, heldOut } = samples(names);
  const network = new Architect.LSTM(1, 32, LANGUAGES.length, { variant: values.variant, output: 'softmax', seed });
  const trainer = new Trainer(network);
  const run = trainer.trainAsync(training, { iterations: Number(values.epochs), rate: 0.01, error: 0, seed });
  let printed = 0;
  for await (const { iteration, iterations, error, accuracy } of run) {
    const done = Math.round((30 * iteration) / iterations);
    const bar = `[${'#'.repeat(done)}${'.'.repeat(30 - done)}]`;
    const line = `${bar} epoch ${iteration}/${iterations}  error ${error.toFixed(3)}  accuracy ${accuracy.toFixed(3)}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
    else if (iteration % 10 === 0 && iteration !== printed) console.log(line);
    printed = iteration;
  }
  const { time } = await run;
  console.log(`\ntrained ${training.length} names in ${(time / 1000).toFixed(1)} s`);
  console.log(`held-out accuracy: ${trainer.test(heldOut).accuracy.toFixed(3)} of ${heldOut.length} names`);
  return network;
}

const network = await train();
writeFileSync(values.model, JSON.stringify(network));
const loaded = Network.fromJSON(JSON.parse(readFileSync(values.model, 'utf8')));
console.log(`saved to ${values.model} and loaded again`);
for (const name of positionals.length > 0 ? positionals : ['ayse', 'giovanni']) {
  const probabilities = classify(loaded, name);
  const best = LANGUAGES.reduce((a, b) => (probabilities[a] >= probabilities[b] ? a : b));
  console.log(`${name}: ${best} (${(100 * probabilities[best]).toFixed(1)} %)`);
}
