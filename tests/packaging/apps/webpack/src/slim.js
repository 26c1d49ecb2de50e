import * as engram from 'engram/slim';

import { learn, show } from '../../task.js';

show(engram.init().then(() => learn(engram)));
