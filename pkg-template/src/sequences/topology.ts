// The network that the options of a model ask for, and what the layers of a network say of these options.

import { wrongType } from '../checks/errors.js';
import type { NetworkLayout } from '../graph/layout.js';
import { GRU, LSTM, type OutputKind } from '../network/architect.js';
import type { Convolution, SequenceReadout } from '../network/convolution.js';
import type { Initializer } from '../network/initializer.js';
import type { Network } from '../network/network.js';

/** Topology of a model's network. */
export type ModelVariant = 'standard' | 'gru' | 'synaptic';

/** Options that a network which stands has the answer to. */
export interface Topology {
  hidden: number[];
  convolution: readonly Required<Convolution>[];
  bidirectional: boolean;
  variant: ModelVariant;
  readout?: SequenceReadout | undefined;
}

/** What a model says of its network. */
interface Model extends Omit<Topology, 'hidden'> {
  readonly hidden: readonly number[];
  readonly initializer: Initializer | 'synaptic';
  readonly seed: number;
}

/** What encoder and answers of a model say of its network. */
interface Ends {
  inputs: number;
  embedding: number;
  outputs: number;
  output: OutputKind;
}

/** The network of a model before it has learnt. */
export function networkOf(model: Model, { inputs, embedding, outputs, output }: Ends): Network {
  const { hidden, bidirectional, variant, readout, convolution, initializer, seed } = model;
  const sizes = [inputs, ...hidden, outputs];
  if (initializer === 'synaptic') return new LSTM(...sizes, { variant: 'synaptic', output, seed });
  const options = { output, bidirectional, embedding, readout, convolution: [...convolution], initializer, seed };
  return variant === 'gru' ? new GRU(...sizes, options) : new LSTM(...sizes, { variant, ...options });
}

/** Those options. */
function topologyOf({ layers, blocks }: NetworkLayout): Topology & { convolution: Required<Convolution>[] } {
  const of = (name: string) => layers.filter((layer) => layer.name === name);
  const gru = of('resetGate').length > 0;
  const filters = of('convolution');
  // Above others of both directions a layer has a block from each.
  const taps = blocks.filter(({ to, from }) => to === 'convolution' && from !== 'reversed convolution');
  const convolution = filters.map(({ size }, index) => {
    const delays = taps[index]?.delays ?? [0];
    return { filters: size, width: delays.length, dilation: delays[1] ?? 1 };
  });
  const gates = of('inputGate');
  const units = gru ? of('resetGate') : gates.length > 0 || filters.length > 0 ? gates : layers.slice(1, -1);
  const readout = layers.find(({ pooling }) => pooling !== undefined)?.pooling;
  return {
    hidden: units.map(({ size }) => size),
    convolution,
    bidirectional: layers.some(({ reversed }) => reversed),
    variant: gru ? 'gru' : of('candidate').length > 0 || gates.length === 0 ? 'standard' : 'synaptic',
    ...(readout && { readout: of('second readout').length > 0 ? 'mean+max' : readout }),
  };
}

/** What a model or a network says of the topology, in words that compare. */
function* said({ hidden, convolution, bidirectional, variant, readout }: Omit<Model, 'initializer' | 'seed'>) {
  yield ['hidden', JSON.stringify(hidden)] as const;
  // A convolution that reads one step shows no distance between steps.
  const shown = convolution.map((layer) => ({ ...layer, dilation: layer.width === 1 ? 1 : layer.dilation }));
  yield ['convolution', JSON.stringify(shown)] as const;
  yield ['bidirectional', String(bidirectional)] as const;
  // Without recurrent layers all variants are one.
  yield ['variant', `'${hidden.length === 0 ? 'standard' : variant}'`] as const;
  // A network that pools nothing answers at its last step, or at each.
  yield ['readout', `'${readout ?? 'last'}'`] as const;
}

/** Refuses a stored model whose options say another topology than its network has. */
export function checkTopology(call: string, model: Omit<Model, 'initializer' | 'seed'>, network: Network): void {
  const has = new Map(said(topologyOf(network.layout)));
  for (const [name, value] of said(model)) {
    if (has.get(name) === value) continue;
    throw new RangeError(`${call}: json.${name} is ${value}, expected ${has.get(name)}, as json.network has it`);
  }
}

/** The options of a model around a network, which must leave out what the network says; and that. */
export function withTopology<Options>(
  call: string,
  network: Network,
  options: Options,
): Options & ReturnType<typeof topologyOf> {
  if (typeof (Object(network) as Partial<Network>).live !== 'function') {
    throw wrongType(call, 'network', 'a Network', network);
  }
  if (typeof options !== 'object' || options === null) throw wrongType(call, 'options', 'an object', options);
  const topology = topologyOf(network.layout);
  const twice = [...Object.keys(topology), 'readout'].find((name) => name in options);
  if (twice === undefined) return { ...options, ...topology };
  throw new TypeError(`${call}: options.${twice} is given, expected left out: the network has it`);
}
