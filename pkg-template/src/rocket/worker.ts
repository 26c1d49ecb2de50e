// The script of a rocket's worker, in browsers and in Node: an engine of its own, and tasks one after the other.

import { initSync } from '../engine/generated/engram_rocket.js';
import { parentPort, postToPage } from '../worker/port.js';
import type { FromRocketWorker, ToRocketWorker } from './protocol.js';
import { Tasks } from './tasks.js';

const post: (message: FromRocketWorker, transfer?: Transferable[]) => void = postToPage;

let tasks: Tasks | undefined;

function receive(message: ToRocketWorker): void {
  // Extensions and development tools post messages of their own.
  if (typeof message !== 'object' || message === null) return;
  try {
    if (message.type === 'engram-rocket:setup') {
      initSync({ module: message.module });
      tasks = new Tasks(message.series);
      post({ type: 'engram-rocket:ready' });
    } else if (message.type === 'engram-rocket:task' && tasks !== undefined) {
      const { answer, transfer } = tasks.do(message.task);
      post({ type: 'engram-rocket:done', answer }, transfer);
    }
  } catch (error) {
    const { name, message: text } = error as Error;
    post({ type: 'engram-rocket:failed', name: String(name), message: String(text) });
  }
}

if (parentPort) parentPort.on('message', receive);
else globalThis.onmessage = (event: MessageEvent<ToRocketWorker>) => receive(event.data);
