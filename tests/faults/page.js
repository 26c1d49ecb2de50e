// What the tests of faults call in a page, by name.

import { Architect, browserStore, configure, Trainer } from '/pkg/dist/engram.js';
import * as slim from '/pkg/dist/slim.js';
import { firstBit, LONG_RUN } from '/tests/support/sets.mjs';

const make = () => {
  const network = new Architect.LSTM(...LONG_RUN.sizes, { variant: 'standard', output: 'softmax', seed: 1 });
  return { network, trainer: new Trainer(network), set: firstBit(LONG_RUN.count, LONG_RUN.length) };
};
const OPTIONS = { error: 0, seed: 1, batchSize: 32 };
const failure = (promise) =>
  promise.then(
    () => 'no error',
    (error) => `${error.name}: ${error.message}`,
  );

async function aftermath({ network, set }) {
  const finite = network.weights.every(Number.isFinite) && network.version % 2 === 0;
  const { stopped } = await new Trainer(network).trainAsync(set.slice(0, 64), { iterations: 1, error: 0 });
  return { usable: finite, next: stopped };
}

globalThis.engramTests = {
  /** Starts a run whose end is kept in `globalThis.outcome`. */
  start(iterations) {
    const all = make();
    globalThis.seen = 0;
    const run = all.trainer.trainAsync(all.set, { ...OPTIONS, iterations });
    (async () => {
      for await (const { iteration } of run) globalThis.seen = iteration;
      const { stopped } = await run;
      globalThis.outcome = { stopped, ...(await aftermath(all)) };
    })();
  },

  /** Trains and keeps a checkpoint after every iteration, until the page is gone. */
  keepCheckpoints() {
    const { trainer, set } = make();
    const store = browserStore('faults');
    const keep = async (checkpoint) => {
      await store.save(checkpoint);
      globalThis.kept = (globalThis.kept ?? 0) + 1;
    };
    void trainer.trainAsync(set, { ...OPTIONS, iterations: 1_000_000, checkpointEvery: 1, onCheckpoint: keep });
  },

  /** Goes on from what was kept for one more iteration. */
  async goOn() {
    const { trainer, network, set } = make();
    const checkpoint = await browserStore('faults').load();
    const run = trainer.resume(set, checkpoint, { ...OPTIONS, iterations: 1_000_000 });
    let reached;
    for await (const { iteration } of run) {
      reached ??= iteration;
      if (iteration > reached) run.abort();
    }
    await run;
    return { reached, finite: network.weights.every(Number.isFinite) };
  },

  async fullStore() {
    const all = make();
    const options = { ...OPTIONS, iterations: 1000, checkpointEvery: 1, onCheckpoint: browserStore('full').save };
    return { said: await failure(all.trainer.trainAsync(all.set, options)), ...(await aftermath(all)) };
  },

  /** The engine traps in the worker, then a run with a sound one. */
  async brokenEngine() {
    const all = make();
    configure({ workerUrl: '/tests/faults/faulty-worker.web.js' });
    const said = await failure(all.trainer.trainAsync(all.set, { ...OPTIONS, iterations: 1_000_000 }));
    configure({ workerUrl: '/pkg/dist/worker.js' });
    return { said, ...(await aftermath(all)) };
  },

  /** The fetched entry where the module is missing, then where it is. */
  async slimModule() {
    slim.configure({ wasmUrl: '/pkg/dist/no-such.wasm' });
    const said = await failure(slim.init());
    slim.configure({ wasmUrl: '/pkg/dist/engram.wasm' });
    await slim.init();
    return { said, output: new slim.Architect.Perceptron(2, 3, 1, { seed: 1 }).activate([0, 1])[0] };
  },
};
