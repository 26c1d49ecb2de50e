// One training from start to end: the run, its history, and the session that a reload goes on from.

import { clearSession, saveSession } from './session.js';

/** Epochs between checkpoints: about 30 in a whole run. */
const checkpointEvery = (epochs) => Math.max(1, Math.round(epochs / 30));

const emptyHistory = () => ({ epochs: [], loss: [], heldOutLoss: [], accuracy: [], heldOutAccuracy: [] });

/** The part of a history up to an epoch. */
function until(history, epoch) {
  const count = history.epochs.filter((known) => known <= epoch).length;
  return Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values.slice(0, count)]));
}

export class Training {
  history = emptyHistory();
  paused = false;
  #run;
  #session;
  #savable;

  /**
   * Starts: `begin(options)` gives the run of so many `epochs`. `session` is what a reload needs to go on, undefined for
   * a run that it cannot have again; `interrupted` is what {@link loadSession} gives; `onProgress(progress, history)` is
   * called as `fit` calls its own.
   */
  constructor(begin, { epochs, session, interrupted, onProgress }) {
    this.#session = session;
    this.#savable = session !== undefined;
    let first = true;
    const take = (progress) => {
      if (first && interrupted) this.history = until(interrupted.session.history, progress.iteration);
      first = false;
      this.#note(progress);
      onProgress(progress, this.history);
    };
    this.#run = begin({
      onProgress: take,
      checkpointEvery: checkpointEvery(epochs),
      onCheckpoint: (checkpoint) => this.#save(checkpoint),
    });
  }

  #note({ iteration, training, validation }) {
    const { epochs, loss, heldOutLoss, accuracy, heldOutAccuracy } = this.history;
    if (iteration === 0 || iteration <= (epochs.at(-1) ?? 0)) return;
    epochs.push(iteration);
    loss.push(training.error);
    accuracy.push(training.accuracy);
    heldOutLoss.push(validation?.error ?? null);
    heldOutAccuracy.push(validation?.accuracy ?? null);
  }

  async #save(checkpoint) {
    if (!this.#savable) return;
    const epoch = this.history.epochs.at(-1) ?? 0;
    this.#savable = await saveSession({ ...this.#session, history: this.history, epoch }, checkpoint);
  }

  pause() {
    this.paused = true;
    this.#run.pause();
    // A reload of the paused page goes on from this checkpoint. A run that has ended meanwhile needs none.
    this.#run.checkpoint().then(
      (checkpoint) => this.#save(checkpoint),
      () => {},
    );
  }

  resume() {
    this.paused = false;
    this.#run.resume();
  }

  /** The run as a file, while it goes on. */
  pack() {
    return this.#run.pack();
  }

  stop() {
    this.#run.abort();
  }

  /** How the run ended; rejects as the run does. */
  async result() {
    try {
      return await this.#run;
    } finally {
      this.#savable = false;
      await clearSession();
    }
  }
}
