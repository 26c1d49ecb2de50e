// Series read row by row: the steps of a stream, and of whole series, are made here.

import type { Changes } from './changes.js';

/** What rows become. */
export interface RowCoding {
  readonly channels: number;
  /** Rows of a step. */
  readonly window: number;
  /** Rows from step to step. */
  readonly stride: number;
  /** Whether a step also says which values are there. */
  readonly masked: boolean;
  /** A value, or change, of a channel as the network reads it. */
  scaled(channel: number, value: number): number;
}

/** Reads the rows of a series, and says what step ends with the last of them. */
export class RowReader {
  readonly #coding: RowCoding;
  readonly #changes: Changes;
  /** The last rows, in a ring, NaN for gaps: (window, channels). */
  readonly #ring: Float64Array;
  /** A row on its way. */
  readonly #row: Float64Array;
  #rows: number;

  constructor(coding: RowCoding, changes: Changes, ring = new Float64Array(coding.window * coding.channels), rows = 0) {
    this.#coding = coding;
    this.#changes = changes;
    this.#ring = ring;
    this.#row = new Float64Array(coding.channels);
    this.#rows = rows;
  }

  /** The last value of each channel that was there; NaN before. */
  get lastValues(): Float64Array {
    return this.#changes.last;
  }

  /**
   * Takes a row, NaN for gaps: (channels).
   *
   * @throws RangeError for values that have no change; then the row was not taken. `fieldOf` names the row.
   */
  take(call: string, fieldOf: () => string, values: ArrayLike<number>): void {
    const { channels, window } = this.#coding;
    const row = this.#row;
    for (let channel = 0; channel < channels; channel++) row[channel] = values[channel] as number;
    this.#changes.take(call, fieldOf, row);
    const at = (this.#rows % window) * channels;
    for (let channel = 0; channel < channels; channel++) {
      const value = row[channel] as number;
      this.#ring[at + channel] = Number.isNaN(value) ? value : this.#coding.scaled(channel, value);
    }
    this.#rows++;
  }

  /** Whether the step that ends with the last row is also one of the series as it goes on. */
  get stays(): boolean {
    const first = this.#rows - this.#coding.window;
    return first >= 0 && first % this.#coding.stride === 0;
  }

  /** Writes the step that ends with the last row; before a whole window, copies of the first row are in front. */
  write(step: Float64Array | number[]): void {
    const { channels, window, masked } = this.#coding;
    const ring = this.#ring;
    for (let row = 0; row < window; row++) {
      const from = (Math.max(this.#rows - window + row, 0) % window) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const value = ring[from + channel] as number;
        const at = row * channels + channel;
        const gap = Number.isNaN(value);
        step[at] = gap ? 0 : value;
        if (masked) step[window * channels + at] = gap ? 0 : 1;
      }
    }
  }

  /** A reader that goes on from here on its own. */
  copy(): RowReader {
    return new RowReader(this.#coding, this.#changes.copy(), this.#ring.slice(), this.#rows);
  }
}
