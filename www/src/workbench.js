// The state of the page, and what can be done to it: the data, the classifier that learns them, its training.

import { ComparisonView } from './comparison-view.js';
import { showControls } from './controls.js';
import { showData } from './data-view.js';
import { fitOptions, makeClassifier } from './model.js';
import { showModel } from './model-view.js';
import { NetworkView } from './network-view.js';
import { settingsGiven } from './settings-form.js';
import { showSharing } from './sharing.js';
import { Training } from './training.js';
import { TrainingView } from './training-view.js';

/** A function that acts when it is called first. */
function once(act) {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

export class Workbench {
  /** The chosen set, prepared (data.js); null until the page has begun. */
  data = null;
  /** Null until a training begins or a model is loaded. */
  classifier = null;
  /** Null while no training runs. */
  training = null;
  /** What is needed to have the data again after a reload. */
  #source = null;
  #comparisonView = new ComparisonView();
  #networkView = new NetworkView();
  #trainingView = new TrainingView();

  /** Works on other data from now on; `source` is what a reload has them again from. */
  use(data, source) {
    this.data = data;
    this.#source = source;
    showData(data);
    this.#comparisonView.useData(data);
    this.#networkView.useData(data);
    this.reset();
  }

  /** Drops the classifier, and what it has learnt. */
  reset() {
    this.#networkView.clear();
    this.#trainingView.clear(this.data);
    this.classifier?.free();
    this.classifier = null;
    showModel(this.data);
    showControls(this);
  }

  /** Follows the settings: a classifier that was made by other settings is dropped. */
  changeModel() {
    if (this.classifier === null) showModel(this.data);
    else this.reset();
  }

  /** Takes a classifier that has learnt elsewhere. */
  adopt(classifier) {
    this.classifier = classifier;
    showControls(this);
    this.#networkView.show(classifier);
  }

  /** Trains a new classifier by the form's settings; `interrupted` is a saved session to go on from, if any. */
  async train(interrupted) {
    const settings = settingsGiven();
    if (settings === undefined) return;
    const { training, heldOut } = this.data;
    const options = {
      ...fitOptions(settings),
      ...(heldOut.length > 0 ? { validation: heldOut } : {}),
      ...(interrupted ? { resume: interrupted.checkpoint } : {}),
    };
    const session = { settings, source: this.#source };
    await this.#run(
      () => makeClassifier(settings, this.data),
      (told) => this.classifier.fit(training, { ...options, ...told }),
      { epochs: settings.epochs, session, interrupted },
    );
  }

  /** Goes on with a run that was packed, of a classifier for the data. */
  async goOn(pack) {
    await this.#run(
      () => pack.model,
      (told) => pack.train(told),
      { epochs: pack.iterations },
    );
  }

  /** Trains what `make` gives, by the run that `begin` gives, and shows it. */
  async #run(make, begin, options) {
    this.reset();
    const { data } = this;
    try {
      this.classifier = make();
      // Of many samples, encoding takes a while, and then the network is made: there is one when progress is told of.
      const show = once(() => {
        this.#networkView.show(this.classifier);
        showSharing(this.classifier.network);
      });
      this.training = new Training(begin, {
        ...options,
        onProgress: (progress, history) => {
          show();
          this.#trainingView.showProgress(progress, history);
        },
      });
      showControls(this);
      const result = await this.training.result();
      show();
      const { accuracy } = this.classifier.evaluate(data.evaluation);
      this.#trainingView.showResult(result, accuracy, data);
    } catch (error) {
      this.#trainingView.showFailure(error);
      if (this.classifier?.network === null) this.classifier = null;
    } finally {
      this.training = null;
      showControls(this);
      this.#networkView.showEnd();
    }
  }

  /** Pauses the training that runs, or resumes it. */
  togglePause() {
    if (this.training.paused) this.training.resume();
    else this.training.pause();
    showControls(this);
  }
}
