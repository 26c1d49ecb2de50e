// The form of the settings: its fields, and their values as they are given and taken.

import { find, make } from './elements.js';
import { encodersOf, fields } from './settings.js';

const form = find('settings');
const inputs = {};

for (const [name, { label, options, ...limits }] of Object.entries(fields)) {
  const input = options
    ? make('select', { name }, ...Object.entries(options).map(([value, text]) => make('option', { value, text })))
    : make('input', { name, type: 'number', required: true, ...limits });
  inputs[name] = input;
  form.append(make('label', {}, label, ' ', input));
}
form.addEventListener('submit', (event) => event.preventDefault());

/** The settings; undefined, with the browser's message shown, where one is out of its limits. */
export function settingsGiven() {
  if (!form.reportValidity()) return undefined;
  return currentSettings();
}

/** The settings as they are typed, right or wrong. */
export function currentSettings() {
  const values = Object.entries(inputs).map(([name, { value }]) => [
    name,
    fields[name].options ? value : Number(value),
  ]);
  return Object.fromEntries(values);
}

export function fillSettings(settings) {
  for (const [name, value] of Object.entries(settings)) {
    const input = inputs[name];
    input.value = String(value);
    // A model from a file may have what the form does not offer.
    if (fields[name].options && input.value !== value) input.append(make('option', { value, text: 'as in the file' }));
    input.value = String(value);
  }
}

/** Offers what fits a kind of data only: encoders, and windows of series. */
export function offerEncoders(kind) {
  inputs.window.parentElement.hidden = kind !== 'series';
  const fitting = encodersOf(kind);
  for (const option of inputs.encoder.options) option.hidden = option.disabled = !fitting.includes(option.value);
  if (!fitting.includes(inputs.encoder.value)) inputs.encoder.value = fitting[0];
}

export function lockSettings(locked) {
  for (const input of Object.values(inputs)) input.disabled = locked;
}

/** Calls `changed` at every change that the person makes. */
export function onSettings(changed) {
  form.addEventListener('input', changed);
}
