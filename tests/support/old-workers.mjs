// How pages trained by network.worker() over Synaptic's history, each loop as its users wrote it or as
// Trainer.workerTrain had it: what is posted, what is done with the replies.

/** Squared error of one output vector. */
const cost = (target, output) =>
  target.reduce((sum, wanted, index) => sum + (wanted - output[index]) ** 2, 0) / target.length;

/**
 * A sample a time, memory going to and fro (2014 to 1.0.2). `rateAt(iteration)` is what is posted: at first the rate
 * that the trainer has, even if it is a list; later the one of the bucket.
 */
export function bySteps(network, set, { iterations, error: goal = -1, rateAt }) {
  return new Promise((resolve, reject) => {
    if (!network.optimized) network.optimize();
    const worker = network.worker();
    let [iteration, index, error] = [0, 0, 0];
    const post = (message) => {
      const { memory } = network.optimized;
      worker.postMessage({ ...message, memoryBuffer: memory }, [memory.buffer]);
    };
    worker.onerror = reject;
    worker.onmessage = (event) => {
      network.optimized.ownership(event.data.memoryBuffer);
      if (event.data.action === 'activate') {
        error += cost(set[index].output, event.data.output);
        post({ action: 'propagate', target: set[index].output, rate: rateAt(iteration) });
        index++;
        return;
      }
      if (index === set.length) {
        index = 0;
        iteration++;
        error /= set.length;
        if (iteration >= iterations || error <= goal) {
          worker.terminate();
          resolve({ iterations: iteration, error });
          return;
        }
        error = 0;
      }
      post({ action: 'activate', input: set[index].input });
    };
    post({ action: 'activate', input: set[0].input });
  });
}

/**
 * The worker has set and options and trains alone (1.0.8 to 1.1.4): `startTraining`, then `log`, `schedule`, `done`.
 * The handler falls from `log` through to `schedule`, as Synaptic's does.
 */
export function byMessages(network, set, options, { listen } = {}) {
  return new Promise((resolve, reject) => {
    if (!network.optimized) network.optimize();
    const worker = network.worker(network.optimized.memory, set, options);
    const logged = [];
    const handle = ({ data }) => {
      if (data.action === 'done') {
        const { error, iterations, time } = data.message;
        network.optimized.ownership(data.memoryBuffer);
        worker.terminate();
        resolve({ error, iterations, time, logged });
      }
      if (data.action === 'log') logged.push(data.message);
      if (data.action === 'log' || data.action === 'schedule') {
        if (options.schedule && typeof options.schedule.do === 'function') options.schedule.do(data.message);
      }
    };
    if (listen) {
      worker.addEventListener('message', handle);
      worker.addEventListener('error', reject);
    } else {
      worker.onmessage = handle;
      worker.onerror = reject;
    }
    worker.postMessage({ action: 'startTraining' });
  });
}
