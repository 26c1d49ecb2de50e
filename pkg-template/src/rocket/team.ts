// The threads of a fit: workers, each with an engine of its own, or the calling thread where there are none.

import { errorOf, ofThisRealm } from '../checks/realm.js';
import { builtin } from '../engine/builtin.js';
import script from '../engine/generated/rocket-worker.txt';
import { rocketCore, rocketModule } from './module.js';
import type { Answer, FlatSeries, FromRocketWorker, Task, ToRocketWorker } from './protocol.js';
import { Tasks } from './tasks.js';

/** Does tasks, one at a time. */
export interface Member {
  ask<T extends Task>(task: T): Promise<Answer<T>>;
  /** Ends at once whatever it does; what was asked is not answered any more. */
  end(): void;
}

/** A team of so many threads; a smaller one where the platform gives fewer, of the calling thread at least. */
export async function gather(threads: number, series: FlatSeries): Promise<Member[]> {
  const started = Array.from({ length: threads }, () => startWorker(series));
  const ready = await Promise.all(started.map((worker) => worker.catch(() => undefined)));
  const members = ready.filter((member) => member !== undefined);
  return members.length > 0 ? members : [here(series)];
}

/** The calling thread, between whatever else it does. */
function here(series: FlatSeries): Member {
  rocketCore();
  const tasks = new Tasks(series);
  let ended = false;
  return {
    async ask<T extends Task>(task: T): Promise<Answer<T>> {
      await new Promise((resolve) => setTimeout(resolve));
      if (ended) return new Promise(() => {});
      return tasks.do(task).answer as Answer<T>;
    },
    end() {
      if (!ended) tasks.free();
      ended = true;
    },
  };
}

/** What goes to and from a worker, of whatever kind. */
interface Port {
  post(message: ToRocketWorker): void;
  terminate(): void;
}

interface Listener {
  heard(message: FromRocketWorker): void;
  failed(error: Error): void;
}

async function startWorker(series: FlatSeries): Promise<Member> {
  let waiting: { resolve(answer: unknown): void; reject(error: Error): void } | undefined;
  let broken: Error | undefined;
  const listener: Listener = {
    heard(message) {
      if (message.type === 'engram-rocket:ready') waiting?.resolve(undefined);
      else if (message.type === 'engram-rocket:done') waiting?.resolve(message.answer);
      else if (message.type === 'engram-rocket:failed') waiting?.reject(failure(message));
    },
    failed(error) {
      broken = error;
      waiting?.reject(error);
    },
  };
  const port = openPort(listener);
  const say = <T>(message: ToRocketWorker) =>
    new Promise<T>((resolve, reject) => {
      if (broken !== undefined) reject(broken);
      waiting = { resolve: resolve as (answer: unknown) => void, reject };
      port.post(message);
    });
  try {
    await say({ type: 'engram-rocket:setup', module: rocketModule(), series });
  } catch (error) {
    port.terminate();
    throw error;
  }
  return { ask: (task) => say({ type: 'engram-rocket:task', task }), end: () => port.terminate() };
}

/** The error that a worker has told of; an engine that has run out of memory traps. */
function failure({ name, message }: { name: string; message: string }): Error {
  if (name === 'RangeError') return new RangeError(message);
  return new Error(`engram/rocket: the worker failed with ${name}: ${message}`);
}

function openPort(listener: Listener): Port {
  const threads = builtin<typeof import('node:worker_threads')>('node:worker_threads');
  if (threads !== undefined) {
    // The process's own flags, such as --input-type, may not fit a script.
    const worker = new threads.Worker(script, { eval: true, execArgv: [] });
    // Node makes messages in its main realm, which is not that of a test in Jest.
    worker.on('message', (message: FromRocketWorker) => listener.heard(ofThisRealm(message)));
    worker.on('error', (error) => listener.failed(errorOf(error)));
    worker.on('exit', (code) => listener.failed(new Error(`the worker ended with code ${code}`)));
    return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = (event: MessageEvent<FromRocketWorker>) => {
    if (event.data.type === 'engram-rocket:ready') URL.revokeObjectURL(url);
    listener.heard(event.data);
  };
  worker.onmessageerror = () => listener.failed(new Error('a message from the worker could not be read'));
  worker.onerror = (event) => {
    event.preventDefault();
    URL.revokeObjectURL(url);
    listener.failed(new Error(event.message || 'the worker could not be started'));
  };
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
}
