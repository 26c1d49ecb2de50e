// Compiled, not run: what programs say that were written against the types of Synaptic.

import engram, { Architect, Layer, Network, Neuron, Trainer } from 'engram';

class Named extends Network {
  constructor(
    readonly name: string,
    sizes: number[],
  ) {
    super();
    const layers: Layer[] = sizes.map((size) => new Layer(size));
    const links: Layer.LayerConnection[] = [];
    for (let index = 1; index < layers.length; index++) {
      links.push((layers[index - 1] as Layer).project(layers[index] as Layer, Layer.connectionType.ALL_TO_ALL));
    }
    this.set({ input: layers[0] as Layer, hidden: layers.slice(1, -1), output: layers[layers.length - 1] as Layer });
  }
}

function connect(from: Layer, to: Layer, type: Layer.connectionType): Layer.LayerConnection {
  const link = from.project(to, type);
  const gate: Layer.gateType = Layer.gateType.INPUT_GATE;
  new Layer(to.size).gate(link, gate);
  return link;
}

const cells: Neuron[] = [new Neuron(), new Neuron()];
const wire: Neuron.Connection = (cells[0] as Neuron).project(cells[1] as Neuron);
const gater = new Neuron();
gater.gate(wire);
gater.selfconnection.weight.toFixed();
const squash: Neuron.SquashingFunction = Neuron.squash.ReLU;
const settings: Layer.Options = { squash, bias: 0.5, label: 'hidden' };
const row = new Layer(2).set(settings);
const links = [
  connect(row, new Layer(2), Layer.connectionType.ONE_TO_ONE),
  new Layer(1).project(new Named('a', [1, 2])),
];
links.map(({ size }) => size.toFixed());

const network: Network = new Named('xor', [2, 3, 1]);
network.gate(network.project(new Architect.LSTM(1, 2, 1)), Layer.gateType.OUTPUT);
const answer: number[] = network.activate([0, 1]);
network.propagate(0.1, [1]);
const run: (inputs: number[]) => number[] = network.standalone();
const copy: Network = Network.fromJSON(network.clone().toJSON());
const trainer = new Trainer(copy);
const other: Network = new engram.Network({ input: row, hidden: [], output: new engram.Layer(1) });

export { answer, other, run, trainer };

// @ts-expect-error: a gain is computed
wire.gain = 2;
// @ts-expect-error: so are errors
gater.error = { responsibility: 0, projected: 0, gated: 0 };
