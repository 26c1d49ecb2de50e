// Files of series, .ts and .arff, as the JSON that the page's own text field takes.

import { openArff, openTs } from 'engram/data';

const readers = { ts: openTs, arff: openArff };

/** The text of a file; one of series is rewritten. A file that can't be read so is a RangeError that names its line. */
export async function textOf(file) {
  const [, ending = ''] = /\.(\w+)$/.exec(file.name) ?? [];
  const open = readers[ending.toLowerCase()];
  if (open === undefined) return file.text();
  const entries = [];
  for await (const { input, label } of (await open(file.stream())).cases) {
    entries.push(JSON.stringify({ series: input, label }));
  }
  return `[\n${entries.join(',\n')}\n]`;
}
