// The demo page: trains the names task in a worker and shows what happens inside.

import { classify, LANGUAGES, samples } from '/examples/names/task.mjs';
import { Architect, Trainer } from '/pkg/dist/engram.js';
import { drawCurve, drawMatrix } from './draw.js';

const find = (id) => document.getElementById(id);
const [variant, epochs, train, pause, stop] = ['variant', 'epochs', 'train', 'pause', 'stop'].map(find);
const [progressBar, status, curve, nameField] = ['progress', 'status', 'curve', 'name'].map(find);
const [classes, blockChoice, weights, scale] = ['classes', 'block', 'weights', 'scale'].map(find);

const names = await (await fetch('/examples/names/first-names.json')).json();
const { training, heldOut } = samples(names);
let network;
let run;
let errors = [];
let drawnVersion = -1;

function build() {
  network?.free();
  network = new Architect.LSTM(1, 32, LANGUAGES.length, { variant: variant.value, output: 'softmax' });
  const options = network.layout.blocks.map((block, index) => new Option(block.name, index));
  blockChoice.replaceChildren(...options);
  const widest = network.layout.blocks.findIndex((block) => block.columns > 8);
  blockChoice.value = String(Math.max(widest, 0));
  errors = [];
  drawnVersion = -1;
}

function showClasses() {
  const name = nameField.value.trim();
  if (name === '') return classes.replaceChildren();
  const probabilities = classify(network, name);
  const best = Math.max(...Object.values(probabilities));
  const rows = LANGUAGES.flatMap((language) => {
    const [term, bar, value] = ['dt', 'dd', 'dd'].map((tag) => document.createElement(tag));
    const meter = document.createElement('meter');
    meter.value = probabilities[language];
    meter.setAttribute('aria-label', `probability of ${language}`);
    term.textContent = language;
    term.classList.toggle('winner', probabilities[language] === best);
    value.textContent = `${(100 * probabilities[language]).toFixed(1)} %`;
    bar.append(meter);
    return [term, bar, value];
  });
  classes.replaceChildren(...rows);
}

/** Redraws from the shared view whenever the weights have changed. */
function frame() {
  if (network.version !== drawnVersion) {
    drawnVersion = network.version;
    const block = network.layout.blocks[Number(blockChoice.value)];
    const largest = drawMatrix(weights, network.memory.subarray(block.offset, block.offset + block.length), block);
    scale.textContent = `the strongest is ±${largest.toFixed(2)}.`;
    showClasses();
  }
  requestAnimationFrame(frame);
}

function setRunning(running) {
  train.disabled = running;
  variant.disabled = running;
  epochs.disabled = running;
  pause.disabled = !running;
  stop.disabled = !running;
  pause.textContent = 'Pause';
  document.body.dataset.running = String(running);
}

async function start() {
  build();
  setRunning(true);
  try {
    const trainer = new Trainer(network);
    const iterations = Math.max(1, Math.floor(Number(epochs.value)) || 60);
    progressBar.max = iterations;
    run = trainer.trainAsync(training, { iterations, rate: 0.01, error: 0 });
    for await (const { iteration, error, accuracy, examples, time } of run) {
      if (iteration > 0) errors[iteration - 1] = error;
      progressBar.value = iteration;
      const speed = Math.round((1000 * examples) / time);
      status.textContent = `Epoch ${iteration} of ${iterations}: error ${error.toFixed(3)}, ${(100 * accuracy).toFixed(1)} % right, ${speed} names per second.`;
      drawCurve(curve, errors, iterations);
    }
    const { stopped, time } = await run;
    const { accuracy } = trainer.test(heldOut);
    document.body.dataset.accuracy = String(accuracy);
    const why = stopped === 'aborted' ? 'Stopped' : 'Done';
    status.textContent = `${why} after ${(time / 1000).toFixed(1)} s: ${(100 * accuracy).toFixed(1)} % of ${heldOut.length} names that it had not seen are right.`;
  } catch (error) {
    status.textContent = `Training failed: ${error.message}`;
  } finally {
    showSharing();
    setRunning(false);
  }
}

function showSharing() {
  find('sharing').textContent = network.isShared
    ? 'The worker and this page share one memory.'
    : 'This page is not cross-origin isolated, so the worker has a copy of the memory and sends the weights every 50 ms.';
}

train.addEventListener('click', start);
stop.addEventListener('click', () => run.abort());
pause.addEventListener('click', () => {
  const paused = pause.textContent === 'Pause';
  if (paused) run.pause();
  else run.resume();
  pause.textContent = paused ? 'Resume' : 'Pause';
});
nameField.addEventListener('input', showClasses);
variant.addEventListener('change', build);
blockChoice.addEventListener('change', () => {
  drawnVersion = -1;
});

build();
showSharing();
setRunning(false);
frame();
