// What a page and a rocket's worker post to each other.

/** Series as the engine reads them. */
export interface FlatSeries {
  channels: number;
  /** Steps of each. */
  lengths: Uint32Array;
  /** Series after series, each channel after channel. */
  values: Float32Array;
}

/** The first message: the module and what is to be learnt from. */
export interface Setup {
  type: 'engram-rocket:setup';
  /** A `WebAssembly.Module`, by a name that projects without the DOM's types know. */
  module: object;
  series: FlatSeries;
}

/** The kernels of one dilation: to be drawn, and what they make of all series computed. */
export interface PartTask {
  kind: 'part';
  /** Place among the dilations. */
  place: number;
  /** Features of the dilations before. */
  first: number;
  dilation: number;
  /** Features of each kernel. */
  features: number;
  seed: number;
  /** Whether the products of the series with each other are asked for. */
  products: boolean;
}

/** What a {@link PartTask} gives. */
export interface PartAnswer {
  counts: Uint32Array;
  channels: Uint32Array;
  biases: Float32Array;
  gram: Float64Array;
}

/** Ridge regression on the sum of the products. */
export interface SolveTask {
  kind: 'solve';
  gram: Float64Array;
  labels: Uint32Array;
  classes: number;
}

/** What a {@link SolveTask} gives. */
export interface SolveAnswer {
  penalty: number;
  duals: Float64Array;
  intercepts: Float64Array;
  factor: number;
  right: number;
}

/** Weights of the features of a dilation that the same worker has computed. */
export interface WeightsTask {
  kind: 'weights';
  place: number;
  duals: Float64Array;
}

/** What a worker does. */
export type Task = PartTask | SolveTask | WeightsTask;

/** What it gives. */
export type Answer<T extends Task> = T extends PartTask ? PartAnswer : T extends SolveTask ? SolveAnswer : Float64Array;

/** From the page. */
export type ToRocketWorker = Setup | { type: 'engram-rocket:task'; task: Task };

/** From the worker: ready for tasks, or what came of one. */
export type FromRocketWorker =
  | { type: 'engram-rocket:ready' }
  | { type: 'engram-rocket:done'; answer: Answer<Task> }
  | { type: 'engram-rocket:failed'; name: string; message: string };
