// The tasks of a fit, in whichever thread they are done.

import { Fitting, Gram } from '../engine/generated/engram_rocket.js';
import type { Answer, FlatSeries, PartTask, SolveTask, Task, WeightsTask } from './protocol.js';

/** What one thread knows of a fit. */
export class Tasks {
  readonly #fitting: Fitting;

  /** The module must have been started. */
  constructor({ channels, lengths, values }: FlatSeries) {
    this.#fitting = new Fitting(channels, lengths, values);
  }

  /** Does a task; what it gives can be handed over. */
  do(task: Task): { answer: Answer<Task>; transfer: Transferable[] } {
    if (task.kind === 'part') return this.#part(task);
    if (task.kind === 'solve') return this.#solve(task);
    return this.#weights(task);
  }

  #part({ place, first, dilation, features, seed, products }: PartTask) {
    const part = this.#fitting.part(place, first, dilation, features, seed, products);
    const { counts, channels, biases, gram } = part;
    part.free();
    const buffers = [counts, channels, biases, gram].map(({ buffer }) => buffer as ArrayBuffer);
    return { answer: { counts, channels, biases, gram }, transfer: buffers };
  }

  #solve({ gram: products, labels, classes }: SolveTask) {
    const gram = new Gram(labels.length);
    try {
      gram.add(products);
      const found = gram.solve(labels, classes);
      const { penalty, duals, intercepts, factor, right } = found;
      found.free();
      return { answer: { penalty, duals, intercepts, factor, right }, transfer: [duals.buffer as ArrayBuffer] };
    } finally {
      gram.free();
    }
  }

  #weights({ place, duals }: WeightsTask) {
    const answer = this.#fitting.weights(place, duals);
    return { answer, transfer: [answer.buffer as ArrayBuffer] };
  }

  /** Gives the memory back. */
  free(): void {
    this.#fitting.free();
  }
}
