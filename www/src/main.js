// The start of the workbench: its parts are made, and joined to what the person does.

import { DataChoice } from './data-choice.js';
import { find } from './elements.js';
import { isolate } from './isolation.js';
import { offerResume } from './resume-offer.js';
import { defaults } from './settings.js';
import { fillSettings, onSettings } from './settings-form.js';
import { showIsolation } from './sharing.js';
import { offerTakeHome } from './take-home.js';
import { Workbench } from './workbench.js';

isolate();
const workbench = new Workbench();
const dataChoice = new DataChoice(workbench);
onSettings(() => workbench.changeModel());
find('train').addEventListener('click', () => workbench.train());
find('pause').addEventListener('click', () => workbench.togglePause());
find('stop').addEventListener('click', () => workbench.training.stop());
find('reset').addEventListener('click', () => workbench.reset());
offerTakeHome(workbench);

fillSettings({ ...defaults, threads: Math.max(1, Math.min(2, (navigator.hardwareConcurrency ?? 1) - 1)) });
dataChoice.useBuiltIn('names-bits');
showIsolation();
void offerResume(workbench, dataChoice);
