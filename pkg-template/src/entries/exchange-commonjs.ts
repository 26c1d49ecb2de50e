// require('engram/exchange'), dist/exchange.cjs.

import './engram.cjs';

import { useLibrary } from '../exchange/realm.js';
import { taken } from './shared.js';

const { api, gather } = taken();
useLibrary({ ...api, gather });

export * from '../exchange/index.js';
