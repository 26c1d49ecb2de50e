// What the layers of a network say of the options that a model of such layers has.

import { wrongType } from '../checks/errors.js';
import type { Readout } from '../graph/json-types.js';
import type { LayerLayout } from '../graph/layout.js';
import type { Network } from '../network/network.js';

/** Topology of a model's network. */
export type ModelVariant = 'standard' | 'gru' | 'synaptic';

/** Options that a network which stands has the answer to. */
interface Topology {
  hidden: number[];
  bidirectional: boolean;
  variant: ModelVariant;
  readout?: Readout;
}

/** Those options. */
function topologyOf(layers: readonly LayerLayout[]): Topology {
  const of = (name: string) => layers.filter((layer) => layer.name === name);
  const gru = of('resetGate').length > 0;
  const units = gru ? of('resetGate') : of('inputGate').length > 0 ? of('inputGate') : layers.slice(1, -1);
  const readout = layers.find(({ pooling }) => pooling !== undefined)?.pooling;
  return {
    hidden: units.map(({ size }) => size),
    bidirectional: layers.some(({ reversed }) => reversed),
    variant: gru ? 'gru' : of('candidate').length > 0 || of('inputGate').length === 0 ? 'standard' : 'synaptic',
    ...(readout && { readout }),
  };
}

/** The options of a model around a network, which must leave out what the network says; and that. */
export function withTopology<Options>(call: string, network: Network, options: Options): Options & Topology {
  if (typeof (Object(network) as Partial<Network>).live !== 'function') {
    throw wrongType(call, 'network', 'a Network', network);
  }
  if (typeof options !== 'object' || options === null) throw wrongType(call, 'options', 'an object', options);
  const topology = topologyOf(network.layout.layers);
  const twice = [...Object.keys(topology), 'readout'].find((name) => name in options);
  if (twice === undefined) return { ...options, ...topology };
  throw new TypeError(`${call}: options.${twice} is given, expected left out: the network has it`);
}
