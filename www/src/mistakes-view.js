// The confusion matrix of the held-out samples, and the samples behind each of its cells.

import { find, make } from './elements.js';
import { percent, shorten } from './wording.js';

/** Samples that are classified at once: a share of a frame. */
const PORTION = 16;
const MOST_LISTED = 50;
const MOST_CHARACTERS = 60;

export class MistakesView {
  #pick;
  #rounds = 0;
  #cells = [];
  #labels = [];
  #chosen = null;

  /** `pick(sample)` is called for a sample that the person wants to look at. */
  constructor(pick) {
    this.#pick = pick;
  }

  clear() {
    this.#rounds++;
    this.#chosen = null;
    find('confusion').replaceChildren();
    find('cell').replaceChildren();
  }

  /** Classifies the samples portion by portion, so that no frame is late, then shows them. */
  async update(classifier, samples) {
    const round = ++this.#rounds;
    const cells = classifier.labels.map(() => classifier.labels.map(() => []));
    for (let start = 0; start < samples.length; start += PORTION) {
      const portion = samples.slice(start, start + PORTION);
      const answers = classifier.classifyAll(portion.map(({ input }) => input));
      answers.forEach(({ label, probabilities }, index) => {
        const sample = portion[index];
        const cell = cells[classifier.labels.indexOf(sample.label)][classifier.labels.indexOf(label)];
        cell.push({ sample, probability: probabilities[label] });
      });
      await new Promise((resolve) => setTimeout(resolve));
      // A later update has begun, or the classifier is freed.
      if (round !== this.#rounds) return;
    }
    this.#cells = cells;
    this.#labels = classifier.labels;
    this.#draw();
  }

  #draw() {
    const labels = this.#labels;
    const head = make('tr', {}, make('td'), ...labels.map((label) => make('th', { scope: 'col' }, label)));
    const rows = this.#cells.map((row, is) => {
      const total = row.reduce((sum, list) => sum + list.length, 0);
      const buttons = row.map((list, said) => {
        const button = make(
          'button',
          { type: 'button', className: is === said ? 'right' : 'wrong' },
          String(list.length),
        );
        button.style.setProperty('--share', String(total > 0 ? list.length / total : 0));
        button.setAttribute('aria-label', `${list.length} of ${labels[is]} called ${labels[said]}: list them`);
        button.addEventListener('click', () => this.#list(is, said));
        return make('td', {}, button);
      });
      return make('tr', {}, make('th', { scope: 'row' }, labels[is]), ...buttons);
    });
    // The focus goes to the button that stands where the focused one stood.
    const table = find('confusion');
    const focused = [...table.querySelectorAll('button')].indexOf(document.activeElement);
    table.replaceChildren(make('thead', {}, head), make('tbody', {}, ...rows));
    table.querySelectorAll('button')[focused]?.focus();
    if (this.#chosen) this.#list(...this.#chosen);
  }

  #list(is, said) {
    this.#chosen = [is, said];
    const list = this.#cells[is][said];
    const sorted = list.toSorted((a, b) => b.probability - a.probability).slice(0, MOST_LISTED);
    const items = sorted.map(({ sample, probability }) => {
      const { input } = sample;
      const text = typeof input === 'string' ? input : JSON.stringify(input);
      const button = make('button', { type: 'button', className: 'link' }, shorten(text, MOST_CHARACTERS));
      button.addEventListener('click', () => this.#pick(sample));
      return make('li', {}, button, ` ${percent(probability, 0)}`);
    });
    const more = list.length > sorted.length ? `, the surest ${sorted.length}` : '';
    const title = `${list.length} × ${this.#labels[is]}, called ${this.#labels[said]}${more}:`;
    find('cell').replaceChildren(make('p', {}, title), make('ul', {}, ...items));
  }
}
