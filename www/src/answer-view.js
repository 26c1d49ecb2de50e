// The answer to the typed input: the probability of each label, and the way through the network, step by step.

import { find, make } from './elements.js';
import { readInput, writeInput } from './input.js';
import { reasons } from './reasons.js';
import { TimelineView } from './timeline-view.js';
import { percent } from './wording.js';

/** Longest input that is drawn step by step. */
const MOST_STEPS = 2000;

export class AnswerView {
  #timeline = new TimelineView();
  #data = null;
  #classifier = null;
  /** The input that the timeline shows, and its number of steps; null while it shows none. */
  #drawn = null;

  constructor() {
    find('try').addEventListener('input', () => this.#drawAll());
    find('try-other').addEventListener('click', () => {
      const { evaluation } = this.#data;
      this.ask(evaluation[Math.floor(Math.random() * evaluation.length)].input);
    });
  }

  /** Takes other data, and the first of their evaluation samples as the input. */
  useData(data) {
    this.#data = data;
    find('try-label').textContent = data.kind === 'text' ? 'Text' : 'Series: steps with commas between them';
    find('try').value = writeInput(data.evaluation[0].input);
  }

  clear() {
    this.#classifier = this.#drawn = null;
    find('classes').replaceChildren();
    find('try-note').textContent = 'Probabilities appear once the training has begun.';
  }

  /** Shows the answers of a classifier that has a network. */
  show(classifier) {
    this.#classifier = classifier;
    this.#timeline.show(classifier.network, classifier.labels);
    this.#drawAll();
  }

  /** Types an input for the person. */
  ask(input) {
    find('try').value = writeInput(input);
    this.#drawAll();
  }

  #drawAll() {
    this.draw();
    this.drawReasons();
  }

  /** Draws what the network says, and how. */
  draw() {
    const classifier = this.#classifier;
    if (classifier === null) return;
    this.#drawn = null;
    const { input, problem } = readInput(find('try').value, this.#data);
    find('try-note').textContent = problem ?? '';
    if (problem !== undefined) return;
    try {
      this.#drawProbabilities(classifier.classify(input));
      const { encoder } = classifier;
      const steps = encoder.encode(input);
      if (steps.length <= MOST_STEPS) {
        this.#timeline.draw(steps, encoder.parts(input), classifier.labels);
        this.#drawn = { input, steps: steps.length };
      } else find('try-note').textContent = `${steps.length} steps: more than can be drawn.`;
    } catch (error) {
      find('try-note').textContent = error.message;
    }
  }

  /** Draws why it says so: work of its own, which a frame that draws the rest has no time for. */
  drawReasons() {
    if (this.#drawn === null) return;
    try {
      this.#timeline.drawReasons(reasons(this.#classifier, this.#drawn.input, this.#drawn.steps));
    } catch (error) {
      find('try-note').textContent = error.message;
    }
  }

  #drawProbabilities({ label: winner, probabilities }) {
    const { labels } = this.#classifier;
    const host = find('classes');
    if (host.children.length !== 3 * labels.length) {
      const rows = labels.flatMap((label) => {
        const meter = make('meter', { ariaLabel: `probability of ${label}` });
        return [make('dt', {}, label), make('dd', {}, meter), make('dd')];
      });
      host.replaceChildren(...rows);
    }
    labels.forEach((label, index) => {
      const [term, bar, value] = [0, 1, 2].map((offset) => host.children[3 * index + offset]);
      term.classList.toggle('winner', label === winner);
      bar.firstChild.value = probabilities[label];
      value.textContent = percent(probabilities[label]);
    });
  }
}
