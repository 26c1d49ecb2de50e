// Networks of every kind that exporters write, with 20 random shapes of standard layers.

import { Architect, Layer, Network, Neuron } from 'engram';

import { below, pick, randomFrom } from '../support/random.mjs';

/** A layer of which each neuron sees its neighbours' new values, with late gates. */
function odd() {
  const [input, hidden, gater, output] = [new Layer(2), new Layer(3), new Layer(3), new Layer(2)];
  const arriving = input.project(hidden);
  hidden.project(hidden);
  hidden.project(gater);
  gater.gate(arriving, Layer.gateType.INPUT);
  hidden.project(output);
  output.project(hidden);
  return new Network({ input, hidden: [hidden, gater], output });
}

/** A standard network whose gates are hard sigmoids. */
export function withHardGates(network) {
  for (const layer of network.layers.hidden) {
    if (layer.name.endsWith('Gate')) layer.set({ squash: Neuron.squash.HARD_SIGMOID });
  }
  return network;
}

/** Networks with a read-out that are no stack of layers: an output gate of another kind. */
export const pooledGraphs = () =>
  Object.fromEntries(
    ['last', 'mean', 'max', 'attention'].map((readout, index) => {
      const options = { variant: 'standard', readout, output: 'softmax', seed: 10 + index };
      const network = new Architect.LSTM(2, 4, 3, options);
      network.layers.hidden.find(({ name }) => name === 'outputGate').set({ squash: Neuron.squash.TANH });
      return [`a gated graph with the read-out ${readout}`, network];
    }),
  );

/** Graphs that no other library has as layers. */
export const graphs = () => ({
  'a perceptron': new Architect.Perceptron(2, 4, 2, { seed: 1 }),
  "Synaptic's LSTM": new Architect.LSTM(2, 4, 3, 2, { outputToGates: true, hiddenToHidden: true, seed: 2 }),
  'a reservoir': new Architect.Liquid(2, 10, 2, 30, 10, { seed: 6 }),
  'late gates': odd(),
  ...pooledGraphs(),
});

/** Standard LSTM and GRU networks of random shapes, with read-outs or without. */
export function stacks(seed, count = 20) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const cell = pick(random, ['LSTM', 'GRU']);
    const options = {
      ...(cell === 'LSTM' ? { variant: 'standard' } : { reset: pick(random, ['after', 'before']) }),
      output: pick(random, ['linear', 'softmax', 'logistic']),
      bidirectional: random() < 0.5,
      embedding: pick(random, [0, 3]),
      readout: pick(random, [undefined, undefined, 'last', 'mean', 'max', 'attention']),
      seed: index,
    };
    const hidden = Array.from({ length: 1 + below(random, 2) }, () => 1 + below(random, 5));
    // A softmax of one output says nothing.
    const sizes = [2 + below(random, 3), ...hidden, 2 + below(random, 3)];
    const made = new Architect[cell](...sizes, options);
    const hard = index % 4 === 3;
    const clipped = index % 6 === 1;
    if (clipped) made.layers.output.set({ squash: Neuron.squash.HARD_SIGMOID });
    const network = hard ? withHardGates(made) : made;
    return {
      name: `${cell} ${sizes} ${JSON.stringify(options)}${hard ? ', hard gates' : ''}${clipped ? ', hard outputs' : ''}`,
      network,
    };
  });
}
