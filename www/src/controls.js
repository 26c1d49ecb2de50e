// Which of the page's controls can be used: other ones while a training runs, and once a classifier is there.

import { find } from './elements.js';
import { exchangeButtons } from './exchange.js';
import { lockSettings } from './settings-form.js';

export function showControls({ training, classifier }) {
  const running = training !== null;
  const busy = { train: running, pause: !running, stop: !running, reset: running || classifier === null };
  for (const [id, disabled] of Object.entries(busy)) find(id).disabled = disabled;
  find('train').textContent = classifier === null ? 'Train' : 'Train anew';
  find('pause').textContent = training?.paused ? 'Resume' : 'Pause';
  for (const id of ['set', 'own-use', 'own-file', 'load-model', 'load-pack']) find(id).disabled = running;
  find('save-pack').disabled = !running;
  for (const id of ['save-model', ...exchangeButtons]) find(id).disabled = !classifier?.network;
  lockSettings(running);
  document.body.dataset.running = String(running);
}
