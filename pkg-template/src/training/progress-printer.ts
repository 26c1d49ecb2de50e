// Tells a person at a console how a run goes: a bar on a terminal, lines elsewhere.

import type { Score } from '../worker/score.js';
import type { TrainingProgress } from './report.js';

/** The part of a Node stream that is used; browsers have none. */
interface Stream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const CELLS = 20;
/** Milliseconds between two lines, unless epochs are counted. */
const BETWEEN_LINES = 1000;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function scoreParts({ error, accuracy }: Score): string[] {
  const shown = `error ${error.toPrecision(4)}`;
  return accuracy === undefined ? [shown] : [shown, `accuracy ${percent(accuracy)}`];
}

/** One line on how a run goes. */
export function progressLine(progress: TrainingProgress): string {
  const { iteration, iterations, training, validation, perSecond, timeLeft } = progress;
  const parts = [`epoch ${iteration}/${iterations}`, ...scoreParts(training)];
  if (validation) parts.push(`held out: ${scoreParts(validation).join(', ')}`);
  parts.push(`${Math.round(perSecond)} samples/s`);
  if (iteration < iterations) parts.push(`${duration(timeLeft)} left`);
  return parts.join(', ');
}

function bar({ iteration, iterations }: TrainingProgress): string {
  const done = Math.round((CELLS * iteration) / iterations);
  return '█'.repeat(done) + '░'.repeat(CELLS - done);
}

/** Prints progress: every so many epochs, or about every second for `true`; on a terminal as a bar. */
export class ProgressPrinter {
  readonly #every: number | true;
  readonly #stream: Stream | undefined;
  #next = 0;
  #drawn = false;
  #last: TrainingProgress | undefined;

  constructor(
    every: number | true,
    stream: Stream | undefined = (globalThis as { process?: { stdout?: Stream } }).process?.stdout,
  ) {
    this.#every = every;
    this.#stream = stream?.isTTY ? stream : undefined;
  }

  /** Takes a report. */
  take(progress: TrainingProgress): void {
    this.#last = progress;
    if (this.#stream !== undefined) {
      const line = `${bar(progress)} ${progressLine(progress)}`;
      this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#drawn = true;
      return;
    }
    const position = this.#every === true ? progress.time : progress.iteration;
    if (position < this.#next) return;
    const step = this.#every === true ? BETWEEN_LINES : this.#every;
    this.#next = Math.floor(position / step) * step + step;
    console.log(progressLine(progress));
    this.#last = undefined;
  }

  /** Ends the line of the bar, or prints what the last report said. */
  end(): void {
    if (this.#drawn) this.#stream?.write('\n');
    else if (this.#last !== undefined && this.#stream === undefined) console.log(progressLine(this.#last));
  }
}
