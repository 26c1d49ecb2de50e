// The worker's script: trains runs and answers steps. Runs as a module worker in browsers and as a
// worker thread in Node.

import { errorOf } from '../checks/realm.js';
import { toEngine } from '../data/flat-set.js';
import { hasTrapped, help, Run, Session } from '../engine/core.js';
import { start } from '../engine/instance.js';
import { WORD, WORDS } from '../engine/words.js';
import type { Stopped } from '../training/run.js';
import { checkStep, checkTraining } from './message-check.js';
import {
  type Cargo,
  type FromWorker,
  type HostProgress,
  outcomeOf,
  type Question,
  type RunOptions,
  type ToWorker,
} from './protocol.js';

/** Stack of a thread that shares the page's memory, in bytes. */
const STACK = 1 << 20;
/** Milliseconds between two looks whether a pause has ended. */
const PAUSE_POLL = 10;

const process = globalThis.process as (NodeJS.Process & { getBuiltinModule?: (name: string) => unknown }) | undefined;
const parentPort = (
  process?.getBuiltinModule?.('node:worker_threads') as typeof import('node:worker_threads') | undefined
)?.parentPort;
const page = globalThis as unknown as { postMessage(message: unknown, transfer: Transferable[]): void };

function post(message: FromWorker, transfer: Transferable[] = []): void {
  if (parentPort) parentPort.postMessage(message, transfer as never);
  else page.postMessage(message, transfer);
}

let memory: WebAssembly.Memory;
/** Gives the stack and the statics of this thread back to the memory it shares; nothing may be called after. */
let leave: (() => void) | undefined;
/** Control words of the runs whose memory is this worker's own. */
const controls = new Map<number, Int32Array>();
const questions = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let asked = 0;
let session: Session | undefined;

function ask(run: number, question: Question, transfer: Transferable[] = []): Promise<unknown> {
  const number = asked++;
  post({ type: 'engram:ask', run, question: number, ask: question }, transfer);
  return new Promise((resolve, reject) => questions.set(number, { resolve, reject }));
}

/** Resolves once the messages that have arrived were handled. */
const idle: () => Promise<void> = (() => {
  if (parentPort) return () => new Promise<void>((resolve) => setImmediate(resolve));
  // setTimeout waits 4 ms when nested, a message does not.
  const channel = new MessageChannel();
  let wake: () => void = () => {};
  channel.port1.onmessage = () => wake();
  return () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      channel.port2.postMessage(null);
    });
})();

/** What the engine's driver calls; see `bindings/driver.rs`. */
function host(run: number, copies: Float64Array | undefined) {
  return {
    rate: (iteration: number, lastError: number) => ask(run, { about: 'rate', iteration, lastError }),
    cost: (outputs: Float64Array, steps: Uint32Array) =>
      ask(run, { about: 'cost', outputs, steps }, [outputs.buffer as ArrayBuffer, steps.buffer as ArrayBuffer]),
    schedule: (iteration: number, error: number, rate: number) =>
      ask(run, { about: 'schedule', iteration, error, rate }),
    progress(...[iteration, error, accuracy, rate, examples, trainingError, trainingAccuracy]: HostProgress) {
      const parameters = copies && new Float64Array(copies);
      const training = { error: trainingError, accuracy: trainingAccuracy };
      const message: FromWorker = {
        type: 'engram:progress',
        run,
        iteration,
        error,
        accuracy,
        rate,
        examples,
        training,
      };
      if (parameters) post({ ...message, parameters }, [parameters.buffer]);
      else post(message);
    },
    checkpoint(checkpoint: Uint8Array) {
      post({ type: 'engram:checkpoint', run, checkpoint }, [checkpoint.buffer as ArrayBuffer]);
    },
    idle,
    paused: () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_POLL)),
  };
}

function load(number: number, cargo: Cargo, options: RunOptions): { run: Run; copies: Float64Array | undefined } {
  if ('parcel' in cargo) return { run: Run.fromParcel(cargo.parcel, options), copies: undefined };
  const data = toEngine(cargo.set);
  try {
    const run = Run.fromCopy(cargo.program, cargo.memory, data, options);
    controls.set(number, new Int32Array(memory.buffer, run.wordsAddress(), WORDS));
    return { run, copies: new Float64Array(memory.buffer, run.memoryAddress(), cargo.parameters) };
  } finally {
    data.free();
  }
}

async function train(number: number, cargo: Cargo, options: RunOptions, resume?: Uint8Array): Promise<void> {
  const { run, copies } = load(number, cargo, options);
  try {
    if (resume !== undefined) {
      try {
        run.resume(resume);
      } catch (error) {
        // At once: the garbage collector does not see how much the engine holds.
        run.free();
        throw error;
      }
    }
    const done: Run = await run.drive(host(number, copies) as never);
    const image = done.memory();
    post({ type: 'engram:done', run: number, stopped: done.stopped() as Stopped, ...outcomeOf(done), memory: image }, [
      image.buffer as ArrayBuffer,
    ]);
    done.free();
  } finally {
    controls.delete(number);
  }
}

function step(message: Extract<ToWorker, { type: 'engram:step' }>): void {
  if (message.program !== undefined) {
    const next = new Session(message.program);
    session?.free();
    session = next;
  }
  if (session === undefined) throw new Error('the first step brings the program');
  let output: Float64Array | undefined;
  if ('activate' in message.act) output = session.activate(message.memory, message.act.activate);
  else session.propagate(message.memory, message.act.rate, message.act.propagate);
  const image = session.memory();
  post({ type: 'engram:stepped', step: message.step, memory: image, output }, [image.buffer as ArrayBuffer]);
}

function handle(message: ToWorker): void | Promise<void> {
  switch (message.type) {
    case 'engram:boot':
      memory = message.memory ?? new WebAssembly.Memory({ ...message.limits, shared: true });
      // With a memory of its own this is the first thread in it and has the stack that was linked.
      if (message.memory) {
        const { __wbindgen_thread_destroy: destroy } = start(message.module, memory, STACK);
        leave = () => destroy(0, 0, STACK);
      } else start(message.module, memory);
      post({ type: 'engram:ready' });
      return;
    case 'engram:train':
      checkTraining(message);
      return train(message.run, message.cargo, message.options, message.resume);
    case 'engram:help':
      // Blocks this worker until the run ends.
      help(message.parcel);
      post({ type: 'engram:helped', parcel: message.parcel });
      return;
    case 'engram:close':
      // From inside and after all else: who is ended from outside may hold the allocator's lock.
      leave?.();
      if (parentPort) parentPort.close();
      else globalThis.close();
      return;
    case 'engram:control': {
      const words = controls.get(message.run);
      if (words === undefined) return;
      if (message.control === 'abort' || message.control === 'checkpoint') {
        Atomics.store(words, WORD[message.control], 1);
      } else Atomics.store(words, WORD.pause, message.control === 'pause' ? 1 : 0);
      return;
    }
    case 'engram:answer': {
      const question = questions.get(message.question);
      questions.delete(message.question);
      if (message.error === undefined) question?.resolve(message.value);
      else question?.reject(new Error(message.error));
      return;
    }
    case 'engram:step':
      checkStep(message);
      return step(message);
  }
}

async function receive(message: ToWorker): Promise<void> {
  // Extensions and development tools post messages of their own.
  if (typeof message !== 'object' || message === null) return;
  try {
    await handle(message);
  } catch (thrown) {
    // The page hears of this as of anything uncaught: such a worker is of no use any more.
    if (hasTrapped()) throw thrown;
    const { name, message: text, stack } = errorOf(thrown);
    const about = 'run' in message ? { run: message.run } : 'step' in message ? { step: message.step } : {};
    post({ type: 'engram:failed', ...about, name, message: text, stack });
  }
}

if (parentPort) parentPort.on('message', receive);
else {
  globalThis.onmessage = (event: MessageEvent<ToWorker>) => void receive(event.data);
  // Node tells the page of rejections that nobody takes, browsers do not.
  globalThis.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
}
