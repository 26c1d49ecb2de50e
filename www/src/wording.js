// Numbers, counts and long texts as a person reads them.

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** A change of a probability, in points of a hundred. */
export const points = (change) => `${change < 0 ? '' : '+'}${(100 * change).toFixed(1)} points`;

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A time to wait, in milliseconds, to the second or the minute above. */
export const duration = (ms) => (ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`);

/** The start of a text that is longer than `most` characters. */
export const shorten = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);
