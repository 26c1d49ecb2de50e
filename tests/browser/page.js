// What the browser tests call by name; every function gives something that JSON can carry.

import { LANGUAGES, samples } from '/examples/names/task.mjs';
import { Architect, browserStore, Encoder, Network, SequenceClassifier, Trainer } from '/pkg/dist/engram.js';
import { fingerprint } from '/tests/support/fingerprint.mjs';
import { watchLateness } from '/tests/support/lateness.mjs';
import { bySteps } from '/tests/support/old-workers.mjs';
import { firstBit, LONG_RUN, XOR } from '/tests/support/sets.mjs';

const long = () => {
  const network = new Architect.LSTM(...LONG_RUN.sizes, { variant: 'standard', output: 'softmax', seed: 1 });
  return { network, trainer: new Trainer(network), set: firstBit(LONG_RUN.count, LONG_RUN.length) };
};

globalThis.engramTests = {
  /** Where the page is and what it may. */
  where: () => ({ isolated: globalThis.crossOriginIsolated === true, agent: navigator.userAgent }),

  /** How a view taken before training changes during it, and how late a 10 ms timer is meanwhile. */
  async liveView() {
    const { network, trainer, set } = long();
    const view = network.weights;
    const version = network.version;
    const lateness = watchLateness();
    let [changes, seen] = [0, Float64Array.from(view)];
    const run = trainer.trainAsync(set, { iterations: 8, error: 0 });
    for await (const _ of run) {
      if (view.some((value, index) => value !== seen[index])) changes++;
      seen = Float64Array.from(view);
    }
    const { stopped } = await run;
    const { isShared } = network;
    return { changes, stopped, versions: network.version - version, isShared, ...lateness() };
  },

  /** Milliseconds from abort to the end of a run that would take hours. */
  async abort() {
    const { trainer, set } = long();
    const run = trainer.trainAsync(set, { iterations: 1_000_000, error: 0 });
    await run[Symbol.asyncIterator]().next();
    const start = performance.now();
    run.abort();
    const { stopped } = await run;
    return { stopped, time: performance.now() - start };
  },

  fingerprint: () => fingerprint({ Architect, Trainer }),

  async oldLoop() {
    const network = new Architect.Perceptron(2, 3, 1, { seed: 3 });
    const { error } = await bySteps(network, XOR, { rateAt: () => 0.5, iterations: 4000, error: 0.02 });
    return { error, answers: XOR.map(({ input }) => Math.round(network.activate(input)[0])) };
  },

  /** A classifier that goes on from what IndexedDB kept, against one that was never stopped. */
  async resume() {
    const samples = Array.from({ length: 20 }, (_, index) => ({
      input: 'ab'[index % 2].repeat(2 + (index % 3)),
      label: 'xy'[index % 2],
    }));
    const make = () => new SequenceClassifier({ labels: ['x', 'y'], encoder: Encoder.bytes(), hidden: [6], seed: 4 });
    const store = browserStore('test');
    const [whole, resumed] = [make(), make()];
    await whole.fit(samples, { epochs: 30 });
    await make().fit(samples, { epochs: 12, checkpointEvery: 12, onCheckpoint: store.save });
    const checkpoint = await store.load();
    await store.clear();
    await resumed.fit(samples, { epochs: 30, resume: checkpoint });
    const same = JSON.stringify(resumed) === JSON.stringify(whole);
    return { same, cleared: (await store.load()) === undefined, label: resumed.classify('bbb').label };
  },

  /** The names task: held-out accuracy after 60 epochs. */
  async names(variant) {
    const names = await (await fetch('/examples/names/first-names.json')).json();
    const { training, heldOut } = samples(names);
    const network = new Architect.LSTM(1, 32, LANGUAGES.length, { variant, output: 'softmax', seed: 1 });
    const trainer = new Trainer(network);
    await trainer.trainAsync(training, { iterations: 60, rate: 0.01, error: 0, seed: 1 });
    const copy = Network.fromJSON(JSON.parse(JSON.stringify(network)));
    return new Trainer(copy).test(heldOut).accuracy;
  },

  /** A worker script that is not there rejects the run, and the network goes on. */
  async missingWorker() {
    const { configure } = await import('/pkg/dist/engram.js');
    configure({ workerUrl: '/pkg/dist/missing.js' });
    const network = new Architect.Perceptron(2, 3, 1);
    const said = await new Trainer(network).trainAsync(XOR).then(
      () => 'nothing',
      (error) => error.message,
    );
    configure({ workerUrl: '/pkg/dist/worker.js' });
    const { error } = await new Trainer(network).trainAsync(XOR, { iterations: 10, error: 0 });
    return { said, error };
  },
};
