// The training loop that synaptic's users wrote against network.worker(): one sample at a time,
// the network's memory going to the worker and back with every message.

export function trainByMessages(network, set, { rate, iterations, error: goal }) {
  return new Promise((resolve, reject) => {
    if (!network.optimized) network.optimize();
    const worker = network.worker(network.optimized.memory);
    let [iteration, index, error] = [0, 0, 0];

    const activateWorker = (input) => {
      const { memory } = network.optimized;
      worker.postMessage({ action: 'activate', input, memoryBuffer: memory }, [memory.buffer]);
    };
    const propagateWorker = (target) => {
      const { memory } = network.optimized;
      worker.postMessage({ action: 'propagate', target, rate, memoryBuffer: memory }, [memory.buffer]);
    };

    worker.onerror = reject;
    worker.onmessage = ({ data }) => {
      if (data.action === 'activate') {
        network.optimized.ownership(data.memoryBuffer);
        const target = set[index].output;
        error += target.reduce((sum, value, at) => sum + (value - data.output[at]) ** 2, 0) / target.length;
        propagateWorker(target);
      }
      if (data.action === 'propagate') {
        network.optimized.ownership(data.memoryBuffer);
        index++;
        if (index >= set.length) {
          index = 0;
          iteration++;
          const mean = error / set.length;
          if (iteration >= iterations || mean <= goal) {
            worker.terminate();
            resolve({ error: mean, iterations: iteration, network });
            return;
          }
          error = 0;
        }
        activateWorker(set[index].input);
      }
    };
    activateWorker(set[0].input);
  });
}
