// Workers of browsers and of Node behind one face, and the few of them that are kept.

import type { Worker as NodeWorker } from 'node:worker_threads';

import { configuration, engine, memoryLimits } from './engine.js';
import type { FromWorker, ToWorker } from './protocol.js';

/** How many threads this machine runs at once, as far as it tells. */
export function processors(): number {
  return (
    globalThis.navigator?.hardwareConcurrency ??
    builtin<typeof import('node:os')>('node:os')?.availableParallelism() ??
    1
  );
}

/** Idle workers that are kept for the next run. */
const MAX_IDLE = Math.max(4, processors());

/** Whether memory could be sent to a worker; undefined until one was started. */
let memoryWasShared: boolean | undefined;

/** Whether workers share the page's memory, as far as is known. */
export function sharesMemory(): boolean {
  if (configuration.shareMemory === 'never') return false;
  // WebKit says it is isolated and hides SharedArrayBuffer although sharing works, and other pages
  // that say nothing may not share: what a first worker found out counts for more.
  return memoryWasShared ?? globalThis.crossOriginIsolated !== false;
}

/** A module of Node; undefined elsewhere. A static import would break bundles for browsers. */
export function builtin<T>(name: string): T | undefined {
  const process = globalThis.process as (NodeJS.Process & { getBuiltinModule?: (name: string) => unknown }) | undefined;
  return process?.versions?.node === undefined ? undefined : (process.getBuiltinModule?.(name) as T);
}

/** A started worker. */
export class WorkerThread {
  /** Whether it works on the page's memory. */
  readonly shared: boolean;
  onmessage: (message: FromWorker) => void = () => {};
  onfailure: (error: Error) => void = () => {};
  /** Failed or ended: not to be used again. */
  dead = false;
  readonly #node: NodeWorker | undefined;
  readonly #web: Worker | undefined;

  constructor() {
    const threads = builtin<typeof import('node:worker_threads')>('node:worker_threads');
    const url = configuration.workerUrl;
    const heard = (data: FromWorker) => this.onmessage(data);
    if (threads !== undefined) {
      this.#node = new threads.Worker(
        url === undefined ? new URL('./worker.js', import.meta.url) : new URL(url, 'file:///'),
        // The process's own flags, such as --input-type, may not fit a script.
        { execArgv: [] },
      );
      this.#node.on('message', heard);
      this.#node.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#node.on('exit', (code) => this.#fail(new Error(`the worker ended with code ${code}`)));
    } else {
      // Bundlers look for exactly this text.
      this.#web =
        url === undefined
          ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
          : new Worker(url, { type: 'module' });
      this.#web.onmessage = (event: MessageEvent<FromWorker>) => heard(event.data);
      this.#web.onmessageerror = () => this.#fail(new Error('a message from the worker could not be read'));
      this.#web.onerror = (event) => {
        event.preventDefault();
        const where = url ?? new URL('./worker.js', import.meta.url);
        this.#fail(new Error(event.message || `the worker's script could not be loaded from ${where}`));
      };
    }
    const { module, memory } = engine();
    const limits = memoryLimits();
    const alone: ToWorker = { type: 'engram:boot', module, limits };
    let shared = configuration.shareMemory !== 'never';
    if (shared) {
      try {
        this.post({ ...alone, memory });
      } catch {
        // Not cross-origin isolated: shared memory exists but can't be sent (DataCloneError).
        shared = false;
      }
      memoryWasShared = shared;
    }
    if (!shared) this.post(alone);
    this.shared = shared;
  }

  #fail(error: Error): void {
    if (this.dead) return;
    this.dead = true;
    this.#web?.terminate();
    this.onfailure(error);
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.#node !== undefined) this.#node.postMessage(message, transfer as never);
    else this.#web?.postMessage(message, transfer);
  }

  /** In Node, whether the process waits for this worker. */
  keepAlive(keep: boolean): void {
    if (keep) this.#node?.ref();
    else this.#node?.unref();
  }

  terminate(): void {
    this.dead = true;
    this.#web?.terminate();
    void this.#node?.terminate();
  }
}

const idle: WorkerThread[] = [];

/** An idle worker that is kept, or a new one. */
export function leaseWorker(): WorkerThread {
  const wanted = configuration.shareMemory !== 'never';
  const index = idle.findIndex((worker) => !worker.dead && (wanted || !worker.shared));
  const worker = index < 0 ? new WorkerThread() : (idle.splice(index, 1)[0] as WorkerThread);
  worker.keepAlive(true);
  return worker;
}

/** Gives a worker back. */
export function releaseWorker(worker: WorkerThread): void {
  worker.onmessage = () => {};
  worker.onfailure = () => {};
  if (worker.dead) return;
  if (idle.length >= MAX_IDLE) {
    worker.terminate();
    return;
  }
  worker.keepAlive(false);
  idle.push(worker);
}

/** Lets a worker help with a run on shared memory until the run ends; then it is idle again. */
export function lendHelper(parcel: number, lost: () => void): void {
  const worker = leaseWorker();
  if (!worker.shared) {
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
