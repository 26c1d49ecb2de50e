// A worker with an engine of its own and little memory: fills that in one turn, in the way that `workerData` names, and
// reports what the call threw that found no room, and whether the engine works on.

import { parentPort, workerData } from 'node:worker_threads';

import { Architect, configure, DataSet, Layer, Network, Neuron, Trainer } from 'engram';

configure({ maxMemory: 2 ** 25 });
const input = [0, 1, 0, 1, 0, 1, 0, 1];
const pattern = new Architect.Perceptron(8, 20, 3, { seed: 1 });
const model = pattern.toJSON();
// A view keeps it in the engine.
pattern.memory;
const expected = pattern.activate(input);
const hub = new Layer(1000);
const kept = [];

/** Keeps a network with a view of its memory, so that it stays in the engine. */
function keep(network) {
  network.memory;
  kept.push(network);
  return network;
}

function ofLayers() {
  const [first, hidden, last] = [new Layer(8), new Layer(20), new Layer(3)];
  first.project(hidden);
  hidden.gate(hidden.project(last), Layer.gateType.OUTPUT);
  return new Network({ input: first, hidden: [hidden], output: last });
}

const ways = {
  fromJSON: () => keep(Network.fromJSON(model)),
  clone: () => keep(pattern.clone()),
  standalone: () => keep(pattern.clone()).standalone()(input),
  Perceptron: () => keep(new Architect.Perceptron(8, 20, 3)),
  LSTM: () => keep(new Architect.LSTM(4, 6, 2)),
  Liquid: () => keep(new Architect.Liquid(4, 12, 2, 40, 20)),
  layers: () => keep(ofLayers()),
  neurons: () => kept.push(hub.list[0].project(new Neuron())),
  project: () => kept.push(hub.project(new Layer(1000))),
  compiled() {
    const network = keep(Network.fromJSON(model));
    for (let step = 0; step < 60; step++) network.activate(input);
  },
  propagate() {
    const network = keep(ofLayers());
    network.activate(input);
    network.propagate(0.1, [0, 1, 0]);
  },
  sequence: () => keep(Network.fromJSON(model)).activateSequence([input, input]),
  train: () => new Trainer(keep(ofLayers())).train([{ input, output: [0, 1, 0] }], { iterations: 2 }),
  sets: () => kept.push(new DataSet(Array(100).fill({ input, output: [0, 1, 0] }))),
};

const act = ways[workerData];
const thrown = new Set();
/** Makes one more; what that throws is noted. */
function goOn() {
  try {
    act();
    return true;
  } catch (error) {
    thrown.add(`${error.name}: ${error.message.replace(/\d+/g, 'N')}`);
    return false;
  }
}

let count = 0;
while (count < 200_000 && goOn()) count++;
// No room is left: every further call says so, and what is there works.
for (let call = 0; call < 300; call++) goOn();
const during = pattern.activate(input);
for (const network of kept.splice(0)) network.free?.();
// What hangs on the hub stays, and so there is no room for more.
const last = ['neurons', 'project'].includes(workerData) ? pattern : pattern.clone();
parentPort.postMessage({ count, thrown: [...thrown], during, after: last.activate(input), expected });
