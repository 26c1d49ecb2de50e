// The data that the person chooses: a set of the page, or their own as a text or a file.

import { prepare } from './data.js';
import { clearProblems, showProblems } from './data-view.js';
import { find, make, onFile } from './elements.js';
import { parse } from './parse.js';
import { textOf } from './series-file.js';
import { builtIn } from './sets.js';
import { currentSettings, fillSettings, offerEncoders } from './settings-form.js';
import { plural } from './wording.js';

const OWN = 'own';
/** Longest own text, in characters, that is shown to be edited. */
const MOST_SHOWN = 100_000;

export class DataChoice {
  #workbench;

  constructor(workbench) {
    this.#workbench = workbench;
    const sets = Object.entries(builtIn).map(([value, { title }]) => make('option', { value, text: title }));
    find('set').append(...sets, make('option', { value: OWN, text: 'Your own', disabled: true }));
    find('set').addEventListener('change', ({ target }) => {
      if (target.value !== OWN) this.useBuiltIn(target.value);
      else this.#takeText(find('own-text').value);
    });
    find('own-use').addEventListener('click', () => this.#takeText(find('own-text').value));
    onFile('own-file', (file) => this.#takeFile(file));
    for (const type of ['dragover', 'drop']) document.addEventListener(type, (event) => event.preventDefault());
    document.addEventListener('drop', ({ dataTransfer }) => this.#takeFile(dataTransfer.files[0]));
  }

  useBuiltIn(id) {
    const set = builtIn[id];
    this.#use(prepare(id, { ...set, samples: set.samples() }), { set: id }, set.settings);
  }

  /** Uses the data again that a session was saved with: `source` is { set } or { text }. */
  useSource({ set, text }) {
    if (text !== undefined) this.#useOwn(parse(text), text);
    else this.useBuiltIn(set);
  }

  #use(data, source, settings = {}) {
    find('set').value = data.id;
    offerEncoders(data.kind);
    fillSettings({ ...currentSettings(), ...settings });
    this.#workbench.use(data, source);
  }

  #useOwn({ kind, samples }, text) {
    const count = plural(samples.length, 'sample');
    clearProblems();
    find('set').querySelector(`[value=${OWN}]`).disabled = false;
    const data = prepare(OWN, { title: 'your own', about: `Your own: ${count}.`, kind, samples });
    this.#use(data, { text });
    find('status').textContent = `${count} of ${plural(data.labels.length, 'label')}. Press Train.`;
  }

  #takeText(text) {
    const parsed = parse(text);
    if (parsed.problems.length === 0 && parsed.fatal === undefined) this.#useOwn(parsed, text);
    else showProblems(parsed, () => this.#useOwn(parsed, text));
  }

  /** Takes a file, if it is one, and shows it in the text field too. */
  async #takeFile(file) {
    if (file === undefined || this.#workbench.training !== null) return;
    find('own').open = true;
    let text;
    try {
      text = await textOf(file);
    } catch (error) {
      showProblems({ samples: [], problems: [], fatal: error.message });
      return;
    }
    find('own-text').value = text.length > MOST_SHOWN ? '' : text;
    this.#takeText(text);
  }
}
