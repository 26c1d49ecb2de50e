// The page of chromium.mjs.

import * as engram from '/pkg/dist/engram.js';
import { tasksOf } from '/python/tests/host.mjs';

globalThis.engramTests = tasksOf(engram);
