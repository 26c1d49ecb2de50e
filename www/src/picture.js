// A picture of the network: what goes in, the layers, what comes out.

import { readoutOf } from './model.js';

const NS = 'http://www.w3.org/2000/svg';

/** What pools the steps, in a word. */
const READ_OUTS = { mean: 'mean', max: 'largest', 'mean+max': 'mean, largest', attention: 'attention' };

function makeShape(tag, attributes, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Boxes from left to right, an arrow that returns on each recurrent one. */
export function picture(settings, labels) {
  const { step, variant, hidden, layers, window } = settings;
  const [both, readout] = [variant === 'bidirectional' ? '2 × ' : '', readoutOf(settings)];
  let seen = 1;
  const boxes = [
    { title: window > 1 ? `${window} rows` : step, note: 'each step' },
    ...JSON.parse(settings.convolution).map(({ filters, width, dilation }) => {
      seen += (width - 1) * dilation;
      return { title: `${filters} filters`, note: `of ${seen} steps` };
    }),
    ...Array.from({ length: layers }, () => ({
      title: `${both}${hidden} cells`,
      note: variant === 'gru' ? 'GRU' : 'LSTM',
      recurrent: true,
    })),
    ...(readout === 'last' ? [] : [{ title: READ_OUTS[readout], note: 'of all steps' }]),
    { title: `${labels.length} labels`, note: 'probabilities' },
  ];
  const [wide, tall, gap] = [124, 48, 26];
  const width = boxes.length * (wide + gap) - gap + 4;
  const said = boxes.map(({ title, note }) => `${title} (${note})`).join(', then ');
  const shapes = boxes.flatMap(({ title, note, recurrent }, index) => {
    const x = 2 + index * (wide + gap);
    const text = (y, content, className) =>
      makeShape('text', { x: x + wide / 2, y, 'text-anchor': 'middle', class: className }, content);
    const parts = [
      makeShape('rect', { x, y: 26, width: wide, height: tall, rx: 7, class: recurrent ? 'recurrent' : 'plain' }),
      text(47, title, 'title'),
      text(63, note, 'note'),
    ];
    if (index > 0) parts.push(makeShape('path', { d: `M${x - gap + 2} 50h${gap - 8}m-5-4l5 4l-5 4` }));
    if (recurrent) parts.push(makeShape('path', { d: `M${x + wide - 22} 26c4-26-64-26-60-3m-5-6l5 6l5-6` }));
    return parts;
  });
  const image = makeShape('svg', { viewBox: `0 0 ${width} 78`, role: 'img', 'aria-label': said }, ...shapes);
  image.style.maxWidth = `${width * 1.1}px`;
  return image;
}
