// engram/exchange, dist/exchange.js: models of other libraries in and out. It shares the library of the realm and adds
// nothing to who does not import it.

import './library.js';

import { useLibrary } from '../exchange/realm.js';
import { taken } from './shared.js';

const { api, gather } = taken();
useLibrary({ ...api, gather });

export * from '../exchange/index.js';
