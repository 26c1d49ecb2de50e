// Numbers as colours: blue is negative, orange positive, which colour-blind eyes tell apart.

import { darkScheme } from './elements.js';

const NEGATIVE = [0, 114, 178];
const POSITIVE = [213, 94, 0];

/** The largest magnitude among numbers, and at least `least`. */
export function largestMagnitude(values, least) {
  let largest = least;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Draws (rows, columns) numbers, one pixel each (the style sheet makes the pixels large); `largest` is the magnitude of a full colour. */
export function drawHeatMap(canvas, rows, columns, valueAt, largest) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  const zero = darkScheme.matches ? 24 : 255;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = valueAt(row, column);
      const strength = Math.min(1, Math.abs(value) / largest);
      const full = value > 0 ? POSITIVE : NEGATIVE;
      for (let channel = 0; channel < 3; channel++) {
        image.data[at++] = zero + (full[channel] - zero) * strength;
      }
      image.data[at++] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Calls `show(row, column)` for the cell that is pointed at, or moved to with the arrow keys. */
export function watchCells(canvas, show) {
  let cell = [0, 0];
  const to = (row, column) => {
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    cell = [within(row, canvas.height), within(column, canvas.width)];
    show(...cell);
  };
  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    const { clientWidth, clientHeight, width, height } = canvas;
    to(Math.floor((offsetY / clientHeight) * height), Math.floor((offsetX / clientWidth) * width));
  });
  canvas.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    to(cell[0] + move[0], cell[1] + move[1]);
  });
}
