// The offer to go on with a training that a reload has interrupted.

import { find } from './elements.js';
import { clearSession, loadSession } from './session.js';
import { fillSettings } from './settings-form.js';

export async function offerResume(workbench, dataChoice) {
  const interrupted = await loadSession();
  if (interrupted === undefined) return;
  const { settings, source, epoch } = interrupted.session;
  find('resume-text').textContent = `A training was interrupted after epoch ${epoch} of ${settings.epochs}.`;
  find('resume').hidden = false;
  find('resume-run').addEventListener('click', () => {
    find('resume').hidden = true;
    dataChoice.useSource(source);
    fillSettings(settings);
    void workbench.train(interrupted);
  });
  find('resume-forget').addEventListener('click', () => {
    find('resume').hidden = true;
    void clearSession();
  });
}
