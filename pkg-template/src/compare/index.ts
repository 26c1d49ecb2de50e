// engram/compare: what it exports.

export type { Candidate, ComparedModel } from './candidates.js';
export { type Compared, type ComparedSample, type CompareOptions, type CompareProgress, compare } from './compare.js';
