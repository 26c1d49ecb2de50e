// Numbers as a pen writes them in one go, drawn by a seed: digits of straight and bent strokes in the manner of PenDigits
// (Alimoğlu and Alpaydın 1996), each of another size, slant and speed, with a shaking hand.

import { below } from './random.mjs';

/** The way of the pen through a box of height 1. */
const DIGITS = {
  0: [
    [0.5, 1],
    [0.15, 0.75],
    [0.15, 0.25],
    [0.5, 0],
    [0.85, 0.25],
    [0.85, 0.75],
    [0.5, 1],
  ],
  1: [
    [0.25, 0.75],
    [0.5, 1],
    [0.5, 0],
  ],
  2: [
    [0.1, 0.8],
    [0.5, 1],
    [0.85, 0.75],
    [0.1, 0],
    [0.9, 0],
  ],
  3: [
    [0.1, 0.9],
    [0.6, 1],
    [0.8, 0.75],
    [0.4, 0.55],
    [0.85, 0.3],
    [0.5, 0],
    [0.1, 0.1],
  ],
  4: [
    [0.5, 1],
    [0.1, 0.4],
    [0.9, 0.4],
    [0.65, 0.65],
    [0.65, 0],
  ],
  5: [
    [0.85, 1],
    [0.25, 1],
    [0.2, 0.6],
    [0.7, 0.6],
    [0.85, 0.3],
    [0.5, 0],
    [0.1, 0.1],
  ],
  6: [
    [0.7, 1],
    [0.25, 0.5],
    [0.2, 0.2],
    [0.5, 0],
    [0.8, 0.25],
    [0.5, 0.45],
    [0.2, 0.25],
  ],
  7: [
    [0.1, 1],
    [0.9, 1],
    [0.4, 0],
  ],
  8: [
    [0.5, 0.5],
    [0.2, 0.75],
    [0.5, 1],
    [0.8, 0.75],
    [0.5, 0.5],
    [0.2, 0.25],
    [0.5, 0],
    [0.8, 0.25],
    [0.5, 0.5],
  ],
  9: [
    [0.8, 0.75],
    [0.5, 1],
    [0.25, 0.75],
    [0.5, 0.55],
    [0.8, 0.75],
    [0.7, 0],
  ],
};

/** The pen's way for some digits: a row per step, how far it goes to the right and up, and how high it is. */
export function strokes(digits, random) {
  const between = (least, most) => least + (most - least) * random();
  const [slant, shake] = [between(-0.25, 0.25), between(0.01, 0.03)];
  const way = [];
  let left = 0;
  for (const digit of digits) {
    const [width, height, low] = [between(0.7, 1.1), between(0.8, 1.1), between(-0.1, 0.1)];
    for (const [x, y] of DIGITS[digit]) {
      way.push([left + (x + slant * y) * width + between(-0.04, 0.04), low + y * height + between(-0.04, 0.04)]);
    }
    left += width + between(0.1, 0.4);
  }
  const rows = [];
  let [x, y] = way[0];
  for (const [toX, toY] of way.slice(1)) {
    const count = Math.max(1, Math.round(Math.hypot(toX - x, toY - y) / between(0.25, 0.4)));
    const [startX, startY] = [x, y];
    for (let step = 1; step <= count; step++) {
      const nextX = startX + ((toX - startX) * step) / count + between(-shake, shake);
      const nextY = startY + ((toY - startY) * step) / count + between(-shake, shake);
      rows.push([nextX - x, nextY - y, nextY]);
      [x, y] = [nextX, nextY];
    }
  }
  return rows;
}

/** So many numbers of one to five digits, with how they are written. */
export function writtenNumbers(count, random) {
  return Array.from({ length: count }, () => {
    const output = Array.from({ length: 1 + below(random, 5) }, () => below(random, 10)).join('');
    return { input: strokes(output, random), output };
  });
}
