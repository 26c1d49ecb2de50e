// What the person takes home, and brings back: the model, the run, the data, the code.

import { SequenceClassifier, unpack } from 'engram';

import { download, find, onFile } from './elements.js';
import { classifierFrom, offerExchange } from './exchange.js';
import { settingsOf } from './model.js';
import { fillSettings } from './settings-form.js';

/** Throws where a loaded classifier is not one for the data. */
function checkFit({ encoder, labels }, data) {
  const { type, channels: named = 0 } = encoder.toJSON();
  const channels = Array.isArray(named) ? named.length : named;
  const kind = type === 'numeric' ? 'series' : 'text';
  if (kind === data.kind && channels === data.channels && labels.join() === data.labels.join()) return;
  throw new RangeError(`it tells ${labels.join(', ')} apart, in ${kind}s; choose such data first`);
}

async function loadModel(file, workbench) {
  try {
    const isTensors = file.name.endsWith('.safetensors');
    const classifier = isTensors
      ? await classifierFrom(file, workbench.data)
      : SequenceClassifier.fromJSON(JSON.parse(await file.text()));
    try {
      checkFit(classifier, workbench.data);
    } catch (error) {
      classifier.free();
      throw error;
    }
    fillSettings(settingsOf(classifier));
    workbench.reset();
    if (classifier.network === null) throw new RangeError('it has not learnt anything yet');
    workbench.adopt(classifier);
    find('keep-note').textContent = `${file.name} is loaded: try it above.`;
  } catch (error) {
    find('keep-note').textContent = `${file.name} was not loaded: ${error.message}`;
  }
}

/** What a packed run is called. */
const PACK = 'engram-run.engram';

async function savePack(workbench) {
  try {
    download(PACK, await workbench.training.pack(), 'application/octet-stream');
    find('elsewhere').hidden = false;
    find('keep-note').textContent = 'The run is in the file as it stands, and goes on here. To go on elsewhere:';
  } catch (error) {
    find('keep-note').textContent = `The run was not packed: ${error.message}`;
  }
}

async function loadPack(file, workbench) {
  try {
    const pack = unpack(await file.arrayBuffer());
    try {
      if (!(pack.model instanceof SequenceClassifier)) throw new RangeError('it is no run of a classifier');
      checkFit(pack.model, workbench.data);
    } catch (error) {
      pack.model.free();
      throw error;
    }
    fillSettings({ ...settingsOf(pack.model), epochs: pack.iterations });
    find('keep-note').textContent = `${file.name} is loaded, and goes on.`;
    await workbench.goOn(pack);
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

export function offerTakeHome(workbench) {
  find('save-model').addEventListener('click', () => {
    download('engram-model.json', JSON.stringify(workbench.classifier));
  });
  find('save-pack').addEventListener('click', () => savePack(workbench));
  onFile('load-pack', (file) => loadPack(file, workbench));
  onFile('load-model', (file) => loadModel(file, workbench));
  find('save-data').addEventListener('click', () => {
    const { training, heldOut } = workbench.data;
    download('engram-data.json', JSON.stringify({ training, heldOut }));
  });
  find('copy-code').addEventListener('click', copyCode);
  offerExchange(workbench);
}
