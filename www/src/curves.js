// Loss and accuracy per epoch, of the samples trained on and of those held out.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { colour, darkScheme, find } from './elements.js';

const HEIGHT = 190;
/** Up to so many epochs are dots on the line, so that a single epoch can be seen. */
const DOTS = 30;

class Curve {
  #host;
  #hasHeldOut;
  #range;
  #plot = null;
  #data = [[], [], []];

  constructor(id, range) {
    this.#host = find(id);
    this.#range = range;
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#host.clientWidth, height: HEIGHT })).observe(
      this.#host,
    );
  }

  /** Starts without an epoch. */
  start(hasHeldOut) {
    this.#hasHeldOut = hasHeldOut;
    this.#data = [[], [], []];
    this.plot();
  }

  /** Makes the plot anew, in the colours that the style sheet has now. */
  plot() {
    this.#plot?.destroy();
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line'), width: 1 },
      font: '12px system-ui',
    };
    const line = (label, name, dash) => ({
      label,
      stroke: colour(name),
      width: 2,
      dash,
      points: { show: ({ data }) => data[0].length <= DOTS },
    });
    this.#plot = new uPlot(
      {
        width: this.#host.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false }, y: { range: this.#range } },
        axes: [axis, { ...axis, size: 45 }],
        series: [
          { label: 'epoch' },
          line('trained on', 'series-0'),
          ...(this.#hasHeldOut ? [line('held out', 'series-1', [6, 3])] : []),
        ],
      },
      this.#shown,
      this.#host,
    );
  }

  draw(epochs, training, heldOut) {
    this.#data = [epochs, training, heldOut];
    this.#plot.setData(this.#shown);
  }

  get #shown() {
    return this.#data.slice(0, this.#hasHeldOut ? 3 : 2);
  }
}

export class Curves {
  #loss = new Curve('loss-curve', (_, __, most) => [0, (most ?? 1) * 1.05 || 1]);
  #accuracy = new Curve('accuracy-curve', [0, 1]);

  constructor() {
    darkScheme.addEventListener('change', () => {
      this.#loss.plot();
      this.#accuracy.plot();
    });
  }

  start(hasHeldOut) {
    this.#loss.start(hasHeldOut);
    this.#accuracy.start(hasHeldOut);
  }

  draw({ epochs, loss, heldOutLoss, accuracy, heldOutAccuracy }) {
    this.#loss.draw(epochs, loss, heldOutLoss);
    this.#accuracy.draw(epochs, accuracy, heldOutAccuracy);
  }
}
