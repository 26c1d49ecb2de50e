// Workers of browsers and of Node behind one face; where a platform has none, the calling thread.

import type { Worker as NodeWorker } from 'node:worker_threads';

import { errorOf, ofThisRealm } from '../checks/realm.js';
import { builtin } from '../engine/builtin.js';
import { configuration, engine, memoryLimits } from '../engine/engine.js';
import { carriedWorker, fileBeside, workerFromFile } from '../engine/files.js';
import type { FromWorker, ToWorker } from './protocol.js';
import { Service } from './service.js';

/** Whether memory could be sent to a worker; undefined until one was started. */
let memoryWasShared: boolean | undefined;

/** Whether workers share the page's memory, as far as is known. */
export function sharesMemory(): boolean {
  if (configuration.shareMemory === 'never') return false;
  // WebKit says it is isolated and hides SharedArrayBuffer although sharing works, and other pages
  // that say nothing may not share: what a first worker found out counts for more.
  return memoryWasShared ?? globalThis.crossOriginIsolated !== false;
}

/** Whether the worker's file is found, as far as is known. */
let scriptIsBeside = true;

/** A worker from the script that the entry carries; a policy must allow `worker-src blob:`. */
function inlinedWorker(): Worker {
  const url = URL.createObjectURL(new Blob([carriedWorker()], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } finally {
    // The worker has it by the time this is asked for again.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** Whether this platform has workers; workerd has none. */
export function hasWorkers(): boolean {
  const threads = builtin<typeof import('node:worker_threads')>('node:worker_threads');
  return typeof globalThis.Worker === 'function' || typeof threads?.Worker === 'function';
}

/** A started worker. */
export class WorkerThread {
  /** Whether it works on the page's memory. */
  readonly shared: boolean;
  onmessage: (message: FromWorker) => void = () => {};
  onfailure: (error: Error) => void = () => {};
  /** Failed or ended: not to be used again. */
  dead = false;
  #node: NodeWorker | undefined;
  #web: Worker | undefined;
  #local: Service | undefined;
  /** What was posted before the script said that it runs; undefined once it did. */
  #unheard: ToWorker[] | undefined = [];

  constructor() {
    if (!hasWorkers()) {
      this.#serveHere();
      this.shared = true;
      return;
    }
    const threads = builtin<typeof import('node:worker_threads')>('node:worker_threads');
    if (threads !== undefined) this.#startThread(threads.Worker);
    else this.#startWebWorker(scriptIsBeside ? 'beside' : 'inlined');
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

  #heard(message: FromWorker): void {
    if (message.type === 'engram:ready') this.#unheard = undefined;
    else this.onmessage(message);
  }

  /** Answers on this thread, between whatever else it does. */
  #serveHere(): void {
    const post = (message: FromWorker) => queueMicrotask(() => this.dead || this.#heard(message));
    const idle = () => new Promise<void>((resolve) => setTimeout(resolve));
    this.#local = new Service({ post, idle, isCallers: true }, () => engine().memory);
    this.#unheard = undefined;
  }

  #startThread(Thread: typeof NodeWorker): void {
    const script = fileBeside('worker.js');
    const exists = builtin<typeof import('node:fs')>('node:fs')?.existsSync;
    const url = configuration.workerUrl === undefined ? script : new URL(configuration.workerUrl, 'file:///');
    // The process's own flags, such as --input-type, may not fit a script.
    const options = { execArgv: [] };
    const isLost = url === undefined || (url === script && exists?.(url) === false);
    this.#node = isLost ? new Thread(carriedWorker(), { ...options, eval: true }) : new Thread(url, options);
    // Node makes messages and errors in its main realm, which is not that of a test in Jest.
    this.#node.on('message', (data: FromWorker) => this.#heard(ofThisRealm(data)));
    // What it threw comes before its end, and until then it may still train.
    let thrown: Error | undefined;
    this.#node.on('error', (error) => {
      thrown = errorOf(error);
    });
    this.#node.on('exit', (code) => this.#fail(thrown ?? new Error(`the worker ended with code ${code}`)));
  }

  #startWebWorker(where: 'beside' | 'inlined'): void {
    const url = configuration.workerUrl;
    let worker: Worker;
    if (url !== undefined) worker = new Worker(url, { type: 'module' });
    else if (where === 'inlined') worker = inlinedWorker();
    else {
      try {
        worker = workerFromFile();
      } catch {
        // A page's script, or a bundler has made one of the module.
        worker = inlinedWorker();
      }
    }
    this.#web = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#heard(event.data);
    worker.onmessageerror = () => this.#fail(new Error('a message from the worker could not be read'));
    worker.onerror = (event) => {
      event.preventDefault();
      const unheard = this.#unheard;
      if (unheard !== undefined && url === undefined && where === 'beside' && !this.dead) {
        // A bundler has lost the script: go on with the one that is carried inline.
        scriptIsBeside = false;
        worker.terminate();
        this.#startWebWorker('inlined');
        for (const message of unheard) this.#web?.postMessage(message);
        return;
      }
      this.#fail(new Error(event.message || `the worker's script could not be loaded from ${url ?? 'this page'}`));
    };
  }

  #fail(error: Error): void {
    if (this.dead) return;
    this.dead = true;
    this.#web?.terminate();
    this.onfailure(error);
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.#local !== undefined) {
      // Later, as for any worker: the caller goes on first.
      const service = this.#local;
      queueMicrotask(() => void service.receive(message).catch((error) => this.#fail(error)));
      return;
    }
    if (this.#node !== undefined) this.#node.postMessage(message, transfer as never);
    // What may have to be posted again can't be given away yet.
    else this.#web?.postMessage(message, this.#unheard === undefined ? transfer : []);
    this.#unheard?.push(message);
  }

  /** In Node, whether the process waits for this worker. */
  keepAlive(keep: boolean): void {
    if (keep) this.#node?.ref();
    else this.#node?.unref();
  }

  /** Lets it end by itself, when it has done what it still does; nobody may listen to it any more. */
  retire(): void {
    this.post({ type: 'engram:close' });
    this.dead = true;
    this.keepAlive(false);
  }

  /** Ends it at once. For a worker that has failed, as it may hold the allocator's lock. */
  terminate(): void {
    this.dead = true;
    this.#web?.terminate();
    void this.#node?.terminate();
  }
}
