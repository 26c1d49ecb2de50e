// A page that has the script and imports the module has one library, with one engine.
import * as engram from '/node_modules/engram/dist/engram.js';

import { learn, show } from '../task.js';

const one = engram.Network === globalThis.engram.Network;
show(one ? learn(engram) : Promise.reject(new Error('two libraries on one page')));
