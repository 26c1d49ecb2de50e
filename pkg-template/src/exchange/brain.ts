// brain.js: feed-forward networks, and recurrent ones of its own kinds.

import { checkNumber, checkObject, describe, outOfRange, wrongType } from '../checks/errors.js';
import type { SquashName } from '../graph/json-types.js';
import type { Network } from '../network/network.js';
import { GraphFile } from './graph-file.js';
import { transposed } from './stack.js';

const CALL = 'fromBrain';
/** Most numbers of a matrix, and neurons of a layer. */
const MOST_NUMBERS = 2 ** 25;
const MOST_NEURONS = 2 ** 20;

const SQUASHED: Record<string, SquashName> = { sigmoid: 'LOGISTIC', tanh: 'TANH', relu: 'RELU' };

/** A matrix of a file, which must have these sizes where they are known. */
function matrix(
  field: string,
  value: unknown,
  rows?: number,
  columns?: number,
): { rows: number; values: Float64Array } {
  const given = checkObject(CALL, field, value);
  const size = (name: string) =>
    checkNumber(CALL, `${field}.${name}`, given[name], { min: 1, max: MOST_NEURONS, integer: true });
  const [actual, width] = [size('rows'), size('columns')];
  if ((rows ?? actual) !== actual || (columns ?? width) !== width) {
    throw new RangeError(
      `${CALL}: ${field} has shape (${actual}, ${width}), expected (${rows ?? actual}, ${columns ?? width})`,
    );
  }
  const count = actual * width;
  if (count > MOST_NUMBERS)
    throw new RangeError(`${CALL}: ${field} has ${count} numbers, at most ${MOST_NUMBERS} are allowed`);
  // Typed arrays are written as objects by JSON.
  const weights = given.weights;
  if (typeof weights !== 'object' || weights === null)
    throw wrongType(CALL, `${field}.weights`, `${count} numbers`, weights);
  if (Object.keys(weights).length !== count) {
    throw new RangeError(`${CALL}: ${field}.weights has ${Object.keys(weights).length} numbers, expected ${count}`);
  }
  const values = Float64Array.from({ length: count }, (_, index) =>
    checkNumber(CALL, `${field}.weights[${index}]`, (weights as Record<number, unknown>)[index]),
  );
  return { rows: actual, values };
}

type Cell = (
  file: GraphFile,
  below: number[],
  units: number,
  take: (name: string, columns: number) => Float64Array,
) => number[];

/** A layer of weighted sums of what comes from below and of the hidden state. */
function summed(
  file: GraphFile,
  name: string,
  squash: SquashName,
  bias: Float64Array,
  ...from: [number[], Float64Array][]
) {
  const layer = file.layer(name, bias, squash);
  for (const [sources, weights] of from) file.join(sources, layer, weights);
  return layer;
}

const zeros = (units: number) => new Float64Array(units);

/**
 * brain.js' LSTM. What its forget gate keeps is the output of the step before, not the cell: `c = f h + i w`,
 * `h = o tanh(c)`.
 */
const lstm: Cell = (file, below, units, take) => {
  const first = below.length;
  const names = { input: 'input', forget: 'forget', cellActivation: 'cellActivation', output: 'output' };
  const gates = Object.entries(names).map(([name, own]) => ({
    weights: take(`${own}Matrix`, first),
    hidden: take(`${own}Hidden`, units),
    bias: take(`${own}Bias`, 1),
    layer: { input: 'inputGate', forget: 'forgetGate', cellActivation: 'candidate', output: 'outputGate' }[
      name
    ] as string,
  }));
  const layers = gates.map(({ layer, weights, bias }) => {
    return summed(file, layer, layer === 'candidate' ? 'TANH' : 'LOGISTIC', bias, [below, weights]);
  });
  const [inputGate, forgetGate, candidate, outputGate] = layers as [number[], number[], number[], number[]];
  const cell = file.layer('memoryCell', zeros(units), 'TANH', true);
  const hidden = file.layer('hidden', zeros(units), 'IDENTITY', true);
  gates.forEach((gate, index) => {
    file.join(hidden, layers[index] as number[], gate.hidden);
  });
  file.hand(candidate, cell, 1, inputGate);
  file.hand(hidden, cell, 1, forgetGate);
  file.hand(cell, hidden, 1, outputGate);
  return hidden;
};

/** brain.js' GRU: the reset gate stands before the matrix. */
const gru: Cell = (file, below, units, take) => {
  const gate = (name: string) => ({
    weights: take(`${name}InputMatrix`, below.length),
    hidden: take(`${name}HiddenMatrix`, units),
    bias: take(`${name}Bias`, 1),
  });
  const [reset, update, write] = ['resetGate', 'updateGate', 'cellWrite'].map(gate) as [
    ReturnType<typeof gate>,
    ReturnType<typeof gate>,
    ReturnType<typeof gate>,
  ];
  const resetGate = summed(file, 'resetGate', 'LOGISTIC', reset.bias, [below, reset.weights]);
  const updateGate = summed(file, 'updateGate', 'LOGISTIC', update.bias, [below, update.weights]);
  const complement = file.layer('complement', zeros(units).fill(1), 'IDENTITY', true);
  const candidate = summed(file, 'candidate', 'TANH', write.bias, [below, write.weights]);
  const hidden = file.layer('hidden', zeros(units), 'IDENTITY', true);
  file.join(hidden, resetGate, reset.hidden);
  file.join(hidden, updateGate, update.hidden);
  file.join(hidden, candidate, write.hidden, resetGate);
  file.hand(updateGate, complement, -1);
  file.hand(candidate, hidden, 1, complement);
  hidden.forEach((unit, index) => {
    file.connect(unit, unit, 1, updateGate[index]);
  });
  return hidden;
};

/** brain.js' plain recurrent layer. A copy of it (Elman 1990) is what it reads of the step before. */
const plain: Cell = (file, below, units, take) => {
  const hidden = summed(file, 'hidden', 'RELU', take('bias', 1), [below, take('weight', below.length)]);
  const context = file.layer('context', zeros(units), 'IDENTITY', true);
  file.hand(hidden, context);
  file.join(context, hidden, take('transition', units));
  return hidden;
};

/** The kinds of layers, and which of their matrices say how many units they have and what comes in. */
const CELLS: Record<string, { add: Cell; units: string; inputs: string }> = {
  LSTM: { add: lstm, units: 'inputBias', inputs: 'inputMatrix' },
  GRU: { add: gru, units: 'resetGateBias', inputs: 'resetGateInputMatrix' },
  RNN: { add: plain, units: 'bias', inputs: 'weight' },
};

function recurrent(json: Record<string, unknown>, type: string): Network {
  const steps = type.endsWith('TimeStep');
  const kind = steps ? type.slice(0, -'TimeStep'.length) : type;
  const cell = Object.hasOwn(CELLS, kind) ? CELLS[kind] : undefined;
  if (cell === undefined) {
    const known = Object.keys(CELLS).flatMap((name) => [name, `${name}TimeStep`]);
    throw outOfRange(CALL, 'json.type', `one of ${known.join(', ')}`, type);
  }
  const options = checkObject(CALL, 'json.options', json.options);
  const layers = json.hiddenLayers;
  if (!Array.isArray(layers) || layers.length === 0)
    throw wrongType(CALL, 'json.hiddenLayers', 'an array of layers', layers);
  if (layers.length > 100) throw outOfRange(CALL, 'json.hiddenLayers', 'at most 100 layers', layers);
  const size = checkNumber(CALL, 'json.options.inputSize', options.inputSize, {
    min: 1,
    max: MOST_NEURONS,
    integer: true,
  });
  const file = new GraphFile();
  let below: number[];
  if (steps) {
    // Before so many neurons are made: the first layer takes as many inputs.
    const first = checkObject(CALL, 'json.hiddenLayers[0]', layers[0]);
    matrix(`json.hiddenLayers[0].${cell.inputs}`, first[cell.inputs], undefined, size);
    below = file.layer('input', zeros(size), 'IDENTITY');
  } else {
    // A row per symbol: the first begins and ends a text.
    const { rows, values } = matrix('json.input', json.input, undefined, size);
    const symbols = file.layer('input', zeros(rows), 'IDENTITY');
    below = file.layer('embedding', zeros(size), 'IDENTITY', true);
    file.join(symbols, below, transposed(values, rows));
  }
  Array.from(layers as unknown[]).forEach((entry, index) => {
    const field = `json.hiddenLayers[${index}]`;
    const layer = checkObject(CALL, field, entry);
    const names = Object.keys(layer);
    const taken = new Set<string>();
    const units = matrix(`${field}.${cell.units}`, layer[cell.units]).rows;
    const take = (name: string, columns: number) => {
      taken.add(name);
      return matrix(`${field}.${name}`, layer[name], units, columns).values;
    };
    below = cell.add(file, below, units, take);
    const left = names.find((name) => !taken.has(name));
    if (left !== undefined)
      throw new RangeError(`${CALL}: ${field} has ${describe(left)}, which a layer of ${type} has not`);
  });
  const { rows, values } = matrix('json.outputConnector', json.outputConnector, undefined, below.length);
  const bias = matrix('json.output', json.output, rows, 1).values;
  const output = file.layer('output', bias, steps ? 'IDENTITY' : 'SOFTMAX');
  file.join(below, output, values);
  return file.network();
}

/** Biases and weights of a feed-forward layer: brain.js 1 has an object per neuron, 2 two lists. */
function dense(field: string, value: unknown, below: number): { bias: Float64Array; weights: Float64Array } {
  const layer = checkObject(CALL, field, value);
  const { biases, weights } = layer;
  const neurons = Array.isArray(biases)
    ? Array.from(biases, (bias: unknown, index): Record<string, unknown> => ({ bias, weights: Object(weights)[index] }))
    : Object.values(layer).map((neuron, index) => checkObject(CALL, `${field}[${index}]`, neuron));
  if (neurons.length === 0 || neurons.length > MOST_NEURONS || neurons.length * below > MOST_NUMBERS) {
    throw new RangeError(
      `${CALL}: ${field} has ${neurons.length} neurons of ${below} weights, expected some and fewer`,
    );
  }
  const all = new Float64Array(neurons.length * below);
  const bias = Float64Array.from(neurons, (neuron, row) => {
    const own = Object.values(Object(neuron.weights));
    if (own.length !== below) {
      throw new RangeError(`${CALL}: ${field}[${row}].weights has ${own.length} numbers, expected ${below}`);
    }
    own.forEach((weight, column) => {
      all[row * below + column] = checkNumber(CALL, `${field}[${row}].weights[${column}]`, weight);
    });
    return checkNumber(CALL, `${field}[${row}].bias`, neuron.bias);
  });
  return { bias, weights: all };
}

function feedForward(json: Record<string, unknown>): Network {
  const { layers, sizes } = json;
  if (!Array.isArray(layers) || layers.length < 2 || layers.length > 100) {
    throw wrongType(CALL, 'json.layers', 'an array of 2 to 100 layers', layers);
  }
  const options =
    typeof json.options === 'object' && json.options !== null ? (json.options as Record<string, unknown>) : {};
  const trained =
    typeof json.trainOpts === 'object' && json.trainOpts !== null ? (json.trainOpts as Record<string, unknown>) : {};
  const activation = json.activation ?? options.activation ?? trained.activation ?? 'sigmoid';
  const squash =
    typeof activation === 'string' && Object.hasOwn(SQUASHED, activation) ? SQUASHED[activation] : undefined;
  if (squash === undefined) {
    throw outOfRange(CALL, 'json.activation', `one of ${Object.keys(SQUASHED).join(', ')}`, activation);
  }
  const given = Array.isArray(sizes) ? sizes[0] : Object.keys(checkObject(CALL, 'json.layers[0]', layers[0])).length;
  const inputs = checkNumber(CALL, 'json.sizes[0]', given, { min: 1, max: MOST_NEURONS, integer: true });
  const file = new GraphFile();
  let below = file.layer('input', zeros(inputs), 'IDENTITY');
  layers.slice(1).forEach((layer: unknown, index) => {
    const { bias, weights } = dense(`json.layers[${index + 1}]`, layer, below.length);
    const own = file.layer(index + 2 === layers.length ? 'output' : 'hidden', bias, squash);
    file.join(below, own, weights);
    below = own;
  });
  return file.network();
}

/**
 * A network of brain.js' `net.toJSON()`: `NeuralNetwork`, `recurrent.LSTM`, `GRU` and `RNN`, and their `TimeStep` forms.
 * Those of texts have one-hot inputs and softmax outputs, a symbol each; the first begins a text, and as an output
 * ends it. brain.js' LSTM keeps the output of the step before instead of the cell, and so does the network.
 *
 * @throws TypeError or RangeError that names the matrix that is wrong, with its actual and expected shape, or what engram
 *   can't tell, such as `leaky-relu`.
 */
export function fromBrain(json: object): Network {
  const given = checkObject(CALL, 'json', json);
  if (given.type === 'NeuralNetwork' || given.type === 'NeuralNetworkGPU' || given.layers !== undefined) {
    return feedForward(given);
  }
  if (typeof given.type !== 'string') throw wrongType(CALL, 'json.type', "a kind of network, as 'LSTM'", given.type);
  return recurrent(given, given.type);
}
