// What a worker does for a page: trains runs, helps with others', takes single steps. The same service
// answers on the calling thread where a platform has no workers.

import { errorOf } from '../checks/realm.js';
import { toEngine } from '../data/flat-set.js';
import type { RunOptions } from '../engine/generated/tables.js';
import { WORD, WORDS } from '../engine/generated/tables.js';
import { hasTrapped } from '../engine/instance.js';
import { type DataSet, help, Run, Session, Sets } from '../engine/runs.js';
import { hostOf, outcomeOf } from './host.js';
import { checkStep, checkTraining } from './message-check.js';
import type { Cargo, Control, FromWorker, Question, StepCargo, ToWorker } from './protocol.js';

/** Milliseconds between two looks whether a pause has ended. */
const PAUSE_POLL = 10;

/** What a service needs of the thread that it runs on. */
export interface Thread {
  post(message: FromWorker, transfer?: Transferable[]): void;
  /** Resolves once the messages that have arrived were handled. */
  idle(): Promise<void>;
}

/** Sets the control word that a page's wish is about, in the words of its run. */
export function steer(words: Int32Array, control: Control): void {
  if (control === 'abort' || control === 'checkpoint') Atomics.store(words, WORD[control], 1);
  else Atomics.store(words, WORD.pause, control === 'pause' ? 1 : 0);
}

/** Resolves when what has been posted to this thread was handled. */
export function idleByMessages(): () => Promise<void> {
  // setTimeout waits 4 ms when nested, a message does not.
  const channel = new MessageChannel();
  let wake: () => void = () => {};
  channel.port1.onmessage = () => wake();
  return () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      channel.port2.postMessage(null);
    });
}

/** Serves one page from one thread. */
export class Service {
  readonly #thread: Thread;
  readonly #memory: () => WebAssembly.Memory;
  /** Control words of the runs whose memory is this thread's own. */
  readonly #controls = new Map<number, Int32Array>();
  readonly #questions = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #asked = 0;
  #session: { loan?: number; session: Session } | undefined;

  /** `memory` gives the memory of the engine's instance on this thread. */
  constructor(thread: Thread, memory: () => WebAssembly.Memory) {
    this.#thread = thread;
    this.#memory = memory;
  }

  /**
   * Answers a message, or has `handle` do so. What goes wrong is posted, but for a trap, after which the thread
   * is of no use.
   */
  async receive(message: ToWorker, handle = (given: ToWorker) => this.#handle(given)): Promise<void> {
    try {
      await handle(message);
    } catch (thrown) {
      if (hasTrapped()) throw thrown;
      const { name, message: text, stack } = errorOf(thrown);
      const about = 'run' in message ? { run: message.run } : 'step' in message ? { step: message.step } : {};
      this.#thread.post({ type: 'engram:failed', ...about, name, message: text, stack });
    }
  }

  #handle(message: ToWorker): void | Promise<void> {
    switch (message.type) {
      case 'engram:train':
        checkTraining(message);
        return this.#train(message);
      case 'engram:help':
        // Blocks this thread until the run ends.
        help(message.parcel);
        this.#thread.post({ type: 'engram:helped', parcel: message.parcel });
        return;
      case 'engram:control': {
        const words = this.#controls.get(message.run);
        if (words !== undefined) steer(words, message.control);
        return;
      }
      case 'engram:answer': {
        const question = this.#questions.get(message.question);
        this.#questions.delete(message.question);
        if (message.error === undefined) question?.resolve(message.value);
        else question?.reject(new Error(message.error));
        return;
      }
      case 'engram:step':
        checkStep(message);
        this.#step(message);
    }
  }

  #ask(run: number, ask: Question): Promise<unknown> {
    const question = this.#asked++;
    const transfer = ask.about === 'cost' ? [ask.outputs.buffer as ArrayBuffer, ask.steps.buffer as ArrayBuffer] : [];
    this.#thread.post({ type: 'engram:ask', run, question, ask }, transfer);
    return new Promise((resolve, reject) => this.#questions.set(question, { resolve, reject }));
  }

  /** A run, and a view of its weights and biases where they are not the page's own. */
  #load(number: number, cargo: Cargo, options: RunOptions): { run: Run; parameters?: Float64Array } {
    if ('parcel' in cargo) return { run: Run.fromParcel(cargo.parcel, options) };
    const data = [cargo.set, ...(cargo.heldOut ? [cargo.heldOut] : [])].map((set) => toEngine(set, 'unknown'));
    const sets = new Sets(data[0] as DataSet);
    try {
      if (data[1] !== undefined) sets.holdOut(data[1]);
      const run = Run.fromCopy(cargo.program, cargo.memory, sets, options);
      const { buffer } = this.#memory();
      this.#controls.set(number, new Int32Array(buffer, run.wordsAddress(), WORDS));
      return { run, parameters: new Float64Array(buffer, run.memoryAddress(), cargo.parameters) };
    } finally {
      sets.free();
      for (const set of data) set.free();
    }
  }

  async #train(message: Extract<ToWorker, { type: 'engram:train' }>): Promise<void> {
    const { run: number, cargo, options, resume, aborted } = message;
    const { run, parameters } = this.#load(number, cargo, options);
    const { post } = this.#thread;
    const host = hostOf(
      {
        ask: (question) => this.#ask(number, question),
        report: (report) => {
          const copy = parameters && new Float64Array(parameters);
          post({ type: 'engram:progress', run: number, ...report, parameters: copy }, copy ? [copy.buffer] : []);
        },
        checkpoint: (checkpoint) =>
          post({ type: 'engram:checkpoint', run: number, checkpoint }, [checkpoint.buffer as ArrayBuffer]),
      },
      {
        idle: this.#thread.idle,
        paused: () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_POLL)),
      },
    );
    const words = this.#controls.get(number);
    if (aborted && words !== undefined) steer(words, 'abort');
    try {
      if (resume !== undefined) run.resume(resume);
      if (!aborted) post({ type: 'engram:begun', run: number });
      let answer: unknown;
      for (let wait: unknown = run.advance(host, answer); wait !== undefined; wait = run.advance(host, answer)) {
        answer = await wait;
      }
      const memory = parameters && run.memory();
      if (memory === undefined) run.handBack();
      const ended = { run: number, stopped: run.stopped() as never, ...outcomeOf(run) };
      post({ type: 'engram:done', ...ended, memory }, memory ? [memory.buffer as ArrayBuffer] : []);
    } finally {
      this.#controls.delete(number);
      // At once: the garbage collector does not see how much the engine holds. Nothing is to be touched after a trap.
      if (!hasTrapped()) run.free();
    }
  }

  #step({ step, cargo, act }: Extract<ToWorker, { type: 'engram:step' }>): void {
    const session = this.#sessionFor(cargo);
    const shared = 'loan' in cargo;
    if (!shared) session.load(cargo.memory);
    let output: Float64Array | undefined;
    if ('activate' in act) output = session.activate(act.activate);
    else session.propagate(act.rate, act.propagate);
    const memory = shared ? undefined : session.memory();
    this.#thread.post({ type: 'engram:stepped', step, memory, output }, memory ? [memory.buffer as ArrayBuffer] : []);
  }

  /** The session that goes on, or one of the network that a step brings. */
  #sessionFor(cargo: StepCargo): Session {
    const loan = 'loan' in cargo ? cargo.loan : undefined;
    const program = 'program' in cargo ? cargo.program : undefined;
    if (program !== undefined || (loan !== undefined && loan !== this.#session?.loan)) {
      const session = loan === undefined ? Session.fromProgram(program as BigUint64Array) : Session.fromLoan(loan);
      this.#session?.session.free();
      this.#session = { loan, session };
    }
    if (this.#session === undefined) throw new Error('the first step brings the network');
    return this.#session.session;
  }
}
