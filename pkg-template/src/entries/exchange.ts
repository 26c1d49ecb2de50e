// engram/exchange, dist/exchange.js and exchange.cjs: models of other libraries in and out. It shares the library of the
// realm, which the build's first line loads, and adds nothing to who does not import it.

import { useLibrary } from '../exchange/realm.js';
import { taken } from './shared.js';

const { api, gather } = taken();
useLibrary({ ...api, gather });

export * from '../exchange/index.js';
