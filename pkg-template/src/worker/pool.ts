// The few workers that are kept for the next run, and those that help with one.

import { hardwareConcurrency } from '../engine/builtin.js';
import { hasWorkers, sharesMemory, WorkerThread } from './thread.js';

/** How many runs, or threads of one, the machine does at once: where there are no workers, the calling thread's alone. */
export const processors = (): number => (hasWorkers() ? hardwareConcurrency() : 1);

/** Idle workers that are kept for the next run. Asked for when one is given back: to ask takes Node a while. */
const maxIdle = () => Math.max(4, processors());

const idle: WorkerThread[] = [];

/** An idle worker that is kept, or a new one. */
export function leaseWorker(): WorkerThread {
  const shared = sharesMemory();
  const index = idle.findIndex((worker) => !worker.dead && worker.shared === shared);
  const worker = index < 0 ? new WorkerThread() : (idle.splice(index, 1)[0] as WorkerThread);
  worker.keepAlive(true);
  return worker;
}

/** Gives a worker back. */
export function releaseWorker(worker: WorkerThread): void {
  worker.onmessage = () => {};
  worker.onfailure = () => {};
  if (worker.dead) return;
  if (idle.length >= maxIdle()) {
    worker.retire();
    return;
  }
  worker.keepAlive(false);
  idle.push(worker);
}

/** Lets a worker help with a run on shared memory until the run ends; then it is idle again. */
export function lendHelper(parcel: number, lost: () => void): void {
  const worker = leaseWorker();
  if (!worker.shared || !hasWorkers()) {
    releaseWorker(worker);
    return;
  }
  worker.onmessage = (message) => {
    if (message.type === 'engram:helped') releaseWorker(worker);
    else if (message.type === 'engram:failed') {
      lost();
      worker.terminate();
    }
  };
  worker.onfailure = lost;
  // The run's own worker keeps the process alive.
  worker.keepAlive(false);
  worker.post({ type: 'engram:help', parcel });
}

/** The error that a worker reported, with the stack it had there. */
export function errorFrom(message: { name: string; message: string; stack?: string }): Error {
  const kinds: Record<string, ErrorConstructor> = { TypeError, RangeError };
  const error = new (kinds[message.name] ?? Error)(message.message);
  if (message.stack !== undefined) error.stack = `${error.stack ?? ''}\nin the worker: ${message.stack}`;
  return error;
}
