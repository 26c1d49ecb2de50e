// What the page shows of a network: its weights, its answer to the typed input, and what it gets wrong.

import { AnswerView } from './answer-view.js';
import { darkScheme, find } from './elements.js';
import { MistakesView } from './mistakes-view.js';
import { Redrawing } from './redrawing.js';
import { WeightsView } from './weights-view.js';

export class NetworkView {
  #data = null;
  #classifier = null;
  #weights = new WeightsView();
  #answer = new AnswerView();
  #mistakes = new MistakesView(({ input }) => {
    this.#answer.ask(input);
    find('use-title').scrollIntoView({ block: 'nearest' });
  });
  #redrawing = new Redrawing([
    { every: 100, draw: () => this.#weights.draw() },
    { every: 250, draw: () => this.#answer.draw() },
    { every: 500, draw: () => this.#answer.drawReasons() },
    { every: 2000, draw: () => void this.#mistakes.update(this.#classifier, this.#data.evaluation) },
  ]);

  constructor() {
    darkScheme.addEventListener('change', () => this.#redrawing.drawAll());
  }

  useData(data) {
    this.#data = data;
    this.#answer.useData(data);
  }

  /** Shows a classifier's network from now on, at every change of its weights. */
  show(classifier) {
    this.#classifier = classifier;
    this.#weights.show(classifier.network);
    this.#answer.show(classifier);
    this.#redrawing.follow(classifier.network);
  }

  /** Shows at once what a training has come to. */
  showEnd() {
    this.#redrawing.hurry();
  }

  /** Lets the network go, before it is freed. */
  clear() {
    this.#classifier = null;
    this.#redrawing.follow(null);
    this.#answer.clear();
    this.#mistakes.clear();
  }
}
