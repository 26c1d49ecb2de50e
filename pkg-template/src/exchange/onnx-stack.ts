// A stack of layers as ONNX' own operators: Gather, LSTM or GRU, MatMul, Softmax.

import type { Graph } from './onnx-model.js';
import { squashed } from './onnx-squash.js';
import { type Direction, gatesOf, type Recurrent, type Stack, widthOf } from './stack.js';

/** Where ONNX has each gate, as places in PyTorch's order: i o f c of an LSTM, z r h of a GRU. */
const ORDER = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], gruResetBefore: [1, 0, 2] };

function joined(lists: Float64Array[]): number[] {
  return lists.flatMap((list) => Array.from(list));
}

/** The biases of a direction: those of the input, then those of the hidden state. */
function biasesOf({ bias, recurrentBias }: Direction, order: readonly number[], units: number): number[] {
  const hidden: Float64Array[] = bias.map(() => new Float64Array(units));
  if (recurrentBias !== undefined) hidden[2] = recurrentBias;
  return joined([bias, hidden].flatMap((all) => order.map((gate) => all[gate] as Float64Array)));
}

/** A recurrent layer over (steps, batch, inputs); gives (steps, batch, outputs). */
function addRecurrent(graph: Graph, { cell }: Stack, layer: Recurrent, below: number, values: string, lengths: string) {
  const { units, directions } = layer;
  const [ways, gates, order] = [directions.length, gatesOf(cell), ORDER[cell]];
  const inOrder = (of: 'input' | 'recurrent') =>
    directions.flatMap((direction) => joined(order.map((gate) => direction[of][gate] as Float64Array)));
  const weights = [
    graph.constant([ways, gates * units, below], inOrder('input')),
    graph.constant([ways, gates * units, units], inOrder('recurrent')),
    graph.constant(
      [ways, 2 * gates * units],
      directions.flatMap((direction) => biasesOf(direction, order, units)),
    ),
  ];
  const attributes = { hidden_size: units, direction: ways === 2 ? 'bidirectional' : 'forward' };
  const inputs = [values, ...weights, lengths];
  const outputs =
    cell === 'lstm'
      ? graph.add('LSTM', inputs, attributes)
      : graph.add('GRU', inputs, { ...attributes, linear_before_reset: Number(cell === 'gru') });
  // (steps, directions, batch, units)
  const turned = graph.add('Transpose', [outputs], { perm: [0, 2, 1, 3] });
  return graph.add('Reshape', [turned, graph.indices(0, 0, units * ways)]);
}

/** The outputs of a stack at every step, (batch, steps, outputs); `input` is (batch, steps) or (batch, steps, inputs). */
export function addStack(graph: Graph, stack: Stack, input: string, symbols: boolean, lengths: string): string {
  const { embedding, inputs, layers, dense } = stack;
  let values = input;
  let below = inputs;
  if (embedding !== undefined) {
    const { units, weight } = embedding;
    const rows = weight.map((_, index) => weight[(index % units) * inputs + Math.floor(index / units)] as number);
    const table = graph.constant([inputs, units], rows);
    values = symbols ? graph.add('Gather', [table, input]) : graph.add('MatMul', [input, table]);
    below = units;
  }
  values = graph.add('Transpose', [values], { perm: [1, 0, 2] });
  for (const layer of layers) {
    values = addRecurrent(graph, stack, layer, below, values, lengths);
    below = widthOf(layer);
  }
  values = graph.add('Transpose', [values], { perm: [1, 0, 2] });
  for (const { units, weight, bias, squash } of dense) {
    const width = below;
    const turned = weight.map((_, index) => weight[(index % units) * width + Math.floor(index / units)] as number);
    const product = graph.add('MatMul', [values, graph.constant([width, units], turned)]);
    values = squashed(graph, squash, graph.add('Add', [product, graph.constant([units], bias)]));
    below = units;
  }
  return values;
}
