// The end of the channel to the page that the script of a worker has: the worker's own in browsers, a port in Node.

import { builtin } from '../engine/builtin.js';

/** Node's port; undefined in browsers. */
export const parentPort = builtin<typeof import('node:worker_threads')>('node:worker_threads')?.parentPort ?? undefined;
const page = globalThis as unknown as { postMessage(message: unknown, transfer: Transferable[]): void };

/** Posts a message to the page. */
export function postToPage(message: object, transfer: Transferable[] = []): void {
  if (parentPort) parentPort.postMessage(message, transfer as never);
  else page.postMessage(message, transfer);
}
