import * as engram from '/node_modules/engram/dist/slim.js';

import { learn, show } from '../task.js';

show(engram.init().then(() => learn(engram)));
