// One run on the calling thread, which does nothing else until the run ends.

import { named, wrongType } from '../checks/errors.js';
import { setsInEngine } from '../data/flat-set.js';
import { type Stopped, WORD } from '../engine/generated/tables.js';
import type { Run } from '../engine/runs.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { hostOf, outcomeOf } from '../worker/host.js';
import { answer, hasHeldOut, type RunPlan } from './plan.js';
import { Reporter, type TrainingResult } from './report.js';

/** Refuses a promise of one of the user's functions, for which nobody waits here. */
function refusePromise<T>(call: string, name: string, given: T): T {
  if (typeof Object(given).then !== 'function') return given;
  // It may reject, and is heard of by this error.
  Promise.resolve(given).catch(() => {});
  throw wrongType(call, `options.${name}'s answer`, 'no promise: trainAsync waits for one', given);
}

/** Trains a network by a plan, and returns when that is done. */
export function trainHere(live: LiveNetwork, plan: RunPlan): TrainingResult {
  const { sets, options, callbacks, signal } = plan;
  const reporter = new Reporter(options, hasHeldOut(plan), false, plan.remarks);
  const obey = () => {
    if (signal?.aborted) Atomics.store(live.words, WORD.abort, 1);
  };
  const host = hostOf({
    ask: (question) => {
      const given = refusePromise(plan.call, question.about, answer(question, callbacks, sets));
      // The user's functions are the one place where a signal can change while this thread trains.
      obey();
      return given;
    },
    report: (report) => {
      refusePromise(plan.call, 'onProgress', callbacks.progress(reporter.progress(report)));
      obey();
    },
    checkpoint: (checkpoint) => {
      refusePromise(plan.call, 'onCheckpoint', callbacks.checkpoint(checkpoint));
    },
  });
  return setsInEngine(sets, (all) => {
    let run: Run | undefined;
    live.beginRun(plan.held);
    try {
      run = named(plan.call, () => live.core.run(all, options));
      obey();
      run.train(host as never);
      run.handBack();
      return reporter.result(run.stopped() as Stopped, outcomeOf(run));
    } finally {
      run?.free();
      live.endRun();
    }
  });
}
