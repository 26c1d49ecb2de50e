// A page that learns by engram/rocket.

import { RocketClassifier } from '/pkg/dist/rocket.js';
import { learn } from '/tests/support/waves.mjs';

globalThis.engramTests = {
  /** The hash of the classifier that so many threads have learnt, and how many there were. */
  async hash(threads) {
    const { classifier, result } = await learn(RocketClassifier, threads);
    const bytes = new TextEncoder().encode(JSON.stringify(classifier));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return { hash: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''), threads: result.threads };
  },
};
