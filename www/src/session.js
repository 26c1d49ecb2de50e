// What a reload must not lose: the settings, the data, the curves, and the run's last checkpoint.

import { browserStore } from 'engram';

/** Another one for every form of a session, so that the page never reads a session of another form. */
const KEY = 'engram-workbench-2';
const store = browserStore('workbench');

/** Keeps a checkpoint with what is needed to go on from it; false where the browser has no room. */
export async function keep(session, checkpoint) {
  try {
    await store.save(checkpoint);
    localStorage.setItem(KEY, JSON.stringify(session));
    return true;
  } catch {
    await forget();
    return false;
  }
}

/** What {@link keep} kept last; undefined if there is nothing, or nothing whole. */
export async function kept() {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    const checkpoint = session === null ? undefined : await store.load();
    return checkpoint && { session, checkpoint };
  } catch {
    return undefined;
  }
}

export async function forget() {
  localStorage.removeItem(KEY);
  // A browser that refuses to keep things has nothing to forget.
  await store.clear().catch(() => {});
}
