// The model that the settings describe: its picture, and the code that trains it.

import { code } from './code.js';
import { find } from './elements.js';
import { picture } from './picture.js';
import { fields } from './settings.js';
import { currentSettings } from './settings-form.js';

export function showModel(data) {
  const settings = currentSettings();
  const step = fields.encoder.options[settings.encoder];
  // A window is of rows; texts have none.
  const window = data.kind === 'series' ? settings.window : 1;
  find('picture').replaceChildren(picture({ ...settings, window, step }, data.labels));
  find('code').value = code(settings, data);
}
