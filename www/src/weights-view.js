// One weight matrix as a heat map, read from the network's live memory, and a histogram of it.

import { colour, find, make, prepareCanvas } from './elements.js';
import { drawHeatMap, largestMagnitude, watchCells } from './heat-map.js';
import { occurrences } from './occurrences.js';
import { plural } from './wording.js';

const BINS = 41;

export class WeightsView {
  #canvas = find('weights');
  #choice = find('block');
  #reading = find('weights-reading');
  #network = null;
  #names = [];

  constructor() {
    this.#choice.addEventListener('change', () => this.draw());
    watchCells(this.#canvas, (row, column) => this.#read(row, column));
  }

  /** Offers another network's matrices; shows the one of the same name as before, or the largest. */
  show(network) {
    this.#network = network;
    const { blocks } = network.layout;
    // Layers of one network share the names of their blocks: a name's second block is that of the second layer.
    const layers = occurrences(blocks.map(({ name }) => name));
    this.#names = blocks.map(({ name }, index) => (layers[index] === 1 ? name : `${name} (layer ${layers[index]})`));
    const chosen = this.#choice.selectedIndex >= 0 ? this.#choice.selectedOptions[0].text : '';
    this.#choice.replaceChildren(...this.#names.map((text, value) => make('option', { text, value })));
    const largest = blocks.reduce((best, { length }, index) => (length > blocks[best].length ? index : best), 0);
    const same = this.#names.indexOf(chosen);
    this.#choice.value = String(same >= 0 ? same : largest);
    this.#reading.textContent = '';
    this.draw();
  }

  get #block() {
    return this.#network.layout.blocks[Number(this.#choice.value)];
  }

  /** Rows and columns as they are drawn; sparse blocks have no shape of their own. */
  get #shape() {
    const { kind, rows, columns, length } = this.#block;
    if (kind === 'dense') return { rows, columns };
    const wide = Math.ceil(Math.sqrt(length));
    return { rows: Math.ceil(length / wide), columns: wide };
  }

  draw() {
    if (this.#network === null) return;
    const { offset, length } = this.#block;
    const { rows, columns } = this.#shape;
    const weights = this.#network.memory.subarray(offset, offset + length);
    const largest = largestMagnitude(weights, 1e-9);
    drawHeatMap(this.#canvas, rows, columns, (row, column) => weights[row * columns + column] ?? 0, largest);
    find('scale-low').textContent = `−${largest.toFixed(2)}`;
    find('scale-high').textContent = `+${largest.toFixed(2)}`;
    this.#drawHistogram(weights, largest);
  }

  #drawHistogram(weights, largest) {
    const canvas = find('histogram');
    const { context, width, height } = prepareCanvas(canvas);
    const counts = new Array(BINS).fill(0);
    for (const weight of weights) counts[Math.min(BINS - 1, Math.floor(((weight / largest + 1) / 2) * BINS))]++;
    const most = Math.max(...counts);
    const bar = width / BINS;
    const base = height - 18;
    context.fillStyle = colour('accent');
    counts.forEach((count, bin) => {
      const tall = (count / most) * (base - 4);
      context.fillRect(bin * bar + 0.5, base - tall, bar - 1, tall);
    });
    context.fillStyle = colour('quiet');
    context.font = '12px system-ui';
    context.textBaseline = 'bottom';
    context.fillText(`−${largest.toFixed(2)}`, 0, height);
    context.textAlign = 'center';
    context.fillText('0', width / 2, height);
    context.textAlign = 'right';
    context.fillText(`+${largest.toFixed(2)}`, width, height);
  }

  #read(row, column) {
    if (this.#network === null) return;
    const { offset, length, kind, from, to, columns, delays = [0] } = this.#block;
    const index = row * this.#shape.columns + column;
    if (index >= length) return;
    // Columns of a block with delays stand together delay by delay.
    const sources = columns / delays.length;
    const delay = delays[Math.floor(column / sources)];
    const before = delay > 0 ? `, ${plural(delay, 'step')} before,` : '';
    const where = {
      dense: `from ${from} ${(column % sources) + 1}${before} to ${to} ${row + 1}`,
      diagonal: `from ${from} ${index + 1} to ${to} ${index + 1}`,
      sparse: `connection ${index + 1} from ${from} to ${to}`,
    }[kind];
    this.#reading.textContent = `${where}: ${this.#network.memory[offset + index].toFixed(4)}`;
  }
}
