// The topology in Graphviz's dot language, as Synaptic draws it.

import { NEURON } from '../engine/generated/tables.js';
import type { Layer } from './layer.js';
import { inOrder, type NetworkLayers } from './layers.js';

/** Position of the layer whose neuron scores what a layer pools; -1 for none. */
function scorerOf(layers: Layer[], layer: Layer): number {
  const [neuron] = layer.list;
  if (neuron === undefined) return -1;
  const { home, id } = neuron.place;
  const score = home.read().neurons(Uint32Array.of(id))[NEURON.score];
  return layers.findIndex(({ list }) => list.some(({ place }) => place.home === home && place.id === score));
}

/** One node per layer, one edge per projection (with its delay, if it has one), blue edges for gates and for scores of attention. */
export function toDot(of: NetworkLayers, edgeConnection: boolean): { code: string; link: string } {
  const layers = inOrder(of);
  const lines: string[] = [];
  layers.forEach((layer, from) => {
    const scorer = scorerOf(layers, layer);
    if (scorer >= 0) lines.push(`${scorer} -> ${from} [color = blue]`);
    for (const projection of layer.connectedTo) {
      const to = layers.indexOf(projection.to);
      const { size, delay } = projection;
      const label = delay === 0 ? size : `"${size}, t ${delay > 0 ? '-' : '+'} ${Math.abs(delay)}"`;
      const gaters = projection.gatedfrom.map((gate) => layers.indexOf(gate.layer));
      if (edgeConnection && gaters.length > 0) {
        // dot has no edges that end on edges, so a gated one is cut by a point.
        const point = `fake${from}_${to}${delay === 0 ? '' : `_${Math.abs(delay)}`}`;
        lines.push(`${point} [label = "", shape = point, width = 0.01, height = 0.01]`);
        lines.push(`${from} -> ${point} [label = ${label}, arrowhead = none]`);
        lines.push(`${point} -> ${to}`);
        for (const gater of gaters) lines.push(`${gater} -> ${point} [color = blue]`);
      } else {
        lines.push(`${from} -> ${to} [label = ${label}]`);
        for (const gater of gaters) lines.push(`${gater} -> ${to} [color = blue]`);
      }
    }
  });
  const code = `digraph nn {\n    rankdir = BT\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
  return { code, link: `https://chart.googleapis.com/chart?chl=${encodeURIComponent(code)}&cht=gv` };
}
