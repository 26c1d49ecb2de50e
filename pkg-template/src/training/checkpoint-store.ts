// Places to keep a run's checkpoints: a file in Node, IndexedDB in browsers.

import { wrongType } from '../checks/errors.js';
import { builtin } from '../engine/builtin.js';

/** Keeps the newest checkpoint of a run. Saving puts the new one in place of the old one at once. */
export interface CheckpointStore {
  /** Keeps a checkpoint; give this as `onCheckpoint`. */
  save(checkpoint: Uint8Array): Promise<void>;
  /** The newest checkpoint; undefined if there is none. */
  load(): Promise<Uint8Array | undefined>;
  /** Forgets it. */
  clear(): Promise<void>;
}

/**
 * Keeps checkpoints in a file (Node). The file is replaced as a whole: a crash while saving leaves
 * the previous checkpoint.
 *
 * @example
 * const store = fileStore('training.checkpoint');
 * await trainer.trainAsync(set, { seed: 1, checkpointEvery: 10, onCheckpoint: store.save });
 */
export function fileStore(path: string): CheckpointStore {
  const call = 'fileStore';
  if (typeof path !== 'string') throw wrongType(call, 'path', 'a string', path);
  const files = builtin<typeof import('node:fs/promises')>('node:fs/promises');
  if (files === undefined) throw new TypeError(`${call}: there are no files here; use browserStore`);
  // One after the other: the last one given is the one that stays.
  let last: Promise<void> = Promise.resolve();
  const write = async (checkpoint: Uint8Array) => {
    const draft = `${path}.new`;
    const file = await files.open(draft, 'w');
    try {
      await file.writeFile(checkpoint);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(draft, path);
  };
  const missing = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  };
  return {
    save(checkpoint) {
      const done = last.then(() => write(checkpoint));
      last = done.catch(() => {});
      return done;
    },
    load: () => files.readFile(path).then((buffer) => new Uint8Array(buffer), missing),
    clear: () => files.rm(path, { force: true }),
  };
}

/**
 * Keeps checkpoints in the browser's IndexedDB, under a name of the page's choice.
 *
 * @example
 * const store = browserStore('names');
 */
export function browserStore(name: string): CheckpointStore {
  const call = 'browserStore';
  if (typeof name !== 'string') throw wrongType(call, 'name', 'a string', name);
  if (globalThis.indexedDB === undefined) throw new TypeError(`${call}: there is no IndexedDB here; use fileStore`);
  const table = 'checkpoints';
  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('engram', 1);
      request.onupgradeneeded = () => request.result.createObjectStore(table);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const transact = async <T>(mode: IDBTransactionMode, act: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(table, mode);
        const request = act(transaction.objectStore(table));
        // Kept once the transaction is complete, not before.
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => {
          const cause = transaction.error;
          reject(new Error(`${call}: IndexedDB refused: ${cause?.name} ${cause?.message}`, { cause }));
        };
      });
    } finally {
      database.close();
    }
  };
  return {
    save: async (checkpoint) => {
      await transact('readwrite', (objects) => objects.put(checkpoint, name));
    },
    load: () => transact<Uint8Array | undefined>('readonly', (objects) => objects.get(name)),
    clear: async () => {
      await transact('readwrite', (objects) => objects.delete(name));
    },
  };
}
