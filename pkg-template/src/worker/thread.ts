// Workers of browsers and of Node behind one face; where a platform has none, the calling thread.

import type { Worker as NodeWorker } from 'node:worker_threads';

import { errorOf, ofThisRealm } from '../checks/realm.js';
import { builtin } from '../engine/builtin.js';
import { configuration, engine, memoryLimits } from '../engine/engine.js';
import { carriedWorker, fileBeside, type WorkerText, workerFromFile } from '../engine/files.js';
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

/** A worker from its script's text; a policy must allow `worker-src blob:`. */
function inlinedWorker(text: string): Worker {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
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
  /** Whether Node's process waits for it. */
  #isAwaited = true;
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
    else this.#startWebWorker();
    const { module, memory } = engine();
    const limits = memoryLimits();
    const alone: ToWorker = { type: 'engram:boot', module, limits };
    // Where the worker waits for its script, memory can't be sent to try.
    let shared = this.#isStarted ? configuration.shareMemory !== 'never' : sharesMemory();
    if (shared) {
      try {
        this.post({ ...alone, memory });
      } catch {
        // Not cross-origin isolated: shared memory exists but can't be sent (DataCloneError).
        shared = false;
      }
      if (this.#isStarted) memoryWasShared = shared;
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
    this.#local = new Service({ post, idle }, () => engine().memory);
    this.#unheard = undefined;
  }

  #startThread(Thread: typeof NodeWorker): void {
    const script = fileBeside('worker.js');
    const exists = builtin<typeof import('node:fs')>('node:fs')?.existsSync;
    const url = configuration.workerUrl === undefined ? script : new URL(configuration.workerUrl, 'file:///');
    // The process's own flags, such as --input-type, may not fit a script.
    const options = { execArgv: [] };
    const isLost = url === undefined || (url === script && exists?.(url) === false);
    if (isLost) this.#whenCarried((text) => this.#useThread(new Thread(text, { ...options, eval: true })));
    else this.#useThread(new Thread(url, options));
  }

  #useThread(thread: NodeWorker): void {
    this.#node = thread;
    this.keepAlive(this.#isAwaited);
    // Node makes messages and errors in its main realm, which is not that of a test in Jest.
    thread.on('message', (data: FromWorker) => this.#heard(ofThisRealm(data)));
    // What it threw comes before its end, and until then it may still train.
    let thrown: Error | undefined;
    thread.on('error', (error) => {
      thrown = errorOf(error);
    });
    thread.on('exit', (code) => this.#fail(thrown ?? new Error(`the worker ended with code ${code}`)));
  }

  #startWebWorker(): void {
    const url = configuration.workerUrl;
    if (url !== undefined) this.#useWebWorker(new Worker(url, { type: 'module' }));
    else if (!scriptIsBeside) this.#inline();
    else {
      let worker: Worker;
      try {
        worker = workerFromFile();
      } catch {
        // A page's script, or a bundler has made one of the module.
        this.#inline();
        return;
      }
      this.#useWebWorker(worker, () => {
        // A bundler has lost the script: go on with the one that is carried.
        scriptIsBeside = false;
        worker.terminate();
        this.#web = undefined;
        try {
          this.#inline();
        } catch (error) {
          this.#fail(errorOf(error));
        }
      });
    }
  }

  #inline(): void {
    this.#whenCarried((text) => this.#useWebWorker(inlinedWorker(text)));
  }

  /** Listens to a worker. `lost` is called where it fails before its script has said a word. */
  #useWebWorker(worker: Worker, lost?: () => void): void {
    this.#web = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#heard(event.data);
    worker.onmessageerror = () => this.#fail(new Error('a message from the worker could not be read'));
    worker.onerror = (event) => {
      event.preventDefault();
      if (lost !== undefined && this.#unheard !== undefined && !this.dead) {
        lost();
        return;
      }
      const from = configuration.workerUrl ?? 'this page';
      this.#fail(new Error(event.message || `the worker's script could not be loaded from ${from}`));
    };
  }

  /** Starts a worker from the carried script, at once where the text is there, and posts what has waited for it. */
  #whenCarried(start: (text: string) => void): void {
    const go = (text: string): void => {
      start(text);
      for (const message of this.#unheard ?? []) this.#send(message);
    };
    const text: WorkerText = carriedWorker();
    if (typeof text === 'string') go(text);
    else {
      text.then((loaded) => this.dead || go(loaded)).catch((error: unknown) => this.#fail(errorOf(error)));
    }
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
    this.#send(message, transfer);
    this.#unheard?.push(message);
  }

  /** Hands a message to the worker; one that is still to be made is sent what was not heard. */
  #send(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.#node !== undefined) this.#node.postMessage(message, transfer as never);
    // What may have to be posted again can't be given away yet.
    else this.#web?.postMessage(message, this.#unheard === undefined ? transfer : []);
  }

  get #isStarted(): boolean {
    return this.#node !== undefined || this.#web !== undefined;
  }

  /** In Node, whether the process waits for this worker. */
  keepAlive(keep: boolean): void {
    this.#isAwaited = keep;
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
