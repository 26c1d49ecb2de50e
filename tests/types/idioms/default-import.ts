// Compiled, not run: everything through the default import, values and types.

import synaptic from 'engram';

class Model {
  private readonly network: synaptic.Network;
  private readonly trainer: synaptic.Trainer;

  constructor(inputs: number) {
    this.network = new synaptic.Architect.LSTM(inputs, 4, 1);
    this.trainer = new synaptic.Trainer(this.network);
  }

  fit(set: synaptic.Trainer.TrainingSet, options: synaptic.Trainer.TrainingOptions = {}): number {
    return this.trainer.train(set, options).error;
  }

  static of(layers: synaptic.Network.Options): synaptic.Network {
    return new synaptic.Network(layers);
  }
}

const input: synaptic.Layer = new synaptic.Layer(2);
const output = new synaptic.Layer(1);
const link: synaptic.Layer.LayerConnection = input.project(output);
const neuron: synaptic.Neuron = new synaptic.Neuron();
const wire: synaptic.Neuron.Connection = neuron.project(new synaptic.Neuron());
const kind: synaptic.Layer.connectionType = synaptic.Layer.connectionType.ALL_TO_ELSE;
const perceptron: synaptic.Architect.Perceptron = new synaptic.Architect.Perceptron(2, 3, 1);
perceptron.trainer.train([{ input: [0, 1], output: [1] }]);

export const made = [new Model(2).fit([{ input: [0, 1], output: [1] }]), Model.of({ input, hidden: [], output })];
export { kind, link, wire };
