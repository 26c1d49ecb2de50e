// A stack of layers as ONNX' own operators: Gather, LSTM or GRU, MatMul, Softmax.

import { type Graph, TYPE } from './onnx-model.js';
import { squashed } from './onnx-squash.js';
import { type Direction, gatesOf, joined, type Recurrent, type Stack, transposed, widthOf } from './stack.js';

type Readout = NonNullable<Stack['readout']>;
/** Less than any score, and than any hidden state. */
const LEAST = -1e30;

/** Where ONNX has each gate, as places in PyTorch's order: i o f c of an LSTM, z r h of a GRU. */
const ORDER = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], gruResetBefore: [1, 0, 2] };

/** What ONNX calls the functions that gates squash with; the numbers of a hard sigmoid are ONNX' defaults. */
const GATES = { LOGISTIC: 'Sigmoid', HARD_SIGMOID: 'HardSigmoid' };

/** The biases of a direction: those of the input, then those of the hidden state. */
function biasesOf({ bias, recurrentBias }: Direction, order: readonly number[], units: number): Float64Array {
  const hidden: Float64Array[] = bias.map(() => new Float64Array(units));
  if (recurrentBias !== undefined) hidden[2] = recurrentBias;
  return joined([bias, hidden].flatMap((all) => order.map((gate) => all[gate] as Float64Array)));
}

/** A recurrent layer over (steps, batch, inputs); gives (steps, batch, outputs). */
function addRecurrent(graph: Graph, { cell }: Stack, layer: Recurrent, below: number, values: string, lengths: string) {
  const { units, gates: squash, directions } = layer;
  const [ways, gates, order] = [directions.length, gatesOf(cell), ORDER[cell]];
  const inOrder = (of: 'input' | 'recurrent') =>
    joined(directions.flatMap((direction) => order.map((gate) => direction[of][gate] as Float64Array)));
  const weights = [
    graph.constant([ways, gates * units, below], inOrder('input')),
    graph.constant([ways, gates * units, units], inOrder('recurrent')),
    graph.constant([ways, 2 * gates * units], joined(directions.map((direction) => biasesOf(direction, order, units)))),
  ];
  const activations = directions.flatMap(() => [GATES[squash], 'Tanh', ...(cell === 'lstm' ? ['Tanh'] : [])]);
  const attributes = { hidden_size: units, direction: ways === 2 ? 'bidirectional' : 'forward', activations };
  const inputs = [values, ...weights, lengths];
  const outputs =
    cell === 'lstm'
      ? graph.add('LSTM', inputs, attributes)
      : graph.add('GRU', inputs, { ...attributes, linear_before_reset: Number(cell === 'gru') });
  // (steps, directions, batch, units)
  const turned = graph.add('Transpose', [outputs], { perm: [0, 2, 1, 3] });
  return graph.add('Reshape', [turned, graph.indices(0, 0, units * ways)]);
}

/** What stands at each sequence's last step, (batch, columns), of (batch, steps, columns). */
export function atEnds(graph: Graph, values: string, lengths: string): string {
  const ends = graph.add('Sub', [graph.add('Cast', [lengths], { to: TYPE.int64 }), graph.indices(1)]);
  return graph.add('GatherND', [values, graph.add('Unsqueeze', [ends, graph.indices(1)])], { batch_dims: 1 });
}

/** A read-out, (batch, columns), of (batch, steps, columns). */
function addReadout(
  graph: Graph,
  { kind, score }: Readout,
  values: string,
  width: number,
  ways: number,
  lengths: string,
) {
  if (kind === 'last') {
    if (ways === 1) return atEnds(graph, values, lengths);
    // The reversed direction ends at the first step.
    const [forward, reversed] = graph.addAll('Split', [values, graph.indices(width / 2, width / 2)], 2, { axis: 2 });
    const first = graph.add('Gather', [reversed as string, graph.constant([], [0], 'int64')], { axis: 1 });
    return graph.add('Concat', [atEnds(graph, forward as string, lengths), first], { axis: 1 });
  }
  // (batch, steps, 1): which steps there are.
  const steps = graph.add('Squeeze', [
    graph.add('Slice', [graph.add('Shape', [values]), graph.indices(1), graph.indices(2), graph.indices(0)]),
  ]);
  const places = graph.add('Range', [graph.constant([], [0], 'int64'), steps, graph.constant([], [1], 'int64')]);
  const counts = graph.add('Unsqueeze', [graph.add('Cast', [lengths], { to: TYPE.int64 }), graph.indices(1)]);
  const there = graph.add('Unsqueeze', [graph.add('Less', [places, counts]), graph.indices(2)]);
  const present = (given: string, otherwise: number) =>
    graph.add('Where', [there, given, graph.constant([], [otherwise])]);
  const alongSteps = [graph.indices(1)];
  const reduced = (operator: string, given: string) => graph.add(operator, [given, ...alongSteps], { keepdims: 0 });
  if (kind === 'max') return reduced('ReduceMax', present(values, LEAST));
  if (kind === 'mean') {
    const sum = reduced('ReduceSum', present(values, 0));
    return graph.add('Div', [sum, graph.add('Cast', [counts], { to: TYPE.float })]);
  }
  const scores = graph.add('MatMul', [values, graph.constant([width, 1], score ?? [])]);
  const weights = graph.add('Softmax', [present(scores, LEAST)], { axis: 1 });
  return reduced('ReduceSum', graph.add('Mul', [values, weights]));
}

/**
 * A stack, of `input` (batch, steps) or (batch, steps, inputs): outputs at every step and at the last, or of a read-out one
 * per sequence.
 */
export function addStack(graph: Graph, stack: Stack, input: string, symbols: boolean, lengths: string): void {
  const { embedding, inputs, layers, readout, dense } = stack;
  let values = input;
  let below = inputs;
  if (embedding !== undefined) {
    const { units, weight } = embedding;
    const table = graph.constant([inputs, units], transposed(weight, units));
    values = symbols ? graph.add('Gather', [table, input]) : graph.add('MatMul', [input, table]);
    below = units;
  }
  values = graph.add('Transpose', [values], { perm: [1, 0, 2] });
  for (const layer of layers) {
    values = addRecurrent(graph, stack, layer, below, values, lengths);
    below = widthOf(layer);
  }
  values = graph.add('Transpose', [values], { perm: [1, 0, 2] });
  if (readout !== undefined) {
    values = addReadout(graph, readout, values, below, layers[0]?.directions.length ?? 1, lengths);
  }
  for (const { units, weight, bias, squash } of dense) {
    const width = below;
    const product = graph.add('MatMul', [values, graph.constant([width, units], transposed(weight, units))]);
    values = squashed(graph, squash, graph.add('Add', [product, graph.constant([units], bias)]));
    below = units;
  }
  if (readout === undefined) graph.output('output', values, 'float', ['batch', 'steps', below]);
  const last = readout === undefined ? atEnds(graph, values, lengths) : values;
  graph.output('last', last, 'float', ['batch', below]);
}
