// The model that the settings describe: its picture, and the code that trains it.

import { code } from './code.js';
import { find } from './elements.js';
import { picture } from './picture.js';
import { fields } from './settings.js';
import { currentSettings } from './settings-form.js';

export function showModel(data) {
  const settings = currentSettings();
  const step = fields.encoder.options[settings.encoder];
  find('picture').replaceChildren(picture({ ...settings, step }, data.labels));
  find('code').value = code(settings, data);
}
