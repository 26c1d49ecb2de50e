// The workbench: what the person does, and what is drawn when.

import { SequenceClassifier } from 'engram';

import { Curves } from './curves.js';
import { download, find, make } from './elements.js';
import { isolate } from './isolation.js';
import { MistakesView } from './mistakes-view.js';
import { code, defaults, fields, makeClassifier } from './model.js';
import { parse } from './parse.js';
import { picture } from './picture.js';
import { clearSession, loadSession } from './session.js';
import { builtIn, prepare } from './sets.js';
import {
  currentSettings,
  fillSettings,
  lockSettings,
  offerEncoders,
  onSettings,
  settingsGiven,
} from './settings-form.js';
import { TimelineView } from './timeline-view.js';
import { emptyHistory, Training } from './training.js';
import { WeightsView } from './weights-view.js';
import { duration, percent, plural, shorten } from './wording.js';

const OWN = 'own';
/** Milliseconds between drawings of the weights, of the input's way, of the mistakes. */
const EVERY = { weights: 100, input: 250, mistakes: 2000 };
/** Longest input that is followed step by step. */
const MOST_STEPS = 2000;

const curves = new Curves();
const weights = new WeightsView();
const timeline = new TimelineView();
const mistakes = new MistakesView((sample) => {
  find('try').value = written(sample.input);
  showInput();
  find('use-title').scrollIntoView({ block: 'nearest' });
});

let data;
/** What is needed to have the data again after a reload. */
let source;
let classifier = null;
let training = null;
let history = emptyHistory();
const drawn = { weights: -1, input: -1, mistakes: -1 };
const drawnAt = { weights: 0, input: 0, mistakes: 0 };

const written = (input) =>
  typeof input === 'string' ? input : input.map((step) => [step].flat().join(' ')).join(', ');

// Data

function showData() {
  find('set-about').textContent = data.about;
  const { training: trained, heldOut, labels } = data;
  const count = (samples, label) => samples.filter((sample) => sample.label === label).length;
  const head = make('tr', {}, ...['label', 'trained on', 'held out'].map((text) => make('th', { scope: 'col' }, text)));
  const rows = labels.map((label) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, label),
      make('td', {}, String(count(trained, label))),
      make('td', {}, String(count(heldOut, label))),
    ),
  );
  find('counts').replaceChildren(make('thead', {}, head), make('tbody', {}, ...rows));
  const few = labels.map((label) => trained.find((sample) => sample.label === label)).filter(Boolean);
  const show = ({ input, label }) => `${shorten(written(input), 40)} → ${label}`;
  find('examples').textContent = `For example: ${few.slice(0, 3).map(show).join('; ')}`;
  find('try-label').textContent = data.kind === 'text' ? 'Text' : 'Series: steps with commas between them';
}

/** Takes a set to work on; the network is built anew. */
function useData(next, nextSource, settings = {}) {
  data = next;
  source = nextSource;
  find('set').value = data.id;
  offerEncoders(data.kind);
  fillSettings({ ...currentSettings(), ...settings });
  showData();
  find('try').value = written((data.heldOut[0] ?? data.training[0]).input);
  rebuild();
}

function useBuiltIn(id) {
  const set = builtIn[id];
  useData(prepare(id, { ...set, samples: set.samples() }), { set: id }, set.settings);
}

function useParsed({ kind, samples }, text) {
  const about = `Your own: ${plural(samples.length, 'sample')}.`;
  find('own-problems').replaceChildren();
  find('set').querySelector(`[value=${OWN}]`).disabled = false;
  useData(prepare(OWN, { title: 'your own', about, kind, samples }), { text });
  find('status').textContent =
    `${plural(samples.length, 'sample')} of ${plural(data.labels.length, 'label')}. Press Train.`;
}

function takeOwn(text) {
  const parsed = parse(text);
  const { problems, fatal, samples } = parsed;
  if (problems.length === 0 && fatal === undefined) return useParsed(parsed, text);
  const shown = [...problems.slice(0, 5), ...(problems.length > 5 ? [`… and ${problems.length - 5} more`] : [])];
  if (fatal !== undefined) shown.push(fatal);
  const list = make('ul', {}, ...shown.map((problem) => make('li', {}, problem)));
  find('own-problems').replaceChildren(make('p', {}, 'This was not taken:'), list);
  if (fatal === undefined) {
    const rest = make(
      'button',
      { type: 'button', id: 'own-rest' },
      `Take the other ${plural(samples.length, 'sample')}`,
    );
    rest.addEventListener('click', () => useParsed(parsed, text));
    find('own-problems').append(rest);
  }
}

// Network

function showModel() {
  find('picture').replaceChildren(
    picture({ ...currentSettings(), step: fields.encoder.options[currentSettings().encoder] }, data.labels),
  );
  find('code').value = code(currentSettings(), data);
}

/** Forgets what was learnt: another set, or other settings. */
function rebuild() {
  classifier?.free();
  classifier = null;
  history = emptyHistory();
  curves.start(data.heldOut.length > 0);
  curves.draw(history);
  mistakes.clear();
  find('progress').value = 0;
  find('status').textContent = 'Press Train.';
  find('classes').replaceChildren();
  find('try-note').textContent = 'Probabilities appear once the training has begun.';
  showModel();
  setButtons();
}

function showNetwork() {
  const { network } = classifier;
  weights.show(network);
  timeline.show(network, classifier.labels);
  for (const what of Object.keys(drawn)) drawn[what] = -1;
  showInput();
}

// Training

function setButtons() {
  const running = training !== null;
  const busy = { train: running, pause: !running, stop: !running, reset: running || classifier === null };
  for (const [id, disabled] of Object.entries(busy)) find(id).disabled = disabled;
  find('train').textContent = classifier === null ? 'Train' : 'Train anew';
  find('pause').textContent = training?.paused ? 'Resume' : 'Pause';
  for (const id of ['set', 'own-use', 'own-file', 'load-model']) find(id).disabled = running;
  find('save-model').disabled = !classifier?.network;
  lockSettings(running);
  document.body.dataset.running = String(running);
}

function showSharing() {
  const { isShared } = classifier.network;
  const why = globalThis.crossOriginIsolated
    ? 'the page is cross-origin isolated'
    : 'the page is not cross-origin isolated (it came without the headers COOP and COEP)';
  find('sharing').textContent = isShared
    ? 'Memory is shared: the worker trains on the very numbers that this page reads.'
    : `Memory is copied: ${why}, so the worker sends the weights about every 50 ms.`;
}

function showProgress({ iteration, iterations, error, accuracy, perSecond, timeLeft }) {
  find('progress').max = iterations;
  find('progress').value = iteration;
  const left = Number.isFinite(timeLeft) ? `, ${duration(timeLeft)} left` : '';
  const score = iteration > 0 ? `loss ${error.toFixed(3)}, ${percent(accuracy)} right, ` : '';
  find('status').textContent =
    `Epoch ${iteration} of ${iterations}: ${score}${Math.round(perSecond)} sequences per second${left}.`;
  history = training?.history ?? history;
  curves.draw(history);
}

const endings = {
  aborted: 'Stopped',
  iterations: 'Done',
  error: 'Done',
  patience: 'Done',
  diverged: 'Diverged',
};

async function train(interrupted) {
  const settings = settingsGiven();
  if (settings === undefined) return;
  rebuild();
  try {
    classifier = makeClassifier(settings, data);
    training = new Training(classifier, data, { settings, source, interrupted, onProgress: showProgress });
    setButtons();
    const result = training.result();
    // A run that was refused has made no network, and says why.
    if (classifier.network === null) await result;
    showNetwork();
    showSharing();
    const { stopped, time, advice, iterations } = await result;
    const { accuracy } = classifier.evaluate(data.heldOut.length > 0 ? data.heldOut : data.training);
    document.body.dataset.accuracy = String(accuracy);
    const what = data.heldOut.length > 0 ? `${data.heldOut.length} held-out samples` : 'the samples';
    find('status').textContent =
      `${endings[stopped] ?? 'Done'} after ${plural(iterations, 'epoch')} and ${(time / 1000).toFixed(1)} s: ` +
      `${percent(accuracy)} of ${what} are right. ${advice ?? ''}`;
  } catch (error) {
    find('status').textContent = `Training failed: ${error.message}`;
    if (classifier?.network === null) classifier = null;
  } finally {
    training = null;
    setButtons();
    drawnAt.mistakes = 0;
  }
}

async function offerResume() {
  const interrupted = await loadSession();
  if (interrupted === undefined) return;
  const { session } = interrupted;
  find('resume-text').textContent =
    `A training was interrupted after epoch ${session.epoch} of ${session.settings.epochs}.`;
  find('resume').hidden = false;
  find('resume-run').addEventListener('click', () => {
    find('resume').hidden = true;
    if (session.source.text !== undefined) useParsed(parse(session.source.text), session.source.text);
    else useBuiltIn(session.source.set);
    fillSettings(session.settings);
    void train(interrupted);
  });
  find('resume-forget').addEventListener('click', () => {
    find('resume').hidden = true;
    void clearSession();
  });
}

// Looking inside

/** What is typed, as the network takes it; a sentence where it can't. */
function typedInput() {
  const text = find('try').value.trim();
  if (text === '') return 'Type something.';
  if (data.kind === 'text') {
    // Who learnt from small letters only has never seen a capital.
    const small = !data.training.some(({ input }) => input !== input.toLowerCase());
    return { input: small ? text.toLowerCase() : text };
  }
  const steps = text.split(',').map((step) => step.trim().split(/\s+/).map(Number));
  const wrong = steps.findIndex((step) => step.length !== data.channels || !step.every(Number.isFinite));
  if (wrong >= 0) return `Step ${wrong + 1} should be ${plural(data.channels, 'number')}.`;
  return { input: steps };
}

/** What a step, or a group of steps, stands for. */
function symbolsOf(input, steps) {
  const { encoder } = currentSettings();
  if (typeof input !== 'string') return steps.map((_, index) => String(index + 1));
  if (encoder === 'words') return input.toLowerCase().match(/[\p{L}\p{N}]+/gu);
  if (encoder === 'characters') return [...input];
  // Bits and bytes of letters that take several bytes: the letter stands at each of them.
  return [...input].flatMap((letter) => new Array(new TextEncoder().encode(letter).length).fill(letter));
}

function showClasses(probabilities) {
  const host = find('classes');
  if (host.children.length !== 3 * classifier.labels.length) {
    const rows = classifier.labels.flatMap((label) => {
      const meter = make('meter', { ariaLabel: `probability of ${label}` });
      return [make('dt', {}, label), make('dd', {}, meter), make('dd')];
    });
    host.replaceChildren(...rows);
  }
  const best = Math.max(...Object.values(probabilities));
  classifier.labels.forEach((label, index) => {
    const [term, bar, value] = [0, 1, 2].map((offset) => host.children[3 * index + offset]);
    term.classList.toggle('winner', probabilities[label] === best);
    bar.firstChild.value = probabilities[label];
    value.textContent = percent(probabilities[label]);
  });
}

function showInput() {
  if (!classifier?.network) return;
  const typed = typedInput();
  const wrong = typeof typed === 'string';
  find('try-note').textContent = wrong ? typed : '';
  if (wrong) return;
  try {
    const { input } = typed;
    showClasses(classifier.classify(input).probabilities);
    const steps = classifier.encoder.encode(input);
    if (steps.length <= MOST_STEPS) timeline.draw(steps, symbolsOf(input, steps), classifier.labels);
    else find('try-note').textContent = `${steps.length} steps: more than can be drawn.`;
  } catch (error) {
    find('try-note').textContent = error.message;
  }
}

const draw = {
  weights: () => weights.draw(),
  input: showInput,
  mistakes: () => void mistakes.update(classifier, data.heldOut.length > 0 ? data.heldOut : data.training),
};

/** Draws what is behind the weights, one thing a frame, each as often as it needs. */
function frame(now) {
  if (classifier?.network) {
    const { version } = classifier.network;
    const due = Object.keys(draw).find((what) => drawn[what] !== version && now - drawnAt[what] >= EVERY[what]);
    if (due !== undefined) {
      drawn[due] = version;
      drawnAt[due] = now;
      draw[due]();
    }
  }
  requestAnimationFrame(frame);
}

// Taking it home

async function loadModel(file) {
  try {
    const loaded = SequenceClassifier.fromJSON(JSON.parse(await file.text()));
    const { type, channels = 0 } = loaded.encoder.toJSON();
    const kind = type === 'numeric' ? 'series' : 'text';
    const labels = loaded.labels.join();
    if (kind !== data.kind || channels !== data.channels || labels !== data.labels.join()) {
      loaded.free();
      throw new RangeError(`it tells ${loaded.labels.join(', ')} apart, in ${kind}s; choose such data first`);
    }
    const variant = loaded.bidirectional ? 'bidirectional' : loaded.variant;
    const encoder = { oneHot: 'characters', tokens: 'words' }[type] ?? type;
    const { hidden, dropout, seed } = loaded;
    fillSettings({ encoder, variant, hidden: hidden[0], layers: hidden.length, dropout, seed });
    rebuild();
    if (loaded.network === null) throw new RangeError('it has not learnt anything yet');
    classifier = loaded;
    setButtons();
    showNetwork();
    find('keep-note').textContent = `${file.name} is loaded: try it above.`;
  } catch (error) {
    find('keep-note').textContent = `${file.name} was not loaded: ${error.message}`;
  }
}

async function copyCode() {
  try {
    await navigator.clipboard.writeText(find('code').value);
    find('keep-note').textContent = 'The code is in the clipboard.';
  } catch {
    find('code').select();
    find('keep-note').textContent = 'The browser keeps its clipboard closed; the code is selected, copy it by hand.';
  }
}

// What the person can do

const own = make('option', { value: OWN, text: 'Your own', disabled: true });
find('set').append(...Object.entries(builtIn).map(([value, { title }]) => make('option', { value, text: title })), own);
find('set').addEventListener('change', ({ target }) => {
  if (target.value !== OWN) useBuiltIn(target.value);
  else takeOwn(find('own-text').value);
});
find('own-use').addEventListener('click', () => takeOwn(find('own-text').value));

/** Takes the first of some files, for a look in the text field too. */
async function takeFile([file]) {
  if (file === undefined || training !== null) return;
  find('own').open = true;
  const text = await file.text();
  find('own-text').value = text.length > 100_000 ? '' : text;
  takeOwn(text);
}
find('own-file').addEventListener('change', ({ target }) => takeFile(target.files));
for (const kind of ['dragover', 'drop']) document.addEventListener(kind, (event) => event.preventDefault());
document.addEventListener('drop', ({ dataTransfer }) => takeFile(dataTransfer.files));

onSettings(() => (classifier === null ? showModel() : rebuild()));
find('train').addEventListener('click', () => train());
find('pause').addEventListener('click', () => {
  if (training.paused) training.resume();
  else training.pause();
  setButtons();
});
find('stop').addEventListener('click', () => training.stop());
find('reset').addEventListener('click', rebuild);
find('try').addEventListener('input', showInput);
find('try-other').addEventListener('click', () => {
  const samples = data.heldOut.length > 0 ? data.heldOut : data.training;
  find('try').value = written(samples[Math.floor(Math.random() * samples.length)].input);
  showInput();
});
find('save-model').addEventListener('click', () => download('engram-model.json', JSON.stringify(classifier)));
find('load-model').addEventListener('change', ({ target }) => loadModel(target.files[0]));
find('save-data').addEventListener('click', () => {
  const { training: trained, heldOut } = data;
  download('engram-data.json', JSON.stringify({ training: trained, heldOut }));
});
find('copy-code').addEventListener('click', copyCode);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  curves.start(data.heldOut.length > 0);
  curves.draw(history);
  for (const what of Object.keys(drawn)) drawn[what] = -1;
});

isolate();
fillSettings({ ...defaults, threads: Math.max(1, Math.min(2, (navigator.hardwareConcurrency ?? 1) - 1)) });
useBuiltIn('names-bits');
find('sharing').textContent = globalThis.crossOriginIsolated
  ? 'The page is cross-origin isolated: it will share its memory with the worker.'
  : 'The page is not cross-origin isolated: the worker may have to work on a copy of the memory.';
requestAnimationFrame(frame);
void offerResume();
