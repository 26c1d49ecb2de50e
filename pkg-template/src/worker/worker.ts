// The worker's script: the service behind the port of a worker, in browsers a module worker, in Node a
// worker thread.

import { start } from '../engine/instance.js';
import { parentPort, postToPage } from './port.js';
import type { FromWorker, ToWorker } from './protocol.js';
import { idleByMessages, Service } from './service.js';

/** Stack of a thread that shares the page's memory, in bytes. */
const STACK = 1 << 20;

let memory: WebAssembly.Memory;
/** Gives the stack and the statics of this thread back to the memory it shares; nothing may be called after. */
let leave: (() => void) | undefined;

const post: (message: FromWorker, transfer?: Transferable[]) => void = postToPage;

const idle = parentPort ? () => new Promise<void>((resolve) => setImmediate(resolve)) : idleByMessages();
const service = new Service({ post, idle }, () => memory);

function boot({ module, memory: shared, limits }: Extract<ToWorker, { type: 'engram:boot' }>): void {
  memory = shared ?? new WebAssembly.Memory({ ...limits, shared: true });
  if (shared) {
    const { __wbindgen_thread_destroy: destroy } = start(module, memory, STACK);
    leave = () => destroy(0, 0, STACK);
    // With a memory of its own this is the first thread in it and has the stack that was linked.
  } else start(module, memory);
  post({ type: 'engram:ready' });
}

async function receive(message: ToWorker): Promise<void> {
  // Extensions and development tools post messages of their own.
  if (typeof message !== 'object' || message === null) return;
  if (message.type === 'engram:boot') await service.receive(message, () => boot(message));
  else if (message.type === 'engram:close') {
    // From inside and after all else: a worker that is ended from outside may hold the allocator's lock.
    leave?.();
    if (parentPort) parentPort.close();
    else globalThis.close();
  } else await service.receive(message);
}

if (parentPort) parentPort.on('message', receive);
else {
  globalThis.onmessage = (event: MessageEvent<ToWorker>) => void receive(event.data);
  // Node tells the page of rejections that nobody takes, browsers do not.
  globalThis.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
}
