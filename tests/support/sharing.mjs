// How memory is shared, for one test.

import { configure } from 'engram';

/** Runs of the test `t` share memory or not from now on; when it ends, however it does, it is 'auto' again. */
export function share(t, shareMemory) {
  t.after(() => configure({ shareMemory: 'auto' }));
  configure({ shareMemory });
}
