// Messages between the page and its workers. The prefix keeps them apart from others' where a
// bundler merges files.

import type { RunSets } from '../data/flat-set.js';
import type { RunOptions, Stopped } from '../engine/generated/tables.js';
import type { Score } from './score.js';

/** A network and its sets: by number where memory is shared, as copies where it is not. */
export type Cargo =
  | { parcel: number }
  | ({ program: BigUint64Array; memory: Float64Array; parameters: number } & RunSets);

/** What a page wants of a run. */
export type Control = 'abort' | 'pause' | 'resume' | 'checkpoint';

/** A network for single steps: by number where memory is shared; as copies (the program once) where it is not. */
export type StepCargo = { loan: number } | { program?: BigUint64Array; memory: Float64Array };

/** A single step. */
export type Act = { activate: Float64Array } | { propagate: Float64Array; rate: number };

/** What the page sends. */
export type ToWorker =
  | {
      type: 'engram:boot';
      module: WebAssembly.Module;
      memory?: WebAssembly.Memory;
      limits: { initial: number; maximum: number };
    }
  | {
      type: 'engram:train';
      run: number;
      cargo: Cargo;
      options: RunOptions;
      resume?: Uint8Array;
      /** The run is to end before it has changed anything. */
      aborted: boolean;
    }
  | { type: 'engram:help'; parcel: number }
  /** Nothing more will come. */
  | { type: 'engram:close' }
  | { type: 'engram:control'; run: number; control: Control }
  | { type: 'engram:answer'; question: number; value?: unknown; error?: string }
  | { type: 'engram:step'; step: number; cargo: StepCargo; act: Act };

/** A question of the run to the user's functions on the page. */
export type Question =
  | { about: 'rate'; iteration: number; lastError: number }
  /** `steps` are those of the held-out set where there is one, else of the set. */
  | { about: 'cost'; outputs: Float64Array; steps: Uint32Array }
  | { about: 'schedule'; iteration: number; error: number; rate: number };

/** How far a run came: error and accuracy are those it is judged by, `training` on the samples trained on. */
interface Reached extends Score {
  iteration: number;
  training: Score;
}

/** How a run ended. */
export interface Outcome extends Reached {
  /** Error of the best constant answer on the samples trained on, if there is such a number. */
  baseline?: number;
  /** The errors of the last iterations went up and down, far above the best one. */
  swings: boolean;
}

/** How a run goes. */
export interface Report extends Reached {
  rate: number;
  /** Samples trained on, modulo 2^32. */
  examples: number;
}

/** What a worker sends. */
export type FromWorker =
  | { type: 'engram:ready' }
  | { type: 'engram:helped'; parcel: number }
  | ({
      type: 'engram:progress';
      run: number;
      /** Weights and biases, where memory is not shared. */
      parameters?: Float64Array;
    } & Report)
  | { type: 'engram:checkpoint'; run: number; checkpoint: Uint8Array }
  | { type: 'engram:ask'; run: number; question: number; ask: Question }
  /** `memory` where it is not shared; else the run has written it where it belongs. */
  /** The run was taken, and will change the network; one that was aborted before says nothing. */
  | { type: 'engram:begun'; run: number }
  | ({ type: 'engram:done'; run: number; stopped: Stopped; memory?: Float64Array } & Outcome)
  | { type: 'engram:stepped'; step: number; memory?: Float64Array; output?: Float64Array }
  | { type: 'engram:failed'; run?: number; step?: number; name: string; message: string; stack?: string };
