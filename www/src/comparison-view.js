// What works best here: a few models tried on the data, and how well each does.

import { find, make } from './elements.js';
import { percent, plural } from './wording.js';

export class ComparisonView {
  #data = null;
  /** What ends the comparison that runs; null while none does. */
  #ending = null;

  constructor() {
    find('compare').addEventListener('click', () => void this.#compare());
    find('compare-stop').addEventListener('click', () => this.#ending?.abort());
  }

  /** Compares on other data from now on. */
  useData(data) {
    this.#ending?.abort();
    this.#data = data;
    find('compare-status').textContent = '';
    find('compare-table').replaceChildren();
  }

  async #compare() {
    const seconds = find('compare-seconds');
    if (!seconds.reportValidity()) return;
    const data = this.#data;
    const ending = new AbortController();
    this.#ending = ending;
    this.#showRunning(true);
    find('compare-status').textContent = 'Trying…';
    try {
      // Who does not ask loads none of it.
      const { compare } = await import('engram/compare');
      const table = await compare([...data.training, ...data.heldOut], {
        seconds: Number(seconds.value),
        seed: 1,
        signal: ending.signal,
        onProgress: ({ done, of, time, table }) => {
          if (data !== this.#data) return;
          find('compare-progress').value = done / of;
          find('compare-status').textContent = `${done} of ${plural(of, 'fit')}, ${Math.round(time / 1000)} s.`;
          this.#showTable(table);
        },
      });
      if (data === this.#data) this.#showEnd(table, ending.signal.aborted);
    } catch (error) {
      if (data === this.#data) find('compare-status').textContent = `This did not work: ${error.message}.`;
    } finally {
      if (this.#ending === ending) {
        this.#ending = null;
        this.#showRunning(false);
      }
    }
  }

  #showRunning(running) {
    find('compare').disabled = find('compare-seconds').disabled = running;
    find('compare-stop').disabled = !running;
    find('compare-progress').hidden = !running;
    find('compare-progress').value = 0;
  }

  #showEnd(table, stopped) {
    this.#showTable(table);
    const [best] = table;
    const found = best.accuracy === null ? 'Nothing was learnt in that time' : `Best: ${best.name}`;
    find('compare-status').textContent = `${stopped ? 'Stopped' : 'Done'}. ${found}.`;
  }

  #showTable(table) {
    const titles = ['Model', 'Right, held out', 'Fit'].map((title) => make('th', { scope: 'col' }, title));
    const rows = table.flatMap(({ name, accuracy, deviation, seconds, folds, cut, code }) => {
      const share = accuracy === null ? 'not yet' : percent(accuracy);
      const spread = deviation === null ? '' : ` ± ${percent(deviation)}`;
      const parts = cut ? ', cut short' : `, ${plural(folds, 'part')}`;
      const cells = [
        name,
        `${share}${spread}${accuracy === null ? '' : parts}`,
        seconds === null ? '' : `${seconds.toFixed(1)} s`,
      ];
      return [
        make('tr', {}, ...cells.map((text) => make('td', {}, text))),
        // The line that makes the model has a row of its own, being long.
        make('tr', {}, make('td', { colSpan: cells.length }, make('code', {}, code))),
      ];
    });
    find('compare-table').replaceChildren(make('tr', {}, ...titles), ...rows);
  }
}
