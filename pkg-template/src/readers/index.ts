// engram/data: readers of files of series.

export { openArff, readArff } from './arff.js';
export type { OpenedSeries, SeriesCase, SeriesFile, SeriesHeader } from './file.js';
export type { Source } from './lines.js';
export { openTs, readTs } from './ts.js';
