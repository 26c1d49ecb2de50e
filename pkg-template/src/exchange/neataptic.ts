// neataptic's networks: gated graphs, with their squashing functions.

import { checkEntries, checkNumber, checkObject, outOfRange } from '../checks/errors.js';
import { SQUASHES } from '../engine/generated/tables.js';
import type { SquashName } from '../graph/json-types.js';
import type { Network } from '../network/network.js';
import { GraphFile } from './graph-file.js';
import { tableOf } from './table.js';

/** What neataptic calls the squashing functions that both have. */
const NAMES: Partial<Record<SquashName, string>> = {
  LOGISTIC: 'LOGISTIC',
  TANH: 'TANH',
  IDENTITY: 'IDENTITY',
  HLIM: 'STEP',
  RELU: 'RELU',
};

/** Most neurons and connections that a file may have. */
const MOST_NODES = 2 ** 20;
const MOST_CONNECTIONS = 2 ** 25;

/** A network as neataptic writes it. */
export interface NeatapticJSON {
  nodes: { bias: number; type: 'input' | 'hidden' | 'output'; squash: string; mask: number; index: number }[];
  connections: { weight: number; from: number; to: number; gater: number | null }[];
  input: number;
  output: number;
  dropout: number;
}

interface Node {
  type: 'input' | 'hidden' | 'output';
  bias: number;
  squash: SquashName;
  /** The bias does not learn. */
  fixed: boolean;
  /** What arrives is subtracted: neataptic's INVERSE is 1 less the state. */
  sign: 1 | -1;
}

function checkNode(call: string, given: unknown, index: number): Node {
  const field = `json.nodes[${index}]`;
  const node = checkObject(call, field, given);
  // A constant node is a hidden one whose bias does not learn.
  const fixed = node.type === 'constant';
  const type = fixed ? 'hidden' : node.type;
  if (type !== 'input' && type !== 'hidden' && type !== 'output') {
    throw outOfRange(call, `${field}.type`, "'input', 'hidden', 'constant' or 'output'", type);
  }
  const inverse = node.squash === 'INVERSE';
  const squash = inverse
    ? 'IDENTITY'
    : SQUASHES.find((name) => NAMES[name] !== undefined && NAMES[name] === node.squash);
  if (squash === undefined) {
    const known = [...Object.values(NAMES), 'INVERSE'].join(', ');
    throw outOfRange(call, `${field}.squash`, `one that engram can tell: ${known}`, node.squash);
  }
  if (node.mask !== undefined && node.mask !== 1) {
    throw outOfRange(call, `${field}.mask`, '1: a mask is what dropout has left, and engram has none', node.mask);
  }
  const bias = checkNumber(call, `${field}.bias`, node.bias);
  return { type, squash, bias: inverse ? 1 - bias : bias, fixed, sign: inverse ? -1 : 1 };
}

/** The nodes as layers of one kind each, in the order of activation. */
function layersOf(call: string, nodes: Node[]): Node[][] {
  const order = ['input', 'hidden', 'output'];
  nodes.forEach(({ type }, index) => {
    const before = nodes[index - 1]?.type ?? 'input';
    if (order.indexOf(type) < order.indexOf(before)) {
      const expected = 'inputs first and outputs last, as neataptic activates them';
      throw outOfRange(call, `json.nodes[${index}].type`, expected, type);
    }
  });
  return order.map((type) => nodes.filter((node) => node.type === type));
}

/**
 * A network of neataptic's `network.toJSON()`: nodes, connections and gates as they are. Of the squashing functions
 * engram has LOGISTIC, TANH, IDENTITY, STEP and RELU, and tells INVERSE; a self-connection has the weight 1, as those of
 * `architect.LSTM`. The network starts afresh, as one of neataptic's `fromJSON` does.
 *
 * @throws TypeError or RangeError that names the node or connection that is wrong, or that engram can't tell.
 */
export function fromNeataptic(json: NeatapticJSON): Network {
  const call = 'fromNeataptic';
  const given = checkObject(call, 'json', json);
  const nodes = checkEntries(call, 'json.nodes', given.nodes, MOST_NODES).map((node, index) =>
    checkNode(call, node, index),
  );
  const [inputs = [], hidden = [], outputs = []] = layersOf(call, nodes);
  if (inputs.length === 0 || outputs.length === 0) {
    throw new RangeError(
      `${call}: json.nodes has ${inputs.length} inputs and ${outputs.length} outputs, expected some`,
    );
  }
  const file = new GraphFile();
  for (const [name, layer] of Object.entries({ input: inputs, hidden, output: outputs })) {
    if (layer.length === 0) continue;
    const biases = layer.map(({ bias }) => bias);
    file.layer(
      name,
      biases,
      layer.map(({ squash }) => squash),
      layer.map(({ fixed }) => fixed),
    );
  }
  const end = nodes.length - 1;
  const pairs = new Set<number>();
  checkEntries(call, 'json.connections', given.connections, MOST_CONNECTIONS).forEach((entry, index) => {
    const field = `json.connections[${index}]`;
    const connection = checkObject(call, field, entry);
    const node = (name: string) =>
      checkNumber(call, `${field}.${name}`, connection[name], { min: 0, max: end, integer: true });
    const [from, to] = [node('from'), node('to')];
    const weight = checkNumber(call, `${field}.weight`, connection.weight);
    const gater = connection.gater === null || connection.gater === undefined ? null : node('gater');
    const sign = nodes[to]?.sign ?? 1;
    if (from === to && sign < 0) {
      throw new RangeError(`${call}: ${field} is a self-connection of an INVERSE node, which engram can't tell`);
    }
    if (from === to && weight !== 1) {
      throw outOfRange(call, `${field}.weight`, "1, as engram's self-connections have", weight);
    }
    if (gater !== null && gater < inputs.length) {
      throw outOfRange(call, `${field}.gater`, 'a neuron that is no input: those never fire in engram', gater);
    }
    const pair = from * nodes.length + to;
    if (pairs.has(pair)) throw new RangeError(`${call}: ${field} joins ${from} to ${to} a second time`);
    pairs.add(pair);
    file.connect(from, to, sign * weight, gater);
  });
  return file.network();
}

/**
 * A network as neataptic's `Network.fromJSON` reads it. What is fixed in engram learns there, as neataptic fixes nothing.
 *
 * @throws TypeError for a network that reads sequences from both ends, and for softmax outputs, which neataptic has not.
 */
export function toNeataptic(network: Network): NeatapticJSON {
  const call = 'toNeataptic';
  const table = tableOf(call, network.layers);
  const { bias, squash, reversed, pooling, start, from, gater, weight } = table;
  if (pooling.some((code) => code > 0)) {
    throw new TypeError(`${call}: the network has a read-out over the steps of a sequence, which neataptic has not`);
  }
  if (reversed.includes(1)) {
    throw new TypeError(`${call}: a bidirectional network reads whole sequences, and neataptic step by step`);
  }
  const [inputs, outputs] = [network.inputs(), network.outputs()];
  const nodes = Array.from(bias, (value, index) => {
    const name = SQUASHES[squash[index] as number] ?? 'LOGISTIC';
    if (NAMES[name] === undefined)
      throw new TypeError(`${call}: neuron ${index} squashes with ${name}, which neataptic has not`);
    const type = index < inputs ? 'input' : index < bias.length - outputs ? 'hidden' : 'output';
    return { bias: value, type, squash: NAMES[name], mask: 1, index } as const;
  });
  const connections: NeatapticJSON['connections'] = [];
  for (let to = 0; to < bias.length; to++) {
    for (let index = start[to] as number; index < (start[to + 1] as number); index++) {
      const gates = gater[index] as number;
      if (gates >= 0 && gates < inputs) {
        throw new TypeError(
          `${call}: neuron ${gates} is an input that gates, which fires in neataptic and not in engram`,
        );
      }
      connections.push({
        weight: from[index] === to ? 1 : (weight[index] as number),
        from: from[index] as number,
        to,
        gater: gates < 0 ? null : gates,
      });
    }
  }
  return { nodes, connections, input: inputs, output: outputs, dropout: 0 };
}
