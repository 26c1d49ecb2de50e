import * as engram from '/node_modules/engram/dist/engram.js';

import { learn, show } from '../task.js';

show(learn(engram));
