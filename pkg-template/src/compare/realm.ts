// The libraries of the realm, which the entry gives: models made here are those that the page's own classes know.

import type { RocketClassifier } from '../rocket/classifier.js';
import type { SequenceClassifier } from '../sequences/classifier.js';
import type { Encoder } from '../sequences/encoders/index.js';

/** What comparing needs of the libraries. */
export interface Libraries {
  Encoder: typeof Encoder;
  RocketClassifier: typeof RocketClassifier;
  SequenceClassifier: typeof SequenceClassifier;
}

let given: Libraries | undefined;

/** Gives the libraries. */
export function useLibraries(libraries: Libraries): void {
  given = libraries;
}

/** The libraries that were given. */
export function libraries(): Libraries {
  return given as Libraries;
}
