// One run on the calling thread, which does nothing else until the run ends.

import { named, wrongType } from '../checks/errors.js';
import { setsInEngine } from '../data/flat-set.js';
import { type Stopped, WORD } from '../engine/generated/tables.js';
import type { Run } from '../engine/runs.js';
import type { LiveNetwork } from '../graph/live-network.js';
import { hostOf, outcomeOf } from '../worker/host.js';
import { answer, hasHeldOut, type RunPlan } from './plan.js';
import { Reporter, type TrainingResult } from './report.js';

/** Trains a network by a plan, and returns when that is done. */
export function trainHere(live: LiveNetwork, plan: RunPlan): TrainingResult {
  const { sets, options, callbacks, signal } = plan;
  const reporter = new Reporter(options, hasHeldOut(plan), false, plan.remarks);
  const obey = () => {
    if (signal?.aborted) Atomics.store(live.words, WORD.abort, 1);
  };
  const host = hostOf({
    ask: (question) => {
      const given = answer(question, callbacks, sets);
      if (typeof Object(given).then === 'function') {
        throw wrongType(plan.call, `options.${question.about}'s answer`, 'no promise: trainAsync waits for one', given);
      }
      // The user's functions are the one place where a signal can change while this thread trains.
      obey();
      return given;
    },
    report: (report) => {
      callbacks.progress(reporter.progress(report));
      obey();
    },
    checkpoint: (checkpoint) => callbacks.checkpoint(checkpoint),
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
