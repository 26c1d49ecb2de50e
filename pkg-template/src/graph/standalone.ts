// Source text of a function that activates a network without this library.

import type { NetworkJSON } from './json.js';

const squashSource: Record<string, string> = {
  LOGISTIC: '1 / (1 + Math.exp(-x))',
  TANH: 'Math.tanh(x)',
  IDENTITY: 'x',
  HLIM: 'x > 0 ? 1 : 0',
  RELU: 'x > 0 ? x : 0',
  SOFTMAX: 'x',
};

/** A function expression over the network's numbers. Numbers only reach the text as JSON. */
export function standaloneSource(json: NetworkJSON): string {
  const { neurons, connections } = json;
  const inputs = neurons.flatMap((neuron, index) => (neuron.layer === 'input' ? [index] : []));
  const outputs = neurons.flatMap((neuron, index) => (neuron.layer === 'output' ? [index] : []));
  const numbers = (values: unknown): string => JSON.stringify(values);
  const incoming: number[][][] = neurons.map(() => []);
  // Of each neuron's connection onto itself: the gater, -1 for none, and -2 where there is no such connection.
  const selfGaters = neurons.map(() => -2);
  for (const { from, to, weight, gater } of connections) {
    if (from === to) selfGaters[to] = gater ?? -1;
    else incoming[to]?.push([from, weight, gater ?? -1]);
  }
  const steps = neurons.flatMap((neuron, index) =>
    neuron.layer === 'input' ? [] : [[index, neuron.bias, selfGaters[index], incoming[index]]],
  );
  const squashes = neurons.map((neuron) => neuron.squash ?? 'LOGISTIC');
  const isSoftmax = outputs.some((index) => squashes[index] === 'SOFTMAX');
  const functions = Object.entries(squashSource).map(([name, source]) => `${name}: function (x) { return ${source}; }`);
  return `(function () {
  var squash = { ${functions.join(', ')} };
  var squashes = ${numbers(squashes)};
  var states = ${numbers(neurons.map((neuron) => neuron.state ?? 0))};
  var activations = ${numbers(neurons.map((neuron) => neuron.activation ?? 0))};
  var gains = ${numbers(neurons.map(() => 1))};
  var inputs = ${numbers(inputs)}, outputs = ${numbers(outputs)}, steps = ${numbers(steps)};
  return function (input) {
    for (var i = 0; i < inputs.length; i++) activations[inputs[i]] = input[i];
    for (var s = 0; s < steps.length; s++) {
      var unit = steps[s][0], selfGater = steps[s][2], edges = steps[s][3];
      var state = steps[s][1] + (selfGater === -2 ? 0 : (selfGater === -1 ? 1 : gains[selfGater]) * states[unit]);
      for (var e = 0; e < edges.length; e++) {
        var gater = edges[e][2];
        state += activations[edges[e][0]] * edges[e][1] * (gater === -1 ? 1 : gains[gater]);
      }
      states[unit] = state;
      activations[unit] = gains[unit] = squash[squashes[unit]](state);
    }
    if (${isSoftmax}) {
      var largest = Math.max.apply(null, outputs.map(function (o) { return states[o]; }));
      var sum = 0;
      outputs.forEach(function (o) { sum += activations[o] = Math.exp(states[o] - largest); });
      outputs.forEach(function (o) { gains[o] = activations[o] /= sum; });
    }
    return outputs.map(function (o) { return activations[o]; });
  };
})()`;
}
