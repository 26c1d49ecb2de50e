// Squashing functions as operators of ONNX.

import type { SquashName } from '../graph/json-types.js';
import { type Graph, TYPE } from './onnx-model.js';

/** Squashes the last axis of a tensor. */
export function squashed(graph: Graph, squash: SquashName, values: string): string {
  switch (squash) {
    case 'LOGISTIC':
      return graph.add('Sigmoid', [values]);
    case 'TANH':
      return graph.add('Tanh', [values]);
    case 'RELU':
      return graph.add('Relu', [values]);
    case 'HLIM':
      // 1 above 0, else 0.
      return graph.add('Cast', [graph.add('Greater', [values, graph.constant([], [0])])], { to: TYPE.float });
    case 'SOFTMAX':
      return graph.add('Softmax', [values], { axis: -1 });
    case 'HARD_SIGMOID':
      // By ONNX' defaults, 0.2 x + 0.5.
      return graph.add('HardSigmoid', [values]);
    case 'IDENTITY':
      return values;
  }
}
