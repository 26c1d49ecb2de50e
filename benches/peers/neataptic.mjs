import { NEVER, startOf, stepwise } from './stepwise.mjs';

const library = async () => (await import('neataptic')).default;
export const start = () => startOf(async () => new (await library()).architect.Perceptron(2, 3, 1).activate([0, 1]));

const measures = async () => {
  const { architect } = await library();
  return stepwise({
    lstm: (...sizes) => new architect.LSTM(...sizes),
    activate: (network, input) => network.activate(input),
    online(network, input, target) {
      network.activate(input, true);
      network.propagate(0.1, 0, true, target);
    },
    trainXor: (set, iterations) =>
      new architect.Perceptron(2, 3, 1).train(set, { iterations, error: NEVER, rate: 0.3 }),
  });
};
export const online = async (task) => (await measures()).online(task);
export const activate = async (task) => (await measures()).activate(task);
export const xor = async (task) => (await measures()).xor(task);
export const construct = async (task) => (await measures()).construct(task);
