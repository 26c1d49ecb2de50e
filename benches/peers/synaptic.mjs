import { NEVER, startOf, stepwise } from './stepwise.mjs';

const library = async () => (await import('synaptic')).default;
export const start = () => startOf(async () => new (await library()).Architect.Perceptron(2, 3, 1).activate([0, 1]));

const measures = async () => {
  const { Architect, Trainer } = await library();
  return stepwise({
    lstm: (...sizes) => new Architect.LSTM(...sizes),
    activate: (network, input) => network.activate(input),
    online(network, input, target) {
      network.activate(input);
      network.propagate(0.1, target);
    },
    trainXor: (set, iterations) =>
      new Trainer(new Architect.Perceptron(2, 3, 1)).train(set, { iterations, error: NEVER, rate: 0.3 }),
  });
};
export const online = async (task) => (await measures()).online(task);
export const activate = async (task) => (await measures()).activate(task);
export const xor = async (task) => (await measures()).xor(task);
export const construct = async (task) => (await measures()).construct(task);
