// Compiled, not run: `import * as`, as most programs import a module without a default export.

import * as Synaptic from 'engram';
import { Layer, Neuron } from 'engram';

interface Parts {
  input: Synaptic.Layer;
  hidden: Synaptic.Layer[];
  output: Synaptic.Layer;
}

function assemble(...sizes: [number, number, number]): Synaptic.Network {
  const [input, middle, output] = sizes.map((size) => new Synaptic.Layer(size)) as [Layer, Layer, Layer];
  input.project(middle, Layer.connectionType.ALL_TO_ALL);
  middle.project(output);
  middle.project(middle, Layer.connectionType.ONE_TO_ONE);
  const parts: Parts = { input, hidden: [middle], output };
  return new Synaptic.Network(parts);
}

const network = assemble(2, 3, 1);
const layers: Synaptic.Network.Options = network.layers;
const names: string[] = layers.hidden.map((layer, index) => `${index}: ${layer.list.length} ${layer.size}`);
const squashes: Synaptic.Neuron.SquashingFunction[] = layers.output.neurons().map((neuron) => neuron.squash);
const relu: Neuron.SquashingFunction = Neuron.squash.ReLU;
const slope: number = relu(0.5, true) + Neuron.squash.LOGISTIC(0, false);
const counted: { neurons: number; connections: number } = Synaptic.Neuron.quantity();
const found = new Neuron().connected(layers.output.list[0] as Neuron);
if (found) found.connection;

export { counted, names, slope, squashes };
