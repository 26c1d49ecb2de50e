// The package inside a worker thread of the application's own.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', (result) => console.log(JSON.stringify(result)));
} else {
  const { learn } = await import('../task.js');
  parentPort.postMessage(await learn(await import('engram')));
}
