// What the network does while it reads an input: a strip per layer, a column per step.

import { colour, find, make, prepareCanvas } from './elements.js';
import { drawHeatMap, largestMagnitude } from './heat-map.js';
import { occurrences } from './occurrences.js';
import { movedBy } from './reasons.js';
import { percent, points } from './wording.js';

/** Names of layers in plain words. */
const WORDS = {
  input: 'input',
  embedding: 'word vectors',
  convolution: 'filters',
  inputGate: 'input gates',
  forgetGate: 'forget gates',
  candidate: 'candidates',
  outputGate: 'output gates',
  memoryCell: 'cells (tanh)',
  hidden: 'hidden states',
  score: 'attention score',
};
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

export class TimelineView {
  #host = find('timeline');
  #reading = find('timeline-reading');
  #strips = [];
  #lines = make('canvas', { className: 'lines' });
  #reasons = make('canvas', { className: 'strip', role: 'presentation' });
  /** What the strip of reasons shows. */
  #why = null;
  #whose = make('span');
  #symbols = make('div', { className: 'symbols' });
  #cursor = make('div', { className: 'cursor' });
  #network = null;
  #shown = null;
  #step = -1;

  constructor() {
    this.#host.addEventListener('pointermove', ({ clientX }) => {
      const { left, width } = this.#symbols.getBoundingClientRect();
      if (this.#shown) this.#read(Math.floor(((clientX - left) / width) * this.#shown.trace.length));
    });
    this.#host.addEventListener('keydown', (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (move === undefined || !this.#shown) return;
      event.preventDefault();
      this.#read(this.#step + move);
    });
  }

  /** Prepares the strips of a network. */
  show(network, labels) {
    this.#network = network;
    // A read-out shows the hidden states once more.
    const layers = network.layout.layers.filter(({ name, pooling }) => name !== 'output' && pooling === undefined);
    const times = occurrences(layers.map(({ name }) => name));
    this.#strips = layers.map(({ name, first, size }, index) => {
      const plain = name.replace(/^reversed /, '');
      const direction = plain === name ? '' : ', from the end';
      const count = times[index] === 1 ? '' : ` ${times[index]}`;
      const label = `${WORDS[plain] ?? plain}${count}${direction}`;
      const canvas = make('canvas', { className: 'strip', role: 'presentation' });
      canvas.style.height = `${Math.max(14, Math.min(64, size * 3))}px`;
      return { name, first, size, label, canvas };
    });
    const legend = labels.map((label, index) => make('span', { className: `line line-${index % 6}` }, label));
    const rows = [
      [make('span', {}, 'what it says'), this.#lines],
      [this.#whose, this.#reasons],
      [make('span', {}, 'step'), this.#symbols],
      ...this.#strips.map(({ label, canvas }) => [make('span', {}, label), canvas]),
    ];
    const grid = make('div', { className: 'strips' }, ...rows.flat());
    this.#host.replaceChildren(make('p', { className: 'legend' }, ...legend), grid);
    grid.append(this.#cursor);
    this.#cursor.hidden = true;
    this.#reading.textContent = '';
    this.#shown = this.#why = null;
    this.#step = -1;
  }

  /** Draws an input: (steps, units) numbers that the network reads, and a symbol for each group of steps. */
  draw(steps, symbols, labels) {
    const trace = this.#network.traceSequence(steps);
    const output = this.#network.layout.layers.find(({ name }) => name === 'output');
    this.#shown = { trace, symbols, labels, output };
    for (const { name, first, size, canvas } of this.#strips) {
      // Gates lie in 0..1 and the rest in -1..1; only inputs, filters and scores go further.
      let largest = 1;
      if (['input', 'convolution', 'score'].includes(name)) {
        for (const units of trace) largest = largestMagnitude(units.subarray(first, first + size), largest);
      }
      drawHeatMap(canvas, size, trace.length, (row, column) => trace[column][first + row], largest);
    }
    const perSymbol = trace.length / symbols.length;
    this.#symbols.style.gridTemplateColumns = `repeat(${symbols.length}, minmax(0, 1fr))`;
    // Of more than 40 symbols every second is written, of more than 80 every third.
    const every = Math.ceil(symbols.length / 40);
    this.#symbols.replaceChildren(
      ...symbols.map((symbol, index) => make('span', {}, index % every === 0 ? symbol : '')),
    );
    this.#shown.perSymbol = perSymbol;
    this.#host.setAttribute('aria-valuemax', String(trace.length));
    this.#drawLines();
    if (this.#step >= 0) this.#read(this.#step);
  }

  /**
   * Draws what each piece of the input did to a label's probability, as reasons.js gives it: a column per piece, a row per
   * channel; what raised it is orange, what lowered it blue.
   */
  drawReasons(why) {
    this.#why = why;
    const { label, columns } = why;
    const [
      {
        channels: { length: rows },
      },
    ] = columns;
    const largest = largestMagnitude(
      columns.flatMap(({ channels }) => channels),
      1e-9,
    );
    this.#whose.textContent = `why ${label}`;
    this.#reasons.style.height = `${Math.max(18, Math.min(64, rows * 6))}px`;
    drawHeatMap(this.#reasons, rows, columns.length, (row, column) => columns[column].channels[row], largest);
    if (this.#step >= 0) this.#read(this.#step);
  }

  #drawLines() {
    const { trace, labels, output } = this.#shown;
    const { context, width, height } = prepareCanvas(this.#lines);
    const y = (share) => 3 + (1 - share) * (height - 6);
    context.strokeStyle = colour('line');
    for (const share of [0, 0.5, 1]) context.strokeRect(0, y(share), width, 0);
    labels.forEach((_, index) => {
      context.strokeStyle = colour(`series-${index % 6}`);
      context.lineWidth = 2;
      context.setLineDash(DASHES[index % DASHES.length]);
      context.beginPath();
      trace.forEach((units, step) => {
        context.lineTo(((step + 0.5) / trace.length) * width, y(units[output.first + index]));
      });
      context.stroke();
    });
  }

  #read(step) {
    const { trace, symbols, perSymbol, labels, output } = this.#shown;
    this.#step = Math.max(0, Math.min(trace.length - 1, step));
    const units = trace[this.#step];
    const left = this.#symbols.offsetLeft + ((this.#step + 0.5) / trace.length) * this.#symbols.offsetWidth;
    this.#cursor.hidden = false;
    this.#cursor.style.left = `${left}px`;
    const symbol = symbols[Math.floor(this.#step / perSymbol)];
    const said = labels.map((label, index) => `${label} ${percent(units[output.first + index], 0)}`).join(', ');
    const means = this.#strips
      .filter(({ name }) => /Gate$/.test(name))
      .map(({ label, first, size }) => {
        const mean = units.subarray(first, first + size).reduce((sum, value) => sum + value, 0) / size;
        return `${label} ${mean.toFixed(2)}`;
      });
    const why = this.#why;
    const reason = why && ` It moved ${why.label} by ${points(movedBy(why, this.#step, trace.length))}.`;
    const place = `Step ${this.#step + 1} of ${trace.length} (${symbol})`;
    const text = `${place}: ${said}.${reason ?? ''} Mean ${means.join(', ')}.`;
    this.#reading.textContent = text;
    this.#host.setAttribute('aria-valuenow', String(this.#step + 1));
    this.#host.setAttribute('aria-valuetext', text);
  }
}
