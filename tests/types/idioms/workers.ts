// Compiled, not run: a network's worker where a `Worker` is asked for, and its messages.

import { Architect, type Network, type Trainer } from 'engram';

function listen(worker: Worker, done: (error: number) => void): void {
  worker.onmessage = (e) => {
    if (e.data.action === 'done') done(e.data.message.error);
  };
  worker.onerror = (e) => console.error(e.message, e.error);
  worker.addEventListener('message', function (this: Worker, event) {
    if (event.data.action === 'done') this.terminate();
  });
  worker.postMessage({ action: 'startTraining' });
}

const network: Network = new Architect.Perceptron(2, 3, 1);
const set: Trainer.TrainingSet = [{ input: [0, 1], output: [1] }];
network.optimize();
const worker: Worker = network.worker(network.optimized.memory, set, { rate: 0.3, iterations: 100 });
listen(worker, (error) => error.toFixed(3));
listen(network.worker(), () => {});

const stepwise = network.worker();
stepwise.onmessage = (e) => {
  network.optimized.ownership(e.data.memoryBuffer);
  const memory: Float64Array = e.data.memoryBuffer;
  if (e.data.action === 'activate') console.log(e.data.output[0], memory.length);
};
stepwise.addEventListener('message', (event) => network.optimized.ownership(event.data.memoryBuffer));
stepwise.addEventListener('error', ({ message }) => message.toUpperCase());
stepwise.addEventListener('message', { handleEvent: (event: Event) => event.type });
stepwise.postMessage({ action: 'activate', input: [0, 1], memoryBuffer: network.optimized.memory }, [
  network.optimized.memory.buffer,
]);
stepwise.postMessage({ action: 'propagate', target: [1], rate: 0.1, memoryBuffer: network.optimized.memory });
stepwise.terminate();

const view: Network.Optimized = network.optimized;
const workers: Worker[] = [worker, stepwise];

export { view, workers };
