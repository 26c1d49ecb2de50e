// An input as text: how one is written, and how one that is typed is read.

import { plural } from './wording.js';

export const writeInput = (input) =>
  typeof input === 'string' ? input : input.map((step) => [step].flat().join(' ')).join(', ');

/** { input } as the network of the data takes it, or { problem }: a sentence that says why the text is none. */
export function readInput(typed, { kind, channels, training }) {
  const text = typed.trim();
  if (text === '') return { problem: 'Type something.' };
  if (kind === 'text') {
    // A network that learnt from small letters only has never seen a capital.
    const small = !training.some(({ input }) => input !== input.toLowerCase());
    return { input: small ? text.toLowerCase() : text };
  }
  const steps = text.split(',').map((step) => step.trim().split(/\s+/).map(Number));
  const wrong = steps.findIndex((step) => step.length !== channels || !step.every(Number.isFinite));
  if (wrong >= 0) return { problem: `Step ${wrong + 1} should be ${plural(channels, 'number')}.` };
  return { input: steps };
}
