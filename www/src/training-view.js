// What the page says of a training: how far it is, how it ended, and its curves.

import { Curves } from './curves.js';
import { find } from './elements.js';
import { duration, percent, plural } from './wording.js';

/** What the status begins with, by the reason why the run stopped; all other reasons are "Done". */
const endings = { aborted: 'Stopped', diverged: 'Diverged' };

export class TrainingView {
  #curves = new Curves();

  /** Shows that nothing of the data is learnt yet. */
  clear({ heldOut }) {
    this.#curves.start(heldOut.length > 0);
    find('progress').value = 0;
    find('status').textContent = 'Press Train.';
  }

  showProgress({ iteration, iterations, error, accuracy, perSecond, timeLeft }, history) {
    find('progress').max = iterations;
    find('progress').value = iteration;
    const left = Number.isFinite(timeLeft) ? `, ${duration(timeLeft)} left` : '';
    const score = iteration > 0 ? `loss ${error.toFixed(3)}, ${percent(accuracy)} right, ` : '';
    find('status').textContent =
      `Epoch ${iteration} of ${iterations}: ${score}${Math.round(perSecond)} sequences per second${left}.`;
    this.#curves.draw(history);
  }

  /** Shows the result of a run, and the accuracy on the evaluation samples. */
  showResult({ stopped, time, advice, iterations }, accuracy, { heldOut }) {
    document.body.dataset.accuracy = String(accuracy);
    const what = heldOut.length > 0 ? `${heldOut.length} held-out samples` : 'the samples';
    find('status').textContent =
      `${endings[stopped] ?? 'Done'} after ${plural(iterations, 'epoch')} and ${(time / 1000).toFixed(1)} s: ` +
      `${percent(accuracy)} of ${what} are right. ${advice ?? ''}`;
  }

  showFailure({ message }) {
    find('status').textContent = `Training failed: ${message}`;
  }
}
