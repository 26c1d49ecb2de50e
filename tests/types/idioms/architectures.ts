// Compiled, not run: classes that derive from Network, gates, and files.

import { Architect, Layer, Network, type Neuron, Trainer } from 'engram';

class Elman extends Network {
  readonly trainer: Trainer;

  constructor(input: number, hidden: number, output: number) {
    super();
    const inputLayer = new Layer(input);
    const hiddenLayer = new Layer(hidden);
    const context = new Layer(hidden);
    const outputLayer = new Layer(output);
    inputLayer.project(hiddenLayer);
    const loop: Layer.LayerConnection = hiddenLayer.project(context, Layer.connectionType.ONE_TO_ONE);
    context.project(hiddenLayer);
    hiddenLayer.project(outputLayer);
    outputLayer.gate(loop, Layer.gateType.OUTPUT);
    this.set({ input: inputLayer, hidden: [context, hiddenLayer], output: outputLayer });
    this.trainer = new Trainer(this);
  }
}

function gate(network: Network, other: Network, type: Layer.gateType): void {
  const projection = network.project(other, Layer.connectionType.ALL_TO_ALL);
  other.gate(projection, type);
}

const networks: Network[] = [
  new Elman(1, 1, 1),
  new Architect.LSTM(2, 3, 3, 1),
  new Architect.Liquid(2, 20, 1, 30, 10),
  new Architect.Perceptron(2, 4, 4, 1),
];
const memory = new Architect.Hopfield(4);
memory.learn([
  [0, 1, 0, 1],
  [1, 1, 0, 0],
]);
const recalled: number[] = memory.feed([0, 1, 0, 0]);
// biome-ignore lint/suspicious/noExplicitAny: programs say so.
const stored: any = networks[0]?.toJSON();
const restored: Network = Network.fromJSON(JSON.parse(JSON.stringify(stored)));
const first: Neuron | undefined = restored.layers.input.list[0];
const run: (inputs: number[]) => number[] = restored.standalone();
const dot: { code: string; link: string } = restored.toDot(true);
restored.setOptimize(false);
restored.restore();
restored.clear();

export { dot, first, gate, recalled, run };
