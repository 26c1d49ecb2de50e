// Many networks in one turn of the event loop, in which no finaliser runs.

import { randomFrom, vector } from '../support/random.mjs';

/** Makes networks from JSON, activates each once, and keeps none. */
export function many({ Architect, Network }, count, memory) {
  const model = new Architect.Perceptron(8, 20, 3, { seed: 1 }).toJSON();
  const input = Array(8).fill(0.5);
  const start = performance.now();
  for (let index = 0; index < count; index++) Network.fromJSON(model).activate(input);
  const microseconds = Math.round((1000 * (performance.now() - start)) / count);
  const engine = new Architect.Perceptron(1, 1, 1).memory.buffer.byteLength;
  return { megabytes: Math.round(engine / 2 ** 20), ...memory(), microseconds };
}

/** A genetic algorithm: the best fifth are parents of the next generation, by way of their JSON. */
export function genetic({ Architect, Network }, generations, seed, memory) {
  const random = randomFrom(seed);
  const set = Array.from({ length: 60 }, () => vector(random, 3));
  const goal = ([a, b, c]) => Number(a > b === c > 0.5);
  const score = (network) => set.reduce((sum, input) => sum - (network.activate(input)[0] - goal(input)) ** 2, 0);
  let population = Array.from({ length: 50 }, (_, index) => new Architect.Perceptron(3, 6, 1, { seed: index + 1 }));
  let best;
  for (let generation = 0; generation < generations; generation++) {
    const ranked = population.map((network) => ({ network, score: score(network) })).sort((a, b) => b.score - a.score);
    best = ranked[0];
    population = ranked.map((_, index) => {
      const parent = ranked[Math.floor((random() * ranked.length) / 5)].network;
      if (index === 0) return best.network.clone();
      const json = parent.clone().toJSON();
      for (const connection of json.connections) if (random() < 0.2) connection.weight += random() - 0.5;
      for (const neuron of json.neurons) if (random() < 0.2) neuron.bias += random() - 0.5;
      return Network.fromJSON(json);
    });
  }
  return { score: best.score, ...memory() };
}
