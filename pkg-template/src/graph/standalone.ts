// Source text of a function that activates a network without this library. The text is all there is to it: it may be
// stored, and evaluated elsewhere.

import { CONNECTION } from '../engine/generated/tables.js';
import { gather } from './home.js';
import { layersToJSON } from './json.js';
import type { Readout, SquashName } from './json-types.js';
import { type NetworkLayers, neuronsOf } from './layers.js';

const squashed: Record<SquashName, (x: string) => string> = {
  LOGISTIC: (x) => `1 / (1 + Math.exp(-(${x})))`,
  TANH: (x) => `Math.tanh(${x})`,
  IDENTITY: (x) => x,
  HLIM: (x) => `${x} > 0 ? 1 : 0`,
  RELU: (x) => `Math.max(0, ${x})`,
  HARD_SIGMOID: (x) => `Math.min(Math.max(0.2 * (${x}) + 0.5, 0), 1)`,
  // Of one neuron; whole output layers are normalised together.
  SOFTMAX: () => '1',
};

/** What the gaters, by their position, multiply connections by now. */
function gainsOf(layers: NetworkLayers): Map<number, number> {
  const { home, ids } = gather(
    'Network.standalone',
    neuronsOf(layers).map(({ neuron }) => neuron),
  );
  const graph = home.read();
  const gains = new Map<number, number>();
  ids[0]?.forEach((id, index) => {
    const gated = graph.gated(id);
    if (gated.length > 0) gains.set(index, graph.connections(gated.subarray(0, 1))[CONNECTION.gain] ?? 1);
  });
  return gains;
}

/** Statements that read one step into a read-out's neuron; `places` has its weight, its largest score and its pool. */
function readInto(
  pooling: Readout,
  name: string,
  y: string,
  score: string,
  places: [string, string, string],
): string[] {
  const [weight, largest, pool] = places;
  const first = `${weight} === 0`;
  switch (pooling) {
    case 'last':
      return [`${name} = ${pool} = ${y}`, `${weight}++`];
    case 'mean':
      return [`${weight}++`, `${name} = ${pool} += (${y} - ${pool}) / ${weight}`];
    case 'max':
      return [`${name} = ${pool} = ${first} ? ${y} : Math.max(${pool}, ${y})`, `${weight}++`];
    case 'attention':
      // The softmax over the steps so far, relative to the largest score, so that nothing overflows.
      return [
        `max = ${first} ? ${score} : Math.max(${largest}, ${score})`,
        `sum = Math.exp(${score} - max)`,
        `${weight} = ${first} ? sum : ${weight} * Math.exp(${largest} - max) + sum`,
        `${largest} = max`,
        `${name} = ${pool} += (${y} - ${pool}) * (sum / ${weight})`,
      ];
  }
}

/**
 * A function expression, a statement per neuron. Numbers only reach the text as JSON. What a later step needs of an
 * earlier one is kept in a property of the function, which the text makes at the first call.
 */
export function standaloneSource(layers: NetworkLayers): string {
  const { neurons, connections } = layersToJSON(layers);
  const gains = gainsOf(layers);
  const number = (value: number): string => JSON.stringify(value);
  const positions = (layer: string): number[] =>
    neurons.flatMap((neuron, index) => (neuron.layer === layer ? [index] : []));
  const [inputs, outputs] = [positions('input'), positions('output')];
  const isInput = new Set(inputs);
  const softmax = new Set(outputs.some((index) => neurons[index]?.squash === 'SOFTMAX') ? outputs : []);

  const memory: string[] = [];
  /** Where the memory has a value of a neuron's step before, by neuron: its activation, gain, state and old state. */
  const kept = {
    a: new Map<number, string>(),
    g: new Map<number, string>(),
    s: new Map<number, string>(),
    o: new Map<number, string>(),
  };
  const keep = (what: keyof typeof kept, index: number, first: number): string => {
    let place = kept[what].get(index);
    if (place === undefined) {
      place = `m[${memory.push(number(first)) - 1}]`;
      kept[what].set(index, place);
    }
    return place;
  };
  /** Softmax is known once all outputs have their states, so that no output sees another's in the same step. */
  const isKnown = (index: number, reader: number): boolean =>
    isInput.has(index) || (index < reader && !softmax.has(index));
  const activation = (index: number, reader: number): string =>
    isKnown(index, reader) ? `a${index}` : keep('a', index, neurons[index]?.activation ?? 0);
  const gain = (gater: number | null, reader: number): string => {
    const now = gater === null ? 1 : (gains.get(gater) ?? 1);
    // An input has no gain of its own: it stays what it was.
    if (gater === null || isInput.has(gater)) return now === 1 ? '' : ` * ${number(now)}`;
    return ` * ${isKnown(gater, reader) ? `a${gater}` : keep('g', gater, now)}`;
  };

  const after: string[] = [];
  /** Where the memory has activations of a neuron of steps before: of the last step first, as far as delays reach. */
  const past = new Map<number, string[]>();
  for (const { from, delay = 0 } of connections) {
    const places = past.get(from) ?? [];
    while (places.length < delay) {
      const before = [neurons[from]?.activation ?? 0, ...(neurons[from]?.past ?? [])][places.length] ?? 0;
      places.push(`m[${memory.push(number(before)) - 1}]`);
    }
    past.set(from, places);
  }

  const sums = neurons.map(({ bias }) => (bias === 0 ? [] : [number(bias)]));
  for (const { from, to, weight, gater, delay = 0 } of connections) {
    if (from === to && delay === 0) sums[to]?.push(`${keep('s', to, neurons[to]?.state ?? 0)}${gain(gater, to)}`);
    else if (weight !== 0 && !isInput.has(to)) {
      const read = delay === 0 ? activation(from, to) : past.get(from)?.[delay - 1];
      sums[to]?.push(`${read}${weight === 1 ? '' : ` * ${number(weight)}`}${gain(gater, to)}`);
    }
  }
  const lines = inputs.map((index, at) => `a${index} = +input[${at}]`);
  neurons.forEach((neuron, index) => {
    if (isInput.has(index)) return;
    const { squash, pooling } = neuron;
    const sum = sums[index]?.join(' + ') || '0';
    if (pooling !== undefined) {
      const places = [
        keep('s', index, neuron.state ?? 0),
        keep('o', index, neuron.old ?? 0),
        keep('a', index, neuron.activation ?? 0),
      ] satisfies [string, string, string];
      const y = squashed[squash ?? 'LOGISTIC'](`(${sum})`);
      lines.push(...readInto(pooling, `a${index}`, y, `a${neuron.score}`, places));
      return;
    }
    const state = kept.s.get(index);
    if (state !== undefined) lines.push(`${state} = ${sum}`);
    const x = state ?? sum;
    lines.push(`a${index} = ${softmax.has(index) ? x : squashed[squash ?? 'LOGISTIC'](x)}`);
    for (const what of ['a', 'g'] as const) {
      const place = kept[what].get(index);
      if (place !== undefined) (softmax.has(index) ? after : lines).push(`${place} = a${index}`);
    }
  });
  if (softmax.size > 0) {
    const names = outputs.map((index) => `a${index}`);
    lines.push(`max = Math.max(${names.join(', ')})`);
    for (const name of names) lines.push(`${name} = Math.exp(${name} - max)`);
    lines.push(`sum = ${names.join(' + ')}`);
    for (const name of names) lines.push(`${name} /= sum`);
  }
  for (const [index, places] of past) {
    places.forEach((place, step) => {
      after.unshift(`${place} = ${places[step - 1] ?? `a${index}`}`);
    });
  }
  const names = [...neurons.map((_, index) => `a${index}`), 'max', 'sum'];
  const before = memory.length > 0 ? [`m = standalone.memory || (standalone.memory = [${memory.join(', ')}])`] : [];
  const declared = [...before, ...names].join(', ');
  const body = [`var ${declared}`, ...lines, ...after, `return [${outputs.map((index) => `a${index}`).join(', ')}]`];
  return `function standalone(input) {\n${body.map((line) => `  ${line};\n`).join('')}}`;
}
