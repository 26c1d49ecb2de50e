// Elements of the page: how they are found, made, coloured, and given to the person as a file.

export const find = (id) => document.getElementById(id);

/** An element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Has the browser save a text, or bytes, as a file. */
export function download(name, content) {
  const type = name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
  const url = URL.createObjectURL(new Blob([content], { type }));
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Calls `take` with every file that the person chooses, one that was chosen before and has changed, too. */
export function onFile(id, take) {
  const input = find(id);
  // The browser tells of another choice only.
  input.addEventListener('click', () => {
    input.value = '';
  });
  input.addEventListener('change', () => {
    if (input.files.length > 0) take(input.files[0]);
  });
}

export const darkScheme = matchMedia('(prefers-color-scheme: dark)');

const probe = make('span', { hidden: true });
document.body.append(probe);

/** A colour of the style sheet; it depends on the colour scheme. */
export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** Sizes a canvas to the pixels it covers and clears it; gives its context and size in CSS pixels. */
export function prepareCanvas(canvas) {
  const scale = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  return { context, width, height };
}
