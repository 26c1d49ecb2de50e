// Networks as ONNX models, for every runtime that reads them.

import { checkChoice, checkOptions, outOfRange } from '../checks/errors.js';
import type { Network } from '../network/network.js';
import { Graph, writeModel } from './onnx-model.js';
import { addScan } from './onnx-scan.js';
import { addStack, atEnds } from './onnx-stack.js';
import { stackOf } from './stack.js';
import { tableOf } from './table.js';

/** Options of {@link toOnnx}. */
export interface OnnxOptions {
  /**
   * What the model takes of a network with an embedding: `'symbols'`, a number from 0 per step (default), or `'vectors'`,
   * the one-hot inputs of the network. Other networks take vectors.
   */
  input?: 'symbols' | 'vectors';
}

/**
 * A network as an ONNX model of operator set 22, in single precision. Standard LSTM and GRU layers become the operators
 * `LSTM` and `GRU`; all else, Synaptic's LSTM and gated graphs of one's own, a `Scan`. Batch and steps are dynamic.
 *
 * Inputs of the model: `input`, float (batch, steps, inputs), or with an embedding `symbols`, int64 (batch, steps); and
 * `lengths`, int32 (batch): how many steps each sequence has, at least 1. Outputs: `output`, float (batch, steps,
 * outputs), where what stands beyond a sequence's length means nothing; and `last`, float (batch, outputs), that of each
 * sequence's last step. A network with a read-out has one answer for a sequence, `last` alone. Every sequence starts
 * afresh.
 *
 * @throws TypeError for a bidirectional network that is not one of standard layers; RangeError for wrong options.
 * @example
 * const bytes = toOnnx(classifier.network);
 */
export function toOnnx(network: Network, options?: OnnxOptions): Uint8Array {
  const call = 'toOnnx';
  const given = checkOptions<OnnxOptions>(call, options, ['input']);
  const form = given.input && checkChoice(call, 'options.input', given.input, ['symbols', 'vectors']);
  const stack = stackOf(call, network);
  if (form === 'symbols' && stack?.embedding === undefined) {
    throw outOfRange(call, 'options.input', "'vectors' for a network without an embedding", form);
  }
  const symbols = stack?.embedding !== undefined && form !== 'vectors';
  const [inputs, outputs] = [network.inputs(), network.outputs()];
  const graph = new Graph('engram');
  const input = symbols
    ? graph.input('symbols', 'int64', ['batch', 'steps'])
    : graph.input('input', 'float', ['batch', 'steps', inputs]);
  const lengths = graph.input('lengths', 'int32', ['batch']);
  if (stack !== undefined) addStack(graph, stack, input, symbols, lengths);
  else {
    const table = tableOf(call, network.layers);
    if (table.reversed.includes(1)) {
      throw new TypeError(
        `${call}: a bidirectional network is written if it is of standard layers, and this one is not`,
      );
    }
    const values = addScan(graph, table, inputs, outputs, input);
    // With a read-out, the answers to the steps so far are on the way to that of the sequence.
    const isOnce = table.pooling.some((code) => code > 0);
    if (!isOnce) graph.output('output', values, 'float', ['batch', 'steps', outputs]);
    graph.output('last', atEnds(graph, values, lengths), 'float', ['batch', outputs]);
  }
  return writeModel(graph);
}
