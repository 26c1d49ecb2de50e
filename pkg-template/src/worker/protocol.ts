// Messages between the page and its workers. The prefix keeps them apart from others' where a
// bundler merges files.

import type { FlatSet } from '../data/flat-set.js';
import type { Run } from '../engine/core.js';
import type { Score, Stopped } from '../training/run.js';
import type { TrainingOptions } from '../training/trainer.js';

/** What a run is told; the engine's `train::Options`. */
export interface RunOptions {
  learner: 'online' | 'bptt';
  /** `null` where the page is asked at every iteration. */
  rate: number | number[] | null;
  iterations: number;
  error: number;
  shuffle: boolean;
  cost: 'CROSS_ENTROPY' | 'MSE' | 'BINARY' | null;
  hostCost: boolean;
  /** Samples at the end of the set. */
  heldOut: number;
  heldOutError: number;
  patience: number;
  scheduleEvery: number;
  checkpointEvery: number;
  logEvery: number;
  sequences: boolean;
  optimizer: NonNullable<TrainingOptions['optimizer']>;
  weightDecay: number;
  decay:
    | { type: 'none' }
    | { type: 'step'; every: number; factor: number }
    | { type: 'cosine'; floor: number }
    | { type: 'plateau'; patience: number; factor: number };
  warmUp: number;
  /** 0 for not. */
  truncate: number;
  memoryLimit: number;
  dropout: number;
  bucket: boolean;
  batchSize: number;
  clipNorm: number | null;
  precision: 'f32' | 'f64';
  seed: number;
}

/** A network and its data: by number where memory is shared, as copies where it is not. */
export type Cargo =
  | { parcel: number }
  | { program: BigUint64Array; memory: Float64Array; parameters: number; set: FlatSet };

/** What a page wants of a run. */
export type Control = 'abort' | 'pause' | 'resume' | 'checkpoint';

/** What the page sends. */
export type ToWorker =
  | {
      type: 'engram:boot';
      module: WebAssembly.Module;
      memory?: WebAssembly.Memory;
      limits: { initial: number; maximum: number };
    }
  | { type: 'engram:train'; run: number; cargo: Cargo; options: RunOptions; resume?: Uint8Array }
  | { type: 'engram:help'; parcel: number }
  /** Nothing more will come. */
  | { type: 'engram:close' }
  | { type: 'engram:control'; run: number; control: Control }
  | { type: 'engram:answer'; question: number; value?: unknown; error?: string }
  | {
      type: 'engram:step';
      step: number;
      /** Sent with the first step. */
      program?: BigUint64Array;
      memory: Float64Array;
      act: { activate: Float64Array } | { propagate: Float64Array; rate: number };
    };

/** A question of the run to the user's functions on the page. */
export type Question =
  | { about: 'rate'; iteration: number; lastError: number }
  | { about: 'cost'; outputs: Float64Array; steps: Uint32Array }
  | { about: 'schedule'; iteration: number; error: number; rate: number };

/** How far a run came: error and accuracy are those it is judged by, `training` on the samples trained on. */
export interface Outcome {
  iteration: number;
  error: number;
  accuracy: number;
  training: Score;
}

/** What a run that has ended says. */
export function outcomeOf(run: Run): Outcome {
  const [iteration = 0, error = 0, accuracy = 0, trainingError = 0, trainingAccuracy = 0] = run.outcome();
  return { iteration, error, accuracy, training: { error: trainingError, accuracy: trainingAccuracy } };
}

/** What a worker sends. */
export type FromWorker =
  | { type: 'engram:ready' }
  | { type: 'engram:helped'; parcel: number }
  | ({
      type: 'engram:progress';
      run: number;
      rate: number;
      examples: number;
      /** Weights and biases, where memory is not shared. */
      parameters?: Float64Array;
    } & Outcome)
  | { type: 'engram:checkpoint'; run: number; checkpoint: Uint8Array }
  | { type: 'engram:ask'; run: number; question: number; ask: Question }
  | ({ type: 'engram:done'; run: number; stopped: Stopped; memory: Float64Array } & Outcome)
  | { type: 'engram:stepped'; step: number; memory: Float64Array; output?: Float64Array }
  | { type: 'engram:failed'; run?: number; step?: number; name: string; message: string; stack?: string };

/** What the engine tells its host of a run's progress. */
export type HostProgress = [
  iteration: number,
  error: number,
  accuracy: number,
  rate: number,
  examples: number,
  trainingError: number,
  trainingAccuracy: number,
];
