// A functional model of Keras as the one chain of layers that it is; models that branch are refused by name.

import { checkObject, describe, outOfRange, wrongType } from '../checks/errors.js';

/** A layer as a functional model lists it. */
export interface FunctionalLayer {
  /** What it is called in messages. */
  field: string;
  name: string;
  /** Its calls: of Keras 3 records of arguments, before and of TensorFlow.js lists of `[layer, call, output, arguments]`. */
  inboundNodes: unknown;
}

/** The one layer of `input_layers` or `output_layers`: `["name", 0, 0]`, or a list of one such. */
function endOf(call: string, field: string, given: unknown): string {
  const list = Array.isArray(given) && given.length === 1 && Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
  if (Array.isArray(list) && typeof list[0] === 'string') return list[0];
  throw outOfRange(call, field, 'one layer, as engram has chains of layers alone', given);
}

/** Refuses arguments that change what a layer does, such as `initial_state`, `mask` or `training`. */
function refuseArguments(call: string, field: string, given: unknown): void {
  for (const [name, value] of Object.entries(checkObject(call, field, given))) {
    if (value === null || value === undefined || value === false) continue;
    throw outOfRange(call, `${field}.${name}`, 'left out, which is all that engram can tell', value);
  }
}

/** What a call reads: `[layer, call, output]`. */
function sourceOf(call: string, field: string, node: unknown): string {
  let source: unknown;
  if (Array.isArray(node)) {
    // A list of one input, or the input itself.
    const entry = (node.length === 1 ? node[0] : node) as unknown;
    if (Array.isArray(entry) && entry.length <= 4) {
      source = entry.slice(0, 3);
      refuseArguments(call, `${field}.arguments`, entry[3] ?? {});
    }
  } else {
    const { args, kwargs } = checkObject(call, field, node);
    if (Array.isArray(args) && args.length === 1) {
      const tensor = checkObject(call, `${field}.args[0]`, args[0]);
      source = checkObject(call, `${field}.args[0].config`, tensor.config).keras_history;
    }
    refuseArguments(call, `${field}.kwargs`, kwargs ?? {});
  }
  if (Array.isArray(source) && typeof source[0] === 'string' && source[1] === 0 && source[2] === 0) return source[0];
  throw outOfRange(call, field, 'a call with the output of one layer, as engram has chains of layers alone', node);
}

/** Places of a functional model's layers in the order in which a sequence goes through them. */
export function chainOf(call: string, config: Record<string, unknown>, layers: readonly FunctionalLayer[]): number[] {
  const places = new Map(layers.map(({ name }, place) => [name, place]));
  const ends = ['input_layers', 'output_layers'].map((field) => endOf(call, `config.${field}`, config[field]));
  const [first, last] = ends.map((name) => places.get(name));
  /** Of each layer that is read, who reads it. */
  const readers = new Map<number, number>();
  layers.forEach(({ field, inboundNodes }, place) => {
    if (!Array.isArray(inboundNodes)) throw wrongType(call, `${field}.inbound_nodes`, 'an array', inboundNodes);
    const calls = place === first ? 0 : 1;
    if (inboundNodes.length !== calls) {
      const expected = `${calls} of them, as engram has chains of layers alone`;
      throw outOfRange(call, `${field}.inbound_nodes`, expected, inboundNodes);
    }
    if (calls === 0) return;
    const name = sourceOf(call, `${field}.inbound_nodes[0]`, inboundNodes[0]);
    const source = places.get(name);
    if (source === undefined) throw new RangeError(`${call}: ${field} reads ${describe(name)}, which is no layer`);
    if (readers.has(source)) {
      throw new RangeError(
        `${call}: ${layers[source]?.field} is read by ${layers[readers.get(source) as number]?.field} and by ${field}; engram has chains of layers alone`,
      );
    }
    readers.set(source, place);
  });
  const chain: number[] = [];
  for (let place = first; place !== undefined; place = readers.get(place)) chain.push(place);
  if (chain.length !== layers.length || chain.at(-1) !== last) {
    throw new RangeError(
      `${call}: the layers are no chain from ${describe(ends[0])} to ${describe(ends[1])}, which is all that engram has`,
    );
  }
  return chain;
}
