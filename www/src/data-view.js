// What the page says of its data: their samples by label, examples, and what is wrong with a person's own.

import { find, make } from './elements.js';
import { writeInput } from './input.js';
import { plural, shorten } from './wording.js';

const MOST_PROBLEMS = 5;

export function showData({ about, training, heldOut, labels }) {
  find('set-about').textContent = about;
  const count = (samples, label) => samples.filter((sample) => sample.label === label).length;
  const head = make('tr', {}, ...['label', 'trained on', 'held out'].map((text) => make('th', { scope: 'col' }, text)));
  const rows = labels.map((label) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, label),
      make('td', {}, String(count(training, label))),
      make('td', {}, String(count(heldOut, label))),
    ),
  );
  find('counts').replaceChildren(make('thead', {}, head), make('tbody', {}, ...rows));
  const few = labels.map((label) => training.find((sample) => sample.label === label)).filter(Boolean);
  const show = ({ input, label }) => `${shorten(writeInput(input), 40)} → ${label}`;
  find('examples').textContent = `For example: ${few.slice(0, 3).map(show).join('; ')}`;
}

/** Shows why a text was not taken; `takeRest` is called where the person takes the samples that are right. */
export function showProblems({ problems, fatal, samples }, takeRest) {
  const more = problems.length - MOST_PROBLEMS;
  const shown = [...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`… and ${more} more`] : [])];
  if (fatal !== undefined) shown.push(fatal);
  const list = make('ul', {}, ...shown.map((problem) => make('li', {}, problem)));
  find('own-problems').replaceChildren(make('p', {}, 'This was not taken:'), list);
  if (fatal === undefined) {
    const text = `Take the other ${plural(samples.length, 'sample')}`;
    const rest = make('button', { type: 'button', id: 'own-rest' }, text);
    rest.addEventListener('click', takeRest);
    find('own-problems').append(rest);
  }
}

export function clearProblems() {
  find('own-problems').replaceChildren();
}
