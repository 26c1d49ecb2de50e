// The session that a reload must not lose: settings, data, curves, and the last checkpoint of the run.

import { browserStore } from 'engram';

/** Every form of a session has a key of its own, so that the page never reads a session of another form. */
const KEY = 'engram-workbench-3';
const store = browserStore('workbench');

/** Saves a checkpoint with what is needed to go on from it; false where the browser has no room. */
export async function saveSession(session, checkpoint) {
  try {
    await store.save(checkpoint);
    localStorage.setItem(KEY, JSON.stringify(session));
    return true;
  } catch {
    await clearSession();
    return false;
  }
}

/** The session saved last, with its checkpoint; undefined if there is none, or only a part of it. */
export async function loadSession() {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    const checkpoint = session === null ? undefined : await store.load();
    return checkpoint && { session, checkpoint };
  } catch {
    return undefined;
  }
}

export async function clearSession() {
  localStorage.removeItem(KEY);
  // A browser that refuses to save anything has nothing to clear.
  await store.clear().catch(() => {});
}
