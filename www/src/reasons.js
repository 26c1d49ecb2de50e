// Why the classifier says what it says, for the strip of the timeline.

/** Longest input that is explained by integrated gradients, which take some fifty passes; beyond, one gradient says it. */
const MOST_INTEGRATED = 300;

const utf8 = new TextEncoder();

/**
 * What each piece of an input did to the probability of its label: columns of equal width, each with a number per
 * channel. While a training runs, by the gradient alone, so that the page does not wait.
 */
export function reasons(classifier, input, steps) {
  const integrated = !classifier.network.busy && steps <= MOST_INTEGRATED;
  const { label, parts } = classifier.explain(input, { method: integrated ? 'integrated' : 'gradient' });
  // A character of several bytes has several steps.
  const byBytes = ['bits', 'bytes'].includes(classifier.encoder.toJSON().type);
  const columns = parts.flatMap(({ part, attribution, channels = [attribution] }) => {
    const width = byBytes ? utf8.encode(part).length : 1;
    return Array.from({ length: width }, () => ({ channels: channels.map((did) => did / width) }));
  });
  return { label, columns };
}

/** What the columns of a step did; a step may be a part of one. */
export function movedBy({ columns }, step, steps) {
  const from = Math.floor((step * columns.length) / steps);
  const to = Math.max(from + 1, Math.floor(((step + 1) * columns.length) / steps));
  const did = columns.slice(from, to).flatMap(({ channels }) => channels);
  return did.reduce((sum, value) => sum + value, 0);
}
