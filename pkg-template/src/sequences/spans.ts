// Stretches of steps that belong together, as tags say it step by step: B- begins one, I- goes on, others are outside
// (IOB2, Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999).

import { agreement } from './scores.js';

/** A stretch of steps. */
export interface Span {
  /** What it is: the tag without its `B-` or `I-`. */
  label: string;
  /** First step, from 0. */
  start: number;
  /** The step after the last. */
  end: number;
}

/** How well spans are found: right is what has label, start and end of one that there is. */
export interface SpanScores {
  /** Of the spans found, the share that is right; 0 where there are none. */
  precision: number;
  /** Of the spans that there are, the share that was found; 0 where there are none. */
  recall: number;
  /** Harmonic mean of both. */
  f1: number;
  /** How many there are. */
  count: number;
}

const TAG = /^([BI])-(.+)$/su;

/** Whether some tags say spans. */
export const saySpans = (tags: readonly unknown[]): boolean =>
  tags.some((tag) => typeof tag === 'string' && TAG.test(tag));

/** The spans of a list of tags; an `I-` that follows no tag of its kind begins one. */
export function spansOf(tags: readonly unknown[]): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  tags.forEach((tag, step) => {
    const [, place, label] = (typeof tag === 'string' && TAG.exec(tag)) || [];
    if (label === undefined) open = undefined;
    else if (place === 'I' && open?.label === label) open.end = step + 1;
    else {
      open = { label, start: step, end: step + 1 };
      spans.push(open);
    }
  });
  return spans;
}

/** Counts spans that were found, and that there are. */
export class SpanJudge {
  #right = 0;
  #got = 0;
  #count = 0;

  /** Takes the tags of a sequence, and those that it got. */
  take(tags: readonly unknown[], got: readonly unknown[]): void {
    const key = ({ label, start, end }: Span) => `${start} ${end} ${label}`;
    const there = new Set(spansOf(tags).map(key));
    const found = spansOf(got).map(key);
    this.#count += there.size;
    this.#got += found.length;
    this.#right += found.filter((span) => there.has(span)).length;
  }

  finish(): SpanScores {
    return agreement(this.#right, this.#got, this.#count);
  }
}
